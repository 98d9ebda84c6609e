// Save and take away: a name, a copy, files.

import { api, Failure, safeLink } from "./api.js";
import { download, fileName } from "./files.js";
import { today } from "./format.js";
import { Icon } from "./icons.js";
import { Sheet } from "./sheet.js";
import { FailedLine } from "./states.js";
import { texts } from "./texts.js";
import { byWhom, called } from "./tracks.js";
import { html, useRef, useState } from "./view.js";

const FORMATS = ["json", "csv", "m3u8", "xspf"];
/** Characters of a heading in a name of ours: with the day, fewer than the service takes. */
const MOST = 160;

/** A heading without what the service refuses in a name; titles may have anything in them. */
const plain = (text) => [...text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "")].slice(0, MOST).join("");

/** `heading` names the list before anybody does; `kept` is its id where it is saved already. */
export function Take({ heading, tracks, kept = null, close }) {
  const [name, setName] = useState(kept ? heading : texts.take.defaultName(plain(heading), today()));
  const [saved, setSaved] = useState(kept && { id: kept, name });
  const [said, setSaid] = useState("");
  const [failure, setFailure] = useState(null);
  const [busy, setBusy] = useState(false);

  const tried = async (work) => {
    setFailure(null);
    setBusy(true);
    try {
      await work();
    } catch (problem) {
      if (!(problem instanceof Failure)) throw problem;
      setFailure(problem);
    } finally {
      setBusy(false);
    }
  };
  const save = async () => {
    if (saved?.name === name) return saved;
    const list = await api.save(name.trim(), tracks.map((track) => track.track_id));
    const now = { id: list.id, name };
    setSaved(now);
    setSaid(texts.take.saved(list.name));
    return now;
  };
  const onSave = (event) => {
    event.preventDefault();
    if (name.trim()) tried(save);
  };
  const get = (format) => tried(async () => setSaid(await fetched((await save()).id, format, name, tracks.length)));
  const words = texts.take;
  return html`
    <${Sheet} name="take" heading=${words.heading} close=${close}>
      <form class="save" onSubmit=${onSave}>
        <label class="field"><span>${words.name}</span>
          <input value=${name} maxlength="200" required onInput=${(e) => setName(e.target.value)} /></label>
        <button class="primary" disabled=${busy || !name.trim() || saved?.name === name}>
          ${saved?.name === name && html`<${Icon} name="check" />`}${words.save}</button>
      </form>
      <h3 class="label">${words.download}</h3>
      <div class="formats">
        ${FORMATS.map((format) => html`
          <button type="button" class="format" key=${format} disabled=${busy || !name.trim()} onClick=${() => get(format)}>
            <strong>${words.formats[format]}</strong><span class="small muted">${words.formatsLong[format]}</span></button>`)}
      </div>
      ${!saved && html`<p class="small muted">${words.downloadLead}</p>`}
      <p class="said" role="status">${said}</p>
      ${failure && html`<${FailedLine} failure=${failure} />`}
      <${Copy} tracks=${tracks} />
    <//>
  `;
}

/** Download a saved list; return what there is to say of the file. */
async function fetched(id, format, name, n) {
  const response = await api.file(id, format);
  download(await response.blob(), fileName(name, format));
  const left = Number(response.headers.get("Moodtune-Left-Out")) || 0;
  const words = texts.take;
  return words.downloaded(words.formats[format], n - left) + (left ? ` ${words.leftOut(left)}` : "");
}

function asText(tracks) {
  return tracks
    .map((track, i) => {
      const link = safeLink(track.url);
      return `${i + 1}. ${byWhom(track)} \u2013 ${called(track)}${link ? `  ${link}` : ""}`;
    })
    .join("\n");
}

function Copy({ tracks }) {
  const area = useRef(null);
  const [state, setState] = useState("");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(asText(tracks));
      setState("copied");
    } catch {
      area.current.select(); // no permission, or no secure context: the hand can
      setState("copyFailed");
    }
  };
  return html`
    <div class="copy">
      <textarea ref=${area} readonly rows="5" aria-label=${texts.take.copyLabel}>${asText(tracks)}</textarea>
      <button type="button" class="tool" onClick=${copy}>
        ${state === "copied" && html`<${Icon} name="check" />`}<span>${state === "copied" ? texts.take.copied : texts.take.copy}</span></button>
      <p class="small" role="status">${state === "copyFailed" ? texts.take.copyFailed : ""}</p>
    </div>
  `;
}
