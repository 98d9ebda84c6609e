// Where the list's tracks lie on the map.

/** How many of a list are lit: more would hide each other. */
const MOST_LIT = 50;

/** The first of the list, each with `at`: its place on the plane. */
export const litOf = (answer) =>
  (answer?.recommendations ?? [])
    .slice(0, MOST_LIT)
    .map((track) => ({ ...track, at: [track.valence, track.arousal] }));
