// The moods: their colours, their names, and which ones lie near a place on the plane.

import { texts } from "./texts.js";

/** Angles on the circumplex, in degrees, that the colours --mood-1 to --mood-9 are made for. */
const SLOTS = [8, 25, 37, 49, 74, 208, 257, 316, 318];
/** What lies nearer to the middle than this has no direction: --mood-10 and --mood-11. */
const CENTRE = 0.2;
const CENTRE_SLOTS = [10, 11];
/** How far a mood is heard on the plane, and the least share that is worth naming. */
const REACH = 0.17;
const LEAST_SHARE = 0.08;
const MOST_NEAR = 4;
/** What lies farther from a mood than this is not called by its name. */
const NAMED = 0.36;
/** What lies nearer to the middle of an axis than this is neither of its ends. */
const MIDDLING = 0.12;

const around = (a, b) => Math.min(Math.abs(a - b), 360 - Math.abs(a - b));

function slotOf(mood, taken) {
  const [x, y] = [mood.valence - 0.5, mood.arousal - 0.5];
  if (Math.hypot(x, y) < CENTRE) {
    return CENTRE_SLOTS.find((slot) => !taken.has(slot)) ?? CENTRE_SLOTS[0];
  }
  const angle = ((Math.atan2(y, x) * 180) / Math.PI + 360) % 360;
  const near = SLOTS.map((at, i) => [around(at, angle), i + 1]).sort((a, b) => a[0] - b[0]);
  return (near.find(([, slot]) => !taken.has(slot)) ?? near[0])[1];
}

/** The moods of a taxonomy with what the page needs of them, by name. */
export class Moods {
  constructor({ moods, listener_moods: occasions }) {
    const taken = new Set();
    this.all = moods.map((mood) => {
      const slot = slotOf(mood, taken);
      taken.add(slot);
      return { ...mood, slot, color: `var(--mood-${slot})` };
    });
    this.all.sort((a, b) => a.slot - b.slot); // around the circle, as the colours go
    this.byName = new Map(this.all.map((mood) => [mood.name, mood]));
    this.offered = this.all.filter((mood) => mood.offered);
    this.kinds = this.all.filter((mood) => !mood.offered);
    this.occasions = occasions;
  }

  /** The colour of a mood as CSS; of a listener mood, that of the song mood it asks most of. */
  color(name) {
    const occasion = this.occasions.find((one) => one.name === name);
    const most = occasion && Object.entries(occasion.weights).sort((a, b) => b[1] - a[1])[0]?.[0];
    return this.byName.get(most ?? name)?.color ?? "var(--mood-10)";
  }

  /** How much of each offered mood there is at a place: {name: share}, summing to 1. */
  near([valence, arousal]) {
    const heard = this.offered.map((mood) => {
      const distance = Math.hypot(mood.valence - valence, mood.arousal - arousal);
      return [mood.name, Math.exp(-0.5 * (distance / REACH) ** 2)];
    });
    return shares(heard, MOST_NEAR);
  }
}

/** What a place is called: by the mood that is near, or by the ends of the axes. */
export function placeName(moods, [valence, arousal]) {
  const far = (mood) => Math.hypot(mood.valence - valence, mood.arousal - arousal);
  const [nearest] = [...moods.offered].sort((a, b) => far(a) - far(b));
  if (nearest && far(nearest) <= NAMED) return moodName(nearest.name);
  const { left, right, low, high, middle } = texts.pad;
  const end = (value, least, most) => (Math.abs(value - 0.5) < MIDDLING ? null : value < 0.5 ? least : most);
  const ends = [end(valence, left, right), end(arousal, low, high)].filter(Boolean);
  return ends.join(texts.list.join) || middle;
}

/** The largest `most` of [name, weight] pairs as shares that sum to 1, the least ones left out. */
export function shares(pairs, most) {
  const sum = (some) => some.reduce((total, [, weight]) => total + weight, 0);
  const all = sum(pairs) || 1;
  const kept = pairs
    .filter(([, weight]) => weight / all >= LEAST_SHARE)
    .sort((a, b) => b[1] - a[1])
    .slice(0, most);
  const left = sum(kept) || 1;
  return Object.fromEntries(kept.map(([name, weight]) => [name, Math.round((weight / left) * 1000) / 1000]));
}

/** The colours of a mix as glows where its moods lie: what stands behind a heading. */
export const glowsOf = (moods, mix) =>
  moods.all
    .filter(({ name }) => mix[name] > 0)
    .map(({ name, color, valence, arousal }) => ({
      name,
      style: { "--mood": color, "--x": valence, "--y": 1 - arousal, "--share": mix[name] },
    }));

/** All colours around the circle: for where no mood is known yet. */
export const AROUND = SLOTS.map((angle, i) => {
  const along = (wave) => 0.5 + 0.5 * wave((angle * Math.PI) / 180);
  return { name: i, style: { "--mood": `var(--mood-${i + 1})`, "--x": along(Math.cos), "--y": 1 - along(Math.sin), "--share": 0.2 } };
});

export const moodName = (name) => texts.moodNames[name] ?? name;
