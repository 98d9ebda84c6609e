// Finding a track by the beginnings of words, and where it lies on the map.

import { api, Failure } from "./api.js";
import { Sign } from "./icons.js";
import { FailedLine } from "./states.js";
import { texts } from "./texts.js";
import { byWhom, called } from "./tracks.js";
import { html, useEffect, useRef, useState } from "./view.js";

const FOUND = 6;
const RESTED_MS = 200;
/** What the service takes of a text. */
const MOST_CHARACTERS = 200;

export function Find({ moods, choose }) {
  const field = useRef(null);
  const [text, setText] = useState("");
  const [found, setFound] = useState(null);
  const [failure, setFailure] = useState(null);
  const tried = (asked, then, stop) =>
    asked.then(then, (problem) => {
      if (stop?.signal.aborted) return;
      if (!(problem instanceof Failure)) throw problem;
      setFailure(problem);
    });
  useEffect(() => {
    setFailure(null);
    if (!text.trim()) return setFound(null);
    const stop = new AbortController();
    const rest = setTimeout(
      () => tried(api.find(text.trim(), FOUND, stop.signal), ({ tracks }) => setFound(tracks), stop),
      RESTED_MS,
    );
    return () => {
      clearTimeout(rest);
      stop.abort();
    };
  }, [text]);
  const show = (track) =>
    tried(api.track(track.track_id), ({ valence, arousal }) => {
      choose({ ...track, at: [valence, arousal] });
      setText("");
      field.current.focus(); // what was pressed is gone
    });
  return html`
    <search class="find">
      <label class="field"><span class="unseen">${texts.map.find}</span>
        <input type="search" ref=${field} value=${text} maxlength=${MOST_CHARACTERS} placeholder=${texts.map.find}
          onInput=${(event) => setText(event.target.value)} /></label>
      ${failure && html`<${FailedLine} failure=${failure} />`}
      ${found && html`
        <ul class="found" aria-label=${texts.map.found}>
          ${found.map((track) => html`
            <li key=${track.track_id}><button type="button" onClick=${() => show(track)}>
              <${Sign} mood=${moods.byName.get(track.mood)} color=${moods.color(track.mood)} />
              <span class="clip"><strong>${called(track)}</strong>${" "}<span class="muted">${byWhom(track)}</span></span></button></li>`)}
        </ul>`}
      <p class="small" role="status">${found && !found.length ? texts.map.foundNone : ""}</p>
    </search>
  `;
}
