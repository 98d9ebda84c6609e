// Asking for a list, and saying what one thinks of its tracks.

import { api, Failure, newKey } from "./api.js";
import { useCallback, useEffect, useRef, useState } from "./view.js";
import { isAsked, queryOf } from "./wish.js";

const NONE = { status: "none", answer: null, failure: null };

/** The list of a wish: {status: "none" | "working" | "ready" | "failed", answer, failure}. An
 * earlier answer stays in sight while the next one is made, and when it cannot be had. */
export function useList(session, wish, limits, onSignedOut) {
  const [list, setList] = useState(NONE);
  const [round, setRound] = useState(0);
  const again = useCallback(() => setRound((n) => n + 1), []);
  useEffect(() => {
    if (session.phase !== "ready") return undefined;
    if (!isAsked(wish)) {
      setList(NONE);
      return undefined;
    }
    const stop = new AbortController();
    setList((before) => ({ ...before, status: "working", failure: null }));
    api.recommend(queryOf(wish, limits, session.moods), stop.signal).then(
      (answer) => stop.signal.aborted || setList({ status: "ready", answer, wish, failure: null }),
      (failure) => {
        if (stop.signal.aborted) return;
        if (!(failure instanceof Failure)) throw failure;
        if (failure.kind === "signed-out") onSignedOut();
        setList((before) => ({ ...before, status: "failed", failure }));
      },
    );
    return () => stop.abort();
  }, [session.phase, session.moods, wish, limits, round]);
  return { ...list, again };
}

/** What was said of each track: {track id: {action, key, failure}}; shown at once, taken back
 * where the service did not keep it. */
export function useFeedback(onSignedOut) {
  const [said, setSaid] = useState({});
  const latest = useRef(said);
  latest.current = said;
  const put = (id, entry) => setSaid((all) => ({ ...all, [id]: entry }));

  const keep = async (id, entry, before, ask) => {
    put(id, entry);
    try {
      await ask();
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      if (failure.kind === "signed-out") onSignedOut();
      put(id, { ...before, failure });
    }
  };
  const say = useCallback((track, action) => {
    const event = { key: newKey(), track_id: track.track_id, mood: track.mood, action };
    const before = latest.current[track.track_id];
    return keep(track.track_id, { action, key: event.key }, before, () => api.say(event));
  }, []);
  const undo = useCallback((track) => {
    const before = latest.current[track.track_id];
    if (!before?.key) return undefined;
    return keep(track.track_id, {}, before, () => api.unsay(before.key));
  }, []);
  return { said, say, undo, clear: useCallback(() => setSaid({}), []) };
}
