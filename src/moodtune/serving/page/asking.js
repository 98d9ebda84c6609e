// Asking for a list, and saying what one thinks of its tracks.

import { api, Failure, newKey } from "./api.js";
import { useCallback, useEffect, useRef, useState } from "./view.js";
import { isAsked, queryOf } from "./wish.js";

const NONE = { status: "none", answer: null, failure: null };

/** The list of a wish: {status: "none" | "working" | "ready" | "failed", answer, failure}. An
 * earlier answer stays in sight while the next one is made, and when it cannot be had. */
export function useList(session, wish, limits) {
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
        setList((before) => ({ ...before, status: "failed", failure }));
      },
    );
    return () => stop.abort();
  }, [session.phase, session.moods, wish, limits, round]);
  return { ...list, again };
}

const GONE = 404;

/** What was said of each track: {track id: {action, key, failure}}; shown at once, taken back
 * where the service did not keep it. */
export function useFeedback() {
  const [said, setSaid] = useState({});
  const latest = useRef(said); // ahead of what is drawn: two presses may come between
  const turns = useRef(new Map()); // what is said of one track arrives in the order it was said
  const put = (id, entry) => {
    latest.current = { ...latest.current, [id]: entry };
    setSaid(latest.current);
  };
  const keep = (id, entry, ask) => {
    const before = latest.current[id];
    put(id, entry);
    const turn = (turns.current.get(id) ?? Promise.resolve()).then(ask).catch((failure) => {
      if (!(failure instanceof Failure)) throw failure;
      put(id, { ...before, failure });
    });
    turns.current.set(id, turn);
    return turn;
  };
  const say = useCallback((track, action) => {
    const event = { key: newKey(), track_id: track.track_id, mood: track.mood, action };
    const earlier = latest.current[track.track_id]?.key;
    return keep(track.track_id, { action, key: event.key }, async () => {
      if (earlier) await taken(earlier); // a second thought takes the place of the first
      await api.say(event);
    });
  }, []);
  const undo = useCallback((track) => {
    const { key } = latest.current[track.track_id] ?? {};
    return key && keep(track.track_id, {}, () => taken(key));
  }, []);
  const clear = useCallback(() => {
    latest.current = {};
    setSaid({});
  }, []);
  return { said, say, undo, clear };
}

/** Take an event back; one that is gone already is as it should be. */
async function taken(key) {
  try {
    await api.unsay(key);
  } catch (failure) {
    if (failure.status !== GONE) throw failure;
  }
}
