// The drawer of limits: only those that the catalog can keep.

import { Genres } from "./genres.js";
import { Sheet } from "./sheet.js";
import { texts } from "./texts.js";
import { html, useState } from "./view.js";
import { DEFAULT_LIMITS } from "./wish.js";

const MOST_TRACKS = 500;
const DAY_MINUTES = 1440;

const numberOf = (text) => (text.trim() === "" || !Number.isFinite(Number(text)) ? null : Number(text));

export function Limits({ catalog, limits, setLimits, close }) {
  const [draft, setDraft] = useState(limits);
  const put = (change) => setDraft((before) => ({ ...before, ...change }));
  const apply = (event) => {
    event.preventDefault();
    setLimits(tidy(draft));
    close();
  };
  const words = texts.limits;
  return html`
    <${Sheet} name="limits" heading=${words.heading} close=${close}>
      <form class="limits-form" onSubmit=${apply}>
        <p class="lead">${words.lead}</p>
        <div class="fields">
          <${NumberField} label=${words.n} value=${draft.n} min="1" max=${MOST_TRACKS} put=${(n) => put({ n })} />
          ${catalog.minutes && html`
            <${NumberField} label=${words.minutes} value=${draft.minutes} min="1" max=${DAY_MINUTES} put=${(minutes) => put({ minutes })} />`}
          <${NumberField} label=${words.cap} value=${draft.artist_cap} min="1" max=${MOST_TRACKS} put=${(v) => put({ artist_cap: v })} />
          <${NumberField} label=${words.gap} value=${draft.artist_gap} min="0" max=${MOST_TRACKS} put=${(v) => put({ artist_gap: v })} />
        </div>
        <${Slider} label=${words.diversity} value=${Math.round((draft.diversity ?? 0) * 100)} step="5"
          said=${words.diversityOf} put=${(v) => put({ diversity: v / 100 })} />
        ${catalog.genres.length > 0 && html`<${Genres} genres=${catalog.genres} draft=${draft} put=${put} />`}
        ${catalog.year && html`<${Range} label=${words.year} ends=${catalog.year} value=${draft.year} put=${(year) => put({ year })} />`}
        ${catalog.tempo && html`<${Range} label=${words.tempo} ends=${catalog.tempo} value=${draft.tempo} put=${(tempo) => put({ tempo })} />`}
        ${catalog.popularity && html`
          <${Slider} label=${words.popularity} value=${draft.max_popularity ?? 100} step="5"
            said=${(v) => (v >= 100 ? words.anyPopularity : v)} put=${(v) => put({ max_popularity: v >= 100 ? null : v })} />`}
        ${catalog.explicit && html`
          <label class="check"><input type="checkbox" checked=${draft.no_explicit ?? false}
            onChange=${(e) => put({ no_explicit: e.target.checked })} /><span>${words.explicit}</span></label>`}
        <div class="sheet-end">
          <button class="primary">${words.apply}</button>
          <button type="button" class="text-button" onClick=${() => setDraft({ ...DEFAULT_LIMITS })}>${words.reset}</button>
        </div>
      </form>
    <//>
  `;
}

/** The limits with blanks as they are when nobody sets them, and ranges the right way round. */
function tidy(draft) {
  const kept = { ...draft };
  for (const [name, value] of Object.entries(DEFAULT_LIMITS)) kept[name] ??= value;
  for (const name of ["year", "tempo"]) {
    if (kept[name]) kept[name] = [Math.min(...kept[name]), Math.max(...kept[name])];
  }
  return kept;
}

const NumberField = ({ label, value, min, max, put }) => html`
  <label class="field"><span>${label}</span>
    <input type="number" inputmode="numeric" min=${min} max=${max} value=${value ?? ""} onInput=${(e) => put(numberOf(e.target.value))} />
  </label>
`;

const Slider = ({ label, value, step, said, put }) => html`
  <label class="slider"><span>${label}</span><span class="figure">${said(value)}</span>
    <input type="range" min="0" max="100" step=${step} value=${value} aria-valuetext=${String(said(value))}
      onInput=${(e) => put(Number(e.target.value))} />
  </label>
`;

/** Two numbers; an end that is left blank is the catalog's own. */
function Range({ label, ends, value, put }) {
  const [low, high] = [Math.floor(ends[0]), Math.ceil(ends[1])];
  const [own, setOwn] = useState(value ?? [null, null]);
  const change = (i) => (event) => {
    const next = own.map((end, j) => (j === i ? numberOf(event.target.value) : end));
    setOwn(next);
    put(next.every((end) => end === null) ? null : [next[0] ?? low, next[1] ?? high]);
  };
  const shown = value ? own : [null, null]; // lifted from outside
  const end = (i, word) => html`
    <label><span class="unseen">${label}${" "}</span><span>${word}</span>
      <input type="number" inputmode="numeric" min=${low} max=${high} placeholder=${[low, high][i]} value=${shown[i] ?? ""} onInput=${change(i)} /></label>`;
  return html`
    <fieldset class="range"><legend>${label}</legend>${end(0, texts.limits.from)}${end(1, texts.limits.to)}</fieldset>
  `;
}
