// Where the list's tracks lie on the map.

import { api, Failure } from "./api.js";
import { useEffect, useState } from "./view.js";

/** How many of a list are lit, and how many are looked up at a time: the service has a rate. */
const MOST_LIT = 50;
const AT_ONCE = 3;

const known = new Map();

const rest = (seconds) => new Promise((done) => setTimeout(done, 1000 * seconds));

async function placeOf(track, signal) {
  while (!known.has(track.track_id)) {
    try {
      const { valence, arousal } = await api.track(track.track_id, signal);
      known.set(track.track_id, [valence, arousal]);
    } catch (failure) {
      if (failure.kind !== "busy" || !failure.retryAfter || signal.aborted) throw failure;
      await rest(failure.retryAfter); // nobody waits for it: it comes when the service has time
    }
  }
  return known.get(track.track_id);
}

/** {wanted, tracks with `at`, failure}; the tracks come in as they are found. */
export function useLit(answer) {
  const wanted = (answer?.recommendations ?? []).slice(0, MOST_LIT);
  const [found, setFound] = useState({ tracks: [] });
  useEffect(() => {
    const stop = new AbortController();
    const tracks = [];
    const queue = wanted.map((track, i) => [track, answer.journey?.places[i]]);
    const work = async () => {
      for (let next = queue.shift(); next && !stop.signal.aborted; next = queue.shift()) {
        const [track, place] = next;
        tracks.push({ ...track, at: place ?? (await placeOf(track, stop.signal)) });
        if (!stop.signal.aborted) setFound({ tracks: [...tracks].sort((a, b) => a.rank - b.rank) });
      }
    };
    setFound({ tracks: [] });
    Promise.all(Array.from({ length: AT_ONCE }, work)).catch((failure) => {
      if (stop.signal.aborted) return;
      if (!(failure instanceof Failure)) throw failure;
      setFound((before) => ({ ...before, failure }));
    });
    return () => stop.abort();
  }, [answer]);
  return { wanted, ...found };
}
