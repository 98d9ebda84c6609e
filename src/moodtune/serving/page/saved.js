// Saved lists: opened, taken away, deleted.

import { api, Failure, safeLink } from "./api.js";
import { dayOf } from "./format.js";
import { Icon, Sign } from "./icons.js";
import { Sheet } from "./sheet.js";
import { Failed, FailedLine, Working } from "./states.js";
import { texts } from "./texts.js";
import { byWhom, called } from "./tracks.js";
import { html, useEffect, useState } from "./view.js";

export function Saved({ moods, close, take }) {
  const [opened, setOpened] = useState(null);
  const heading = opened ? opened.name : texts.saved.heading;
  return html`
    <${Sheet} name="saved" heading=${heading} close=${close}>
      ${opened
        ? html`<${Opened} list=${opened} moods=${moods} back=${() => setOpened(null)} take=${take} />`
        : html`<${All} open=${setOpened} />`}
    <//>
  `;
}

function All({ open }) {
  const [lists, setLists] = useState(null);
  const [failure, setFailure] = useState(null);
  const [said, setSaid] = useState("");
  const caught = (problem) => {
    if (!(problem instanceof Failure)) throw problem;
    setFailure(problem);
  };
  const load = () => {
    setFailure(null);
    api.saved().then(({ playlists }) => setLists(playlists), caught);
  };
  useEffect(load, []);
  const remove = async (list) => {
    setFailure(null);
    try {
      await api.remove(list.id);
      setLists((all) => all.filter((one) => one.id !== list.id));
      setSaid(texts.saved.removed(list.name));
    } catch (problem) {
      caught(problem);
    }
  };
  if (!lists) return failure ? html`<${Failed} failure=${failure} retry=${load} />` : html`<${Working} rows=${3} />`;
  return html`
    ${!lists.length && html`<div class="none"><p>${texts.saved.none}</p><p class="small muted">${texts.saved.noneHint}</p></div>`}
    <ul class="saved-lists">
      ${lists.map((list) => html`
        <${One} key=${list.id} list=${list} remove=${remove} open=${() => api.open(list.id).then(open, caught)} />`)}
    </ul>
    <p class="said" role="status">${said}</p>
    ${failure && html`<${FailedLine} failure=${failure} />`}
  `;
}

function One({ list, open, remove }) {
  const [asking, setAsking] = useState(false);
  const words = texts.saved;
  return html`
    <li>
      <button type="button" class="saved-open" aria-label=${words.open(list.name)} onClick=${open}>
        <strong class="clip">${list.name}</strong><span class="small muted">${words.of(list.n, dayOf(list.created_at))}</span></button>
      ${asking
        ? html`<span class="sure"><span>${words.sure}</span>
            <button type="button" class="danger" onClick=${() => remove(list)}>${words.yes}</button>
            <button type="button" class="text-button" onClick=${() => setAsking(false)}>${words.no}</button></span>`
        : html`<button type="button" class="icon-button" aria-label=${words.remove(list.name)} title=${words.remove(list.name)}
            onClick=${() => setAsking(true)}><${Icon} name="remove" /></button>`}
    </li>
  `;
}

function Opened({ list, moods, back, take }) {
  return html`
    <div class="tools">
      <button type="button" class="tool" onClick=${back}><${Icon} name="back" /><span>${texts.saved.back}</span></button>
      <button type="button" class="tool" onClick=${() => take(list)}><${Icon} name="take" /><span>${texts.list.take}</span></button>
    </div>
    <ol class="saved-tracks">
      ${list.tracks.map((track, i) => {
        const link = safeLink(track.url);
        return html`
          <li key=${track.track_id}><span class="rank figure">${i + 1}</span>
            <${Sign} mood=${moods.byName.get(track.mood)} color=${moods.color(track.mood)} />
            <span class="clip"><strong>${called(track)}</strong>${" "}<span class="muted">${byWhom(track)}</span></span>
            ${link && html`<a class="icon-button" href=${link} target="_blank" rel="noopener noreferrer"
              aria-label=${texts.row.listenTo(called(track))}><${Icon} name="listen" /></a>`}</li>`;
      })}
    </ol>
  `;
}
