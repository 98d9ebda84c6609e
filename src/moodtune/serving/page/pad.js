// The pad: the valence-arousal plane. One dot says where somebody is; a second one, where to.

import { clamp } from "./format.js";
import { moodName, placeName } from "./moods.js";
import { mixOf } from "./wish.js";
import { MixBar } from "./chips.js";
import { texts } from "./texts.js";
import { html, useEffect, useMemo, useRef, useState } from "./view.js";

const STEP = 0.02;
const LONG_STEP = 0.1;
const SETTLED_MS = 400;
const MIDDLE = [0.5, 0.5];
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
/** Share of the pad that labels stand apart, and that counts as the same column. */
const LABEL_GAP = 0.075;
const LABEL_WIDTH = 0.3;

/** Where a journey leads before anybody says: away from where it starts. */
const firstGoal = ([valence, arousal]) =>
  Math.hypot(valence - 0.8, arousal - 0.6) > 0.35 ? [0.8, 0.6] : [0.7, 0.2];
const round = (at) => at.map((v) => Math.round(clamp(v) * 1000) / 1000);

export function Pad({ moods, wish, setWish, list }) {
  const own = wish.way === "place";
  const [dots, setDots] = useState({ at: own ? wish.at : null, goal: own ? wish.goal : null });
  const timer = useRef(0);
  useEffect(() => {
    if (own) setDots({ at: wish.at, goal: wish.goal });
  }, [own, wish.at, wish.goal]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const settle = (next, after) => {
    setDots(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setWish({ way: "place", ...next }), after);
  };
  const setJourney = (wanted) => {
    const at = dots.at ?? MIDDLE;
    settle({ at, goal: wanted ? firstGoal(at) : null }, 0);
  };
  const journey = own && list.answer?.journey && list.wish === wish ? list.answer : null;
  return html`
    <p class="lead">${dots.goal ? texts.pad.leadJourney : texts.pad.lead}</p>
    <${Plane} moods=${moods} dots=${dots} settle=${settle} setDots=${setDots} journey=${journey} />
    <${Reading} moods=${moods} dots=${dots} />
    <label class="switch">
      <input type="checkbox" role="switch" checked=${dots.goal !== null} onChange=${(e) => setJourney(e.target.checked)} />
      <span>${texts.pad.journey}</span>
    </label>
    <p class="small muted keys">${texts.pad.keys}</p>
  `;
}

/** Where the dots are, in words and as a mix. */
function Reading({ moods, dots }) {
  if (!dots.at) return null;
  const near = moods.near(dots.at);
  if (dots.goal) {
    const said = texts.pad.reading(placeName(moods, dots.at), placeName(moods, dots.goal));
    return html`<p class="reading"><strong>${said}</strong></p>`;
  }
  return html`
    <div class="reading"><${MixBar} moods=${moods} mix=${near} /><p>${mixOf(near)}</p></div>
  `;
}

function Plane({ moods, dots, settle, setDots, journey }) {
  const pad = useRef(null);
  const dragged = useRef(null);
  const handles = useRef({});
  const placeOf = (event) => {
    const box = pad.current.getBoundingClientRect();
    const inset = parseFloat(getComputedStyle(pad.current).getPropertyValue("--inset"));
    const along = (from, size) => (from - inset) / (size - 2 * inset);
    return round([along(event.clientX - box.left, box.width), 1 - along(event.clientY - box.top, box.height)]);
  };
  const nearer = (place) => {
    if (!dots.goal) return "at";
    const far = (dot) => Math.hypot(dot[0] - place[0], dot[1] - place[1]);
    return far(dots.goal) < far(dots.at) ? "goal" : "at";
  };
  const onPointerDown = (event) => {
    if (event.button) return;
    event.preventDefault();
    const place = placeOf(event);
    dragged.current = event.target.dataset?.dot ?? nearer(place);
    pad.current.setPointerCapture(event.pointerId);
    setDots({ ...dots, [dragged.current]: place });
    handles.current[dragged.current]?.focus({ preventScroll: true });
  };
  const onPointerMove = (event) =>
    dragged.current && setDots({ ...dots, [dragged.current]: placeOf(event) });
  const onPointerUp = (event) => {
    if (!dragged.current) return;
    settle({ ...dots, [dragged.current]: placeOf(event) }, 0);
    dragged.current = null;
  };
  const onKeyDown = (which) => (event) => {
    const way = ARROWS[event.key];
    if (!way) return;
    event.preventDefault();
    const step = event.shiftKey ? LONG_STEP : STEP;
    const from = dots[which] ?? MIDDLE;
    settle({ ...dots, [which]: round(from.map((v, i) => v + way[i] * step)) }, SETTLED_MS);
  };
  const dot = (which, label) => html`
    <span class=${`dot ${which}${dots[which] ? "" : " ghost"}`} key=${which} data-dot=${which} role="slider" tabindex="0"
      aria-label=${label} aria-valuemin="0" aria-valuemax="100" aria-orientation="horizontal"
      aria-valuenow=${Math.round((dots[which] ?? MIDDLE)[0] * 100)} aria-valuetext=${spoken(moods, dots[which] ?? MIDDLE)}
      style=${spot(dots[which] ?? MIDDLE)} onKeyDown=${onKeyDown(which)} ref=${(el) => (handles.current[which] = el)} />`;
  return html`
    <div class="pad" ref=${pad} role="group" aria-label=${texts.pad.group} onPointerDown=${onPointerDown}
      onPointerMove=${onPointerMove} onPointerUp=${onPointerUp} onPointerCancel=${() => (dragged.current = null)}>
      <${Ground} moods=${moods} />
      <${Path} dots=${dots} journey=${journey} moods=${moods} />
      ${dot("at", texts.pad.here)}
      ${dots.goal && dot("goal", texts.pad.goal)}
    </div>
  `;
}

/** CSS of a place on the pad. */
const spot = ([valence, arousal]) => ({ "--x": valence, "--y": 1 - arousal });

function spoken(moods, at) {
  return texts.pad.spot(Math.round(at[0] * 100), Math.round(at[1] * 100), placeName(moods, at));
}

/** The moods where they lie: a glow of each one's colour, and its name. */
function Ground({ moods }) {
  const labels = useMemo(() => placedLabels(moods.offered), [moods]);
  return html`
    <div class="ground" aria-hidden="true">
      ${moods.offered.map((mood) => html`
        <span class="glow" key=${mood.name} style=${{ ...spot([mood.valence, mood.arousal]), "--mood": mood.color }} />`)}
      <span class="cross" />
      <span class="axis top">${texts.pad.high}</span><span class="axis bottom">${texts.pad.low}</span>
      <span class="axis left">${texts.pad.left}</span><span class="axis right">${texts.pad.right}</span>
      ${labels.map(({ name, at }) => html`
        <span class=${`name ${sideOf(at)}`} key=${name} style=${spot(at)}>${moodName(name)}</span>`)}
    </div>
  `;
}

/** Which way a label grows, so that it stays on the pad. */
const sideOf = ([valence]) => (valence > 0.75 ? "of-right" : valence < 0.25 ? "of-left" : "");

/** Labels of moods, pushed apart from the top down where they would overlap. */
function placedLabels(offered) {
  const placed = [];
  for (const mood of [...offered].sort((a, b) => b.arousal - a.arousal)) {
    const at = [mood.valence, clamp(mood.arousal, 0.06, 0.94)];
    for (const other of placed) {
      const near = Math.abs(other.at[0] - at[0]) < LABEL_WIDTH;
      if (near && other.at[1] - at[1] < LABEL_GAP) at[1] = other.at[1] - LABEL_GAP;
    }
    placed.push({ name: mood.name, at });
  }
  const under = Math.min(0, ...placed.map(({ at }) => at[1] - 0.04));
  return placed.map(({ name, at }) => ({ name, at: under && at[1] < 0.3 ? [at[0], at[1] - under] : at }));
}

/** The way from dot to dot, and the tracks along it once the list is there. */
function Path({ dots, journey, moods }) {
  if (!dots.goal || !dots.at) return null;
  const places = journey?.journey.places ?? [];
  const along = places.length ? [dots.at, ...places, dots.goal] : [dots.at, dots.goal];
  return html`
    <svg class="path" viewBox="0 0 100 100" preserveAspectRatio="none" role="img"
      aria-label=${texts.pad.path(places.length)}>
      <polyline points=${along.map(([v, a]) => `${v * 100},${100 - a * 100}`).join(" ")} />
    </svg>
    ${places.map((at, i) => html`
      <span class="stop" key=${i} aria-hidden="true"
        style=${{ ...spot(at), "--mood": moods.color(journey.recommendations[i]?.mood) }} />`)}
  `;
}
