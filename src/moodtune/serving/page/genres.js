// Genres of the catalog: wanted, left out, or either.

import { texts } from "./texts.js";
import { html, useMemo, useState } from "./view.js";

const SHOWN = 24;

/** What a press makes of a genre: either, then wanted, then left out, then either again. */
const NEXT = { "": "any", any: "none", none: "" };

export function Genres({ genres, draft, put }) {
  const [find, setFind] = useState("");
  const wanted = draft.genres ?? [];
  const unwanted = draft.not_genres ?? [];
  const stateOf = (name) => (wanted.includes(name) ? "any" : unwanted.includes(name) ? "none" : "");
  const found = useMemo(() => matching(genres, find), [genres, find]);
  const chosen = genres.filter(({ name }) => stateOf(name) && !found.slice(0, SHOWN).some((one) => one.name === name));
  const turn = (name) => {
    const next = NEXT[stateOf(name)];
    const without = (names) => names.filter((one) => one !== name);
    put({
      genres: next === "any" ? [...without(wanted), name] : without(wanted),
      not_genres: next === "none" ? [...without(unwanted), name] : without(unwanted),
    });
  };
  const words = texts.limits;
  return html`
    <fieldset class="genres">
      <legend>${words.genres}</legend>
      <p class="small muted" id="genres-hint">${words.genresHint}</p>
      <label class="field"><span class="unseen">${words.genresFind}</span>
        <input type="search" value=${find} placeholder=${words.genresFind} onInput=${(e) => setFind(e.target.value)} /></label>
      <div class="genre-chips">
        ${[...chosen, ...found.slice(0, SHOWN)].map(({ name, tracks }) => html`
          <button type="button" key=${name} class="genre ${stateOf(name)}"
            aria-label=${words.genreLabel(name, tracks, words.genreState[stateOf(name)])} onClick=${() => turn(name)}>${name}</button>`)}
      </div>
      ${!found.length && html`<p class="small muted" role="status">${words.noGenre}</p>`}
      ${found.length > SHOWN && html`<p class="small muted">${words.moreGenres(found.length - SHOWN)}</p>`}
    </fieldset>
  `;
}

function matching(genres, find) {
  const wanted = find.trim().toLowerCase();
  return wanted ? genres.filter(({ name }) => name.toLowerCase().includes(wanted)) : genres;
}
