// The share that was asked of each mood and the share that the list gives it, side by side.

import { percent } from "./format.js";
import { moodName } from "./moods.js";
import { texts } from "./texts.js";
import { html } from "./view.js";

export function Shares({ moods, asked, given }) {
  const names = moods.all.map(({ name }) => name).filter((name) => (asked[name] ?? 0) > 0.0005 || given[name] > 0);
  const words = texts.shares;
  const bar = (mix) => html`
    <span class="mix-bar" aria-hidden="true">
      ${names.map((name) => mix[name] > 0 && html`
        <span key=${name} style=${{ flexGrow: mix[name], background: moods.color(name) }} />`)}
    </span>`;
  return html`
    <div class="shares">
      <div class="share-bars" aria-hidden="true">
        <span class="label">${words.asked}</span>${bar(asked)}
        <span class="label">${words.given}</span>${bar(given)}
      </div>
      <table>
        <caption class="unseen">${words.heading}</caption>
        <thead class="unseen"><tr><th scope="col">${words.mood}</th><th scope="col">${words.asked}</th><th scope="col">${words.given}</th></tr></thead>
        <tbody>
          ${names.map((name) => html`
            <tr key=${name} style=${{ "--mood": moods.color(name) }} title=${words.both(percent(asked[name] ?? 0), percent(given[name] ?? 0))}>
              <th scope="row"><span class="swatch" aria-hidden="true" />${moodName(name)}</th>
              <td class="figure">${percent(asked[name] ?? 0)}</td><td class="figure">${percent(given[name] ?? 0)}</td>
            </tr>`)}
        </tbody>
      </table>
    </div>
  `;
}
