// What is stored about somebody: shown, taken away, deleted.

import { api, Failure } from "./api.js";
import { download } from "./files.js";
import { Sheet } from "./sheet.js";
import { Failed, FailedLine, Working } from "./states.js";
import { texts } from "./texts.js";
import { html, useEffect, useRef, useState } from "./view.js";

const sum = (rows, count) => (rows ?? []).reduce((total, row) => total + count(row), 0);

/** How many things of each kind the export has. */
const COUNTS = {
  answers: ({ answers }) => Object.keys(answers?.answers ?? {}).length,
  feedback: ({ feedback }) => sum(feedback, () => 1),
  playlists: ({ playlists }) => sum(playlists, () => 1),
  shown: ({ shown }) => sum(shown, (day) => day.track_ids.length),
  sessions: ({ tokens, sessions }) => sum(tokens, () => 1) + sum(sessions, () => 1),
};

export function Mine({ me, close, forgotten }) {
  const [stored, setStored] = useState(null);
  const [failure, setFailure] = useState(null);
  const [asking, setAsking] = useState(false);
  const [said, setSaid] = useState("");
  const tried = async (work) => {
    setFailure(null);
    try {
      await work();
    } catch (problem) {
      if (!(problem instanceof Failure)) throw problem;
      setFailure(problem);
    }
  };
  const load = () => tried(async () => setStored(await api.stored()));
  useEffect(() => void load(), []);
  const get = () =>
    tried(async () => {
      const text = JSON.stringify(await api.stored(), null, 2);
      download(new Blob([text], { type: "application/json" }), texts.mine.file);
      setSaid(texts.mine.got);
    });
  const forget = () =>
    tried(async () => {
      await api.forget();
      setAsking(false);
      setSaid(texts.mine.gone);
      setStored({});
      forgotten();
    });
  const words = texts.mine;
  return html`
    <${Sheet} name="mine" heading=${words.heading} close=${close}>
      ${!stored && !failure && html`<${Working} rows=${2} />`}
      ${!stored && failure && html`<${Failed} failure=${failure} retry=${load} />`}
      ${stored && html`
        <p class="lead">${words.lead}</p>
        <ul class="stored">${Object.entries(COUNTS).map(([kind, count]) => html`<li key=${kind}>${words.kinds[kind](count(stored))}</li>`)}</ul>
        <p class="said" role="status">${said}</p>
        ${failure && html`<${FailedLine} failure=${failure} />`}
        ${asking
          ? html`<${Confirm} me=${me} yes=${forget} no=${() => setAsking(false)} />`
          : html`<div class="sheet-end">
              <button type="button" class="primary" onClick=${get}>${words.get}</button>
              <button type="button" class="danger quiet" onClick=${() => setAsking(true)}>${words.forget}</button></div>`}`}
    <//>
  `;
}

/** Asks once more; the keyboard lands on the way out. */
function Confirm({ me, yes, no }) {
  const keep = useRef(null);
  useEffect(() => keep.current.focus(), []);
  const words = texts.mine;
  return html`
    <div class="confirm" role="group" aria-label=${words.forget}>
      <p><strong>${words.sure}</strong>${!me.local && html`${" "}${words.sureTokens}`}</p>
      <button type="button" class="danger" onClick=${yes}>${words.yes}</button>
      <button type="button" class="tool" ref=${keep} onClick=${no}>${words.no}</button>
    </div>
  `;
}
