// The list: what was asked, how near it comes, its tracks, and what one can do with it.

import { decimal, sentence } from "./format.js";
import { Icon } from "./icons.js";
import { LimitChips } from "./limit_chips.js";
import { glowsOf } from "./moods.js";
import { Row } from "./row.js";
import { Shares } from "./shares.js";
import { Empty, Failed, Notice, Wash, Working } from "./states.js";
import { texts } from "./texts.js";
import { html } from "./view.js";
import { setLimits, titleOf } from "./wish.js";

export function List({ session, wish, list, limits, setLimits: put, feedback, openSheet, moreLike, startAt }) {
  const { answer, status, failure } = list;
  const asked = answer ? list.wish : wish;
  return html`
    <div class="list" aria-busy=${String(status === "working")}>
      ${answer && html`<${Head} session=${session} asked=${asked} answer=${answer} />`}
      ${status !== "none" && html`
        <${Tools} limits=${limits} list=${list} openSheet=${openSheet} />
        <${LimitChips} limits=${limits} setLimits=${put} />`}
      ${status === "none" && html`<${Empty} moods=${session.moods} />`}
      ${status === "failed" && html`<${Failed} failure=${failure} retry=${list.again} />`}
      ${status === "working" && html`<${Working} rows=${answer ? 0 : 6} />`}
      ${answer && html`
        <div class=${status === "working" ? "body stale" : "body"}>
          <${Notes} answer=${answer} openSheet=${openSheet} />
          <ol class="rows" aria-label=${texts.list.label}>
            ${answer.recommendations.map((track) => html`
              <${Row} key=${track.track_id} track=${track} moods=${session.moods} feedback=${feedback}
                moreLike=${moreLike} startAt=${startAt} />`)}
          </ol>
          <${Fresh} answer=${answer} feedback=${feedback} again=${list.again} />
        </div>`}
    </div>
  `;
}

function Head({ session, asked, answer }) {
  const n = answer.recommendations.length;
  return html`
    <header class="hero list-head">
      <${Wash} glows=${glowsOf(session.moods, answer.profile)} />
      <h2>${titleOf(asked, session.moods)}</h2>
      <p>${texts.list.count(n, answer.journey?.minutes, answer.journey?.largest_step && decimal(answer.journey.largest_step))}</p>
      ${n > 0 && html`<${Shares} moods=${session.moods} asked=${answer.profile} given=${answer.mix.given} />`}
    </header>
  `;
}

function Tools({ limits, list, openSheet }) {
  const set = Object.keys(setLimits(limits)).length;
  const listed = list.answer?.recommendations.length > 0;
  return html`
    <div class="tools">
      <button type="button" class="tool" onClick=${() => openSheet("limits")}>
        <${Icon} name="limits" /><span>${set ? texts.list.limitsSet(set) : texts.list.limits}</span></button>
      <button type="button" class="tool" disabled=${!listed} onClick=${() => openSheet("take")}>
        <${Icon} name="take" /><span>${texts.list.take}</span></button>
      <button type="button" class="tool" disabled=${list.status === "working"} onClick=${list.again}>
        <${Icon} name="again" /><span>${texts.list.again}</span></button>
    </div>
  `;
}

/** The service's notes; where nothing fits they are the answer. */
function Notes({ answer, openSheet }) {
  const notes = answer.notes.map(sentence);
  if (!answer.recommendations.length) {
    return html`
      <${Notice} kind="nothing" heading=${texts.states.nothing}
        action=${html`<button type="button" class="primary" onClick=${() => openSheet("limits")}>${texts.states.editLimits}</button>`}>
        ${notes.length ? notes.map((note) => html`<p key=${note}>${note}</p>`) : html`<p>${texts.states.nothingHint}</p>`}
      <//>`;
  }
  if (!notes.length) return null;
  return html`
    <aside class="notes" aria-label=${texts.list.notes}>
      ${notes.map((note) => html`<p key=${note}>${note}</p>`)}
    </aside>
  `;
}

/** Says that the next list will know what was said of this one. */
function Fresh({ answer, feedback, again }) {
  const rated = answer.recommendations.filter(({ track_id: id }) => feedback.said[id]?.action).length;
  if (!rated) return null;
  const next = () => {
    feedback.clear();
    again();
  };
  return html`
    <div class="fresh" role="status">
      <span>${texts.list.refresh(rated)}</span>
      <button type="button" class="primary" onClick=${next}>${texts.list.fresh}</button>
    </div>
  `;
}
