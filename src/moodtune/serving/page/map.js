// The map: the catalog's tracks on the plane. Loaded when it is opened, and not before.

import { api, Failure } from "./api.js";
import { Sign } from "./icons.js";
import { Find } from "./map_find.js";
import { MapCanvas } from "./map_canvas.js";
import { litOf } from "./map_lit.js";
import { Points } from "./map_points.js";
import { moodName } from "./moods.js";
import { CloseButton, Failed, FailedLine, Notice, Working } from "./states.js";
import { texts } from "./texts.js";
import { byWhom, called } from "./tracks.js";
import { html, useEffect, useMemo, useState } from "./view.js";
import { FromHere, useTrack } from "./why.js";

/** What a screen can show. */
const MOST_POINTS = 100_000;
const CHANGED = 409;

function usePoints() {
  const [state, setState] = useState({});
  const load = () => {
    setState({});
    api.map(MOST_POINTS).then(
      (answer) => setState({ points: new Points(answer) }),
      (failure) => {
        if (!(failure instanceof Failure)) throw failure;
        setState({ failure });
      },
    );
  };
  useEffect(load, []);
  return { ...state, load };
}

export function MoodMap({ moods, answer, moreLike, startAt }) {
  const { points, failure, load } = usePoints();
  const lit = useMemo(() => litOf(answer), [answer]);
  const [chosen, setChosen] = useState(null); // {track_id, ..., at} whose card is open
  const [changed, setChanged] = useState(null);
  const missed = (problem) => setChanged(problem.status === CHANGED ? { detail: texts.map.changed } : problem);
  if (failure) return html`<${Failed} failure=${failure} retry=${load} />`;
  if (!points) return html`<${Working} rows=${0} /><div class="map-canvas bone" aria-hidden="true" />`;
  const reload = () => {
    setChanged(null);
    setChosen(null);
    load();
  };
  return html`
    <div class="map">
      <div class="map-head">
        <p class="muted">${texts.map.of(points.n, points.tracks)}</p>
        <${Find} moods=${moods} choose=${setChosen} />
      </div>
      ${changed && html`<${Notice} heading=${changed.detail || texts.states.failed}
        action=${html`<button type="button" class="primary" onClick=${reload}>${texts.map.reload}</button>`} />`}
      <div>
        <${MapCanvas} points=${points} moods=${moods} lit=${lit} chosen=${chosen} choose=${setChosen} missed=${missed}
          card=${chosen && html`<${Card} key=${chosen.track_id} track=${chosen} moods=${moods} close=${() => setChosen(null)}
            moreLike=${moreLike} startAt=${startAt} />`} />
      </div>
      <${Key} moods=${moods} names=${points.moods} />
      <${Lit} lit=${lit} moods=${moods} chosen=${chosen} choose=${setChosen} />
    </div>
  `;
}

const Key = ({ moods, names }) => html`
  <ul class="map-key" aria-label=${texts.map.key}>
    ${moods.all.filter(({ name }) => names.includes(name)).map((mood) => html`
      <li key=${mood.name}><${Sign} mood=${mood} color=${mood.color} />${moodName(mood.name)}</li>`)}
  </ul>
`;

/** The list's tracks, for who does not point: each shows itself on the map. */
function Lit({ lit, moods, chosen, choose }) {
  return html`
    <section class="lit" aria-labelledby="lit-heading">
      <h3 class="label" id="lit-heading">${texts.map.lit}</h3>
      ${!lit.length && html`<p class="muted">${texts.map.litNone}</p>`}
      <ol>
        ${lit.map((track) => html`
          <li key=${track.track_id}>
            <button type="button" aria-pressed=${String(chosen?.track_id === track.track_id)} aria-label=${texts.map.show(called(track))}
              style=${{ "--mood": moods.color(track.mood) }} onClick=${() => choose(track)}>
              <span class="rank figure">${track.rank}</span><span class="clip"><strong>${called(track)}</strong>${" "}<span class="muted">${byWhom(track)}</span></span>
            </button></li>`)}
      </ol>
    </section>
  `;
}

function Card({ track, moods, close, moreLike, startAt }) {
  const { track: known, failure } = useTrack(track.track_id);
  return html`
    <div class="map-card" role="group" aria-label=${called(track)} style=${{ "--mood": moods.color(track.mood) }}>
      <div class="map-card-head">
        <div class="song" aria-live="polite"><h3 class="title">${called(track)}</h3><p class="artist">${byWhom(track)}</p></div>
        <${CloseButton} label=${texts.map.close} onClick=${close} />
      </div>
      <p class="mood-of"><${Sign} mood=${moods.byName.get(track.mood)} color="var(--mood)" /><span>${moodName(track.mood)}</span></p>
      ${failure && html`<${FailedLine} failure=${failure} />`}
      ${!known && !failure && html`<p class="muted">${texts.map.finding}</p>`}
      ${known && html`<${FromHere} known=${known} moreLike=${moreLike} startAt=${startAt} />`}
    </div>
  `;
}
