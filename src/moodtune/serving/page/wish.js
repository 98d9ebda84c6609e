// What somebody wishes for: how they are, and the limits; as an address and as a query.

import { listed, percent } from "./format.js";
import { moodName, placeName, shares } from "./moods.js";
import { texts } from "./texts.js";

/** Nothing asked yet. `way`: "moods", "place", "answers" or "like". */
export const NO_WISH = {
  way: "moods",
  moods: {}, // song mood -> weight
  at: null, // [valence, arousal]
  goal: null, // [valence, arousal]: a journey
  answers: null, // column -> answer
  answersGoal: "", // mood that the answers' journey leads to
  like: null, // {track_id, title, moods}
};

export const DEFAULT_LIMITS = { n: 10, artist_cap: 2, artist_gap: 0, diversity: 0 };

/** Whether enough is said to make a list. */
export function isAsked(wish) {
  return {
    moods: Object.keys(wish.moods).length > 0,
    place: wish.at !== null,
    answers: wish.answers !== null,
    like: wish.like !== null,
  }[wish.way];
}

/** The limits that differ from the defaults, in the words of the API. */
export function setLimits(limits) {
  return Object.fromEntries(
    Object.entries(limits).filter(
      ([name, value]) =>
        value !== null && value !== false && value !== "" && value?.length !== 0 && DEFAULT_LIMITS[name] !== value,
    ),
  );
}

/** The body of POST /v1/recommendations. */
export function queryOf(wish, limits, moods) {
  // With a length and no number of its own the list has as many tracks as fit.
  const n = limits.minutes && limits.n === DEFAULT_LIMITS.n ? {} : { n: limits.n };
  return { ...asked(wish, moods), ...n, ...setLimits(limits) };
}

function asked(wish, moods) {
  const names = Object.keys(wish.moods);
  if (wish.way === "moods") return names.length === 1 ? { mood: names[0] } : { blend: wish.moods };
  if (wish.way === "like") return { blend: wish.like.moods, likes: [wish.like.track_id] };
  if (wish.way === "answers") {
    const goal = wish.answersGoal && { journey: { goal: wish.answersGoal } };
    return { answers: wish.answers, ...goal };
  }
  if (wish.goal) return { journey: { start: wish.at, goal: wish.goal } };
  return { blend: moods.near(wish.at) };
}

/** The heading over the list. */
export function titleOf(wish, moods) {
  const { heading } = texts.list;
  if (wish.way === "like") return heading.like(wish.like.title);
  if (wish.way === "answers") {
    return wish.answersGoal ? heading.answersTo(moodName(wish.answersGoal)) : heading.answers;
  }
  if (wish.way === "place") {
    const at = placeName(moods, wish.at);
    return wish.goal ? heading.journey(at, placeName(moods, wish.goal)) : heading.place(at);
  }
  const pairs = Object.entries(shares(Object.entries(wish.moods), 20));
  if (pairs.length === 1) return capital(moodName(pairs[0][0]));
  return capital(listed(pairs.map(([name]) => moodName(name))));
}

const capital = (text) => text.charAt(0).toLocaleUpperCase(texts.language) + text.slice(1);

/** The share of each mood in words: "melancholy 60 %, calm 40 %". */
export const mixOf = (mix) =>
  Object.entries(mix)
    .map(([name, share]) => `${moodName(name)} ${percent(share)}`)
    .join(", ");

// The wish stands in the page's address, so that it can be kept, sent and gone back to. Answers to
// questions never do: they are personal.

const point = (text) => {
  const values = (text ?? "").split(",").map(Number);
  return values.length === 2 && values.every((v) => v >= 0 && v <= 1) ? values : null;
};
const written = (at) => at.map((v) => v.toFixed(3)).join(",");
const LISTS = ["genres", "not_genres"];
const RANGES = ["year", "tempo"];

/** The fragment of the page's address for a wish, without its "#". */
export function toFragment(wish, limits) {
  const said = new URLSearchParams();
  if (wish.way === "moods") {
    for (const [name, weight] of Object.entries(wish.moods)) said.append("mood", `${name}:${weight}`);
  }
  if (wish.way === "place" && wish.at) said.set("at", written(wish.at));
  if (wish.way === "place" && wish.goal) said.set("to", written(wish.goal));
  for (const [name, value] of Object.entries(setLimits(limits))) {
    for (const one of LISTS.includes(name) ? value : [value]) said.append(name, one);
  }
  return said.toString();
}

/** The wish and the limits of a fragment; what cannot be read is left out. */
export function fromFragment(fragment, moods) {
  const said = new URLSearchParams(fragment.replace(/^#/, ""));
  const wish = { ...NO_WISH, moods: {} };
  for (const pair of said.getAll("mood")) {
    const at = pair.lastIndexOf(":");
    const [name, weight] = at < 0 ? [pair, 1] : [pair.slice(0, at), Number(pair.slice(at + 1))];
    if (moods.byName.has(name) && weight > 0) wish.moods[name] = weight;
  }
  wish.at = point(said.get("at"));
  wish.goal = wish.at && point(said.get("to"));
  if (wish.at) wish.way = "place";
  return { wish, limits: limitsOf(said) };
}

function limitsOf(said) {
  const limits = { ...DEFAULT_LIMITS };
  for (const name of ["n", "artist_cap", "artist_gap", "diversity", "minutes", "max_popularity"]) {
    const value = Number(said.get(name));
    if (said.get(name) && Number.isFinite(value)) limits[name] = value;
  }
  for (const name of LISTS) if (said.has(name)) limits[name] = said.getAll(name);
  for (const name of RANGES) {
    const ends = (said.get(name) ?? "").split(",").map(Number);
    if (ends.length === 2 && ends.every(Number.isFinite)) limits[name] = ends;
  }
  if (said.has("no_explicit")) limits.no_explicit = true;
  return limits;
}
