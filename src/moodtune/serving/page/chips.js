// Mood chips: one is a mood, several are a mix.

import { percent } from "./format.js";
import { Sign } from "./icons.js";
import { moodName, shares } from "./moods.js";
import { texts } from "./texts.js";
import { html, useEffect, useRef, useState } from "./view.js";

/** How long a slider rests before the list is asked for. */
const SETTLED_MS = 350;

export function Chips({ moods, wish, setWish }) {
  const chosen = wish.way === "moods" ? wish.moods : {};
  const choose = (weights) => setWish({ way: "moods", moods: weights });
  const toggle = (name) => {
    const { [name]: was, ...others } = chosen;
    choose(was === undefined ? { ...chosen, [name]: 1 } : others);
  };
  const chip = (mood) => html`
    <button type="button" class="chip" key=${mood.name} aria-pressed=${String(mood.name in chosen)}
      style=${{ "--mood": mood.color }} onClick=${() => toggle(mood.name)}>
      <${Sign} mood=${mood} color=${mood.color} /><span>${moodName(mood.name)}</span>
    </button>`;
  return html`
    <p class="lead">${texts.chips.lead}</p>
    <div class="chips" role="group" aria-label=${texts.chips.moods}>${moods.offered.map(chip)}</div>
    ${Object.keys(chosen).length > 1 && html`<${Mix} moods=${moods} chosen=${chosen} choose=${choose} />`}
    <${Occasions} moods=${moods} chosen=${chosen} choose=${choose} />
    ${moods.kinds.length > 0 && html`
      <h2 class="label">${texts.chips.kinds}</h2>
      <div class="chips small-chips" role="group" aria-label=${texts.chips.kinds}>${moods.kinds.map(chip)}</div>`}
  `;
}

/** Listener moods: each is a mix of moods that the taxonomy gives. */
function Occasions({ moods, chosen, choose }) {
  if (!moods.occasions.length) return null;
  const same = (weights) =>
    Object.keys(weights).length === Object.keys(chosen).length &&
    Object.entries(weights).every(([name, weight]) => chosen[name] === weight);
  return html`
    <h2 class="label">${texts.chips.occasions}</h2>
    <div class="occasions" role="group" aria-label=${texts.chips.occasions}>
      ${moods.occasions.map((one) => html`
        <button type="button" class="occasion" key=${one.name} aria-pressed=${String(same(one.weights))}
          onClick=${() => choose(same(one.weights) ? {} : { ...one.weights })}>
          <span>${moodName(one.name)}</span>
          <${MixBar} moods=${moods} mix=${one.weights} />
        </button>`)}
    </div>
  `;
}

/** A mix as a bar; what it says in words stands beside it. */
export const MixBar = ({ moods, mix }) => html`
  <span class="mix-bar" aria-hidden="true">
    ${Object.entries(mix).map(([name, share]) => share > 0 && html`
      <span key=${name} style=${{ flexGrow: share, background: moods.color(name) }} />`)}
  </span>
`;

function Mix({ moods, chosen, choose }) {
  const [weights, setWeights] = useState(chosen);
  const timer = useRef(0);
  useEffect(() => setWeights(chosen), [chosen]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const move = (name, value) => {
    const next = { ...weights, [name]: value };
    setWeights(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => choose(next), SETTLED_MS);
  };
  const total = Object.values(weights).reduce((a, b) => a + b, 0);
  return html`
    <div class="mix">
      <div class="mix-head"><h2 class="label">${texts.chips.mix}</h2>
        <button type="button" class="text-button" onClick=${() => choose({})}>${texts.chips.clear}</button></div>
      <${MixBar} moods=${moods} mix=${shares(Object.entries(weights), 20)} />
      ${Object.entries(weights).map(([name, weight]) => html`
        <label class="mix-row" key=${name} style=${{ "--mood": moods.color(name) }}>
          <span>${moodName(name)}</span>
          <input type="range" min="0.05" max="1" step="0.05" value=${weight} aria-label=${texts.chips.share(moodName(name))}
            aria-valuetext=${percent(weight / total)} onInput=${(e) => move(name, Number(e.target.value))} />
          <span class="figure">${percent(weight / total)}</span>
        </label>`)}
    </div>
  `;
}
