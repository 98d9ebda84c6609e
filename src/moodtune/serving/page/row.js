// One place of the list.

import { safeLink } from "./api.js";
import { clamp, decimal } from "./format.js";
import { Icon, Sign } from "./icons.js";
import { moodName } from "./moods.js";
import { FailedLine } from "./states.js";
import { texts } from "./texts.js";
import { byWhom, called } from "./tracks.js";
import { html, useEffect, useRef, useState } from "./view.js";
import { Why } from "./why.js";

const GONE = new Set(["skip", "ban"]);

export function Row({ track, moods, feedback, moreLike, startAt }) {
  const [open, setOpen] = useState(false);
  const said = feedback.said[track.track_id] ?? {};
  const row = useRef(null);
  const gone = GONE.has(said.action);
  const was = useRef(gone);
  // What had the keyboard is no longer there: it goes to what took its place.
  useEffect(() => {
    if (was.current !== gone) row.current.querySelector("[data-focus]")?.focus();
    was.current = gone;
  }, [gone]);
  return html`
    <li class=${gone ? "row gone" : "row"} ref=${row} style=${{ "--mood": moods.color(track.mood) }}>
      ${gone
        ? html`<${Gone} track=${track} action=${said.action} undo=${feedback.undo} />`
        : html`
          <${Line} track=${track} moods=${moods} said=${said} feedback=${feedback} open=${open} setOpen=${setOpen} />
          ${said.failure && html`<${FailedLine} failure=${said.failure} lead=${texts.row.failed} />`}
          ${open && html`<${Why} track=${track} moods=${moods} id=${`why-${track.rank}`} moreLike=${moreLike} startAt=${startAt} />`}`}
    </li>
  `;
}

function Gone({ track, action, undo }) {
  const words = action === "ban" ? texts.row.banned : texts.row.skipped;
  return html`
    <span class="rank figure">${track.rank}</span>
    <span class="gone-title" role="status">${words(called(track))}</span>
    <button type="button" class="text-button" data-focus aria-label=${texts.row.undoOf(called(track))}
      onClick=${() => undo(track)}>${texts.row.undo}</button>
  `;
}

function Line({ track, moods, said, feedback, open, setOpen }) {
  const words = texts.row;
  const title = called(track);
  const link = safeLink(track.url);
  const liked = said.action === "like";
  const act = (action, icon, label, tip) => html`
    <button type="button" class="icon-button" aria-label=${label(title)} title=${tip}
      data-focus=${action === "skip"} onClick=${() => feedback.say(track, action)}><${Icon} name=${icon} /></button>`;
  return html`
    <span class="rank figure">${track.rank}</span>
    <div class="song"><h3 class="title" title=${title}>${title}</h3><p class="artist" title=${byWhom(track)}>${byWhom(track)}</p></div>
    <div class="mood-of"><${Sign} mood=${moods.byName.get(track.mood)} color="var(--mood)" /><span>${moodName(track.mood)}</span>
      ${track.instead_of && html`<small class="muted">${words.instead(moodName(track.instead_of))}</small>`}</div>
    <div class="fit" title=${words.fitOf(decimal(track.score))}>
      <span class="meter" style=${{ "--share": clamp(track.score) }} aria-hidden="true"><span /></span>
      <span class="figure"><span class="unseen">${words.fit}${" "}</span>${decimal(track.score)}</span></div>
    <div class="acts">
      ${link && html`<a class="icon-button" href=${link} target="_blank" rel="noopener noreferrer"
        aria-label=${words.listenTo(title)} title=${words.listen}><${Icon} name="listen" /></a>`}
      <button type="button" class="icon-button like" aria-label=${words.like(title)} aria-pressed=${String(liked)}
        title=${liked ? words.liked : words.likeTip} onClick=${() => (liked ? feedback.undo(track) : feedback.say(track, "like"))}>
        <${Icon} name="like" /></button>
      ${act("skip", "skip", words.skip, words.skipTip)}
      ${act("ban", "ban", words.ban, words.banTip)}
      <button type="button" class="icon-button why-button" aria-label=${words.whyOf(title)} title=${words.why} aria-expanded=${String(open)}
        aria-controls=${open ? `why-${track.rank}` : undefined} onClick=${() => setOpen(!open)}><${Icon} name="why" /></button>
    </div>
  `;
}
