// Why a track is on the list: parts that add up, its moods, its sound, what it stands beside.

import { api, Failure } from "./api.js";
import { clamp, decimal, exact, percent, sentence, signed } from "./format.js";
import { Sign } from "./icons.js";
import { moodName, shares } from "./moods.js";
import { FailedLine } from "./states.js";
import { texts } from "./texts.js";
import { byWhom, called } from "./tracks.js";
import { html, useEffect, useState } from "./view.js";

/** Features in [0, 1], which have a bar; the others are said in their unit. */
const SHARES = ["energy", "valence", "danceability", "acousticness", "instrumentalness", "speechiness", "liveness"];
const MEASURED = ["tempo", "loudness"];

const cache = new Map();

/** What the catalog knows of a track: {track} once it is there, or {failure}. */
export function useTrack(id) {
  const [found, setFound] = useState(() => ({ track: cache.get(id) ?? null }));
  useEffect(() => {
    if (cache.has(id)) return setFound({ track: cache.get(id) });
    const stop = new AbortController();
    setFound({ track: null });
    api.track(id, stop.signal).then(
      (track) => {
        cache.set(id, track);
        setFound({ track });
      },
      (failure) => {
        if (stop.signal.aborted) return;
        if (!(failure instanceof Failure)) throw failure;
        setFound({ track: null, failure });
      },
    );
    return () => stop.abort();
  }, [id]);
  return found;
}

export function Why({ track, moods, id, moreLike, startAt }) {
  const { track: known, failure } = useTrack(track.track_id);
  return html`
    <div class="why" id=${id}>
      <p class="because">${sentence(track.why)}</p>
      <div class="why-parts">
        <${Parts} track=${track} />
        ${track.traits?.length > 0 && html`<${Traits} traits=${track.traits} />`}
        ${track.stop && html`<${Stop} stop=${track.stop} />`}
        ${known && html`<${Profile} moods=${moods} profile=${known.profile} />`}
        ${known && html`<${Sound} features=${known.features} />`}
        <${Beside} track=${track} known=${known} moods=${moods} />
      </div>
      ${failure && html`<${FailedLine} failure=${failure} />`}
      ${!known && !failure && html`<p class="muted" role="status">${texts.why.loading}</p>`}
      ${known && html`<${FromHere} known=${known} moreLike=${moreLike} startAt=${startAt} />`}
    </div>
  `;
}

/** What one can go on to from a track. */
export const FromHere = ({ known, moreLike, startAt }) => html`
  <p class="from-here">
    <button type="button" class="tool" onClick=${() => moreLike(known)}>${texts.why.more}</button>
    <button type="button" class="tool" onClick=${() => startAt(known)}>${texts.why.start}</button>
  </p>
`;

function Parts({ track }) {
  const parts = Object.entries(track.parts).filter(([, value], i) => value !== 0 || i === 0);
  return html`
    <table class="parts">
      <caption>${texts.why.parts}</caption>
      <thead class="unseen"><tr><th scope="col">${texts.why.part}</th><th scope="col">${texts.why.points}</th></tr></thead>
      <tbody>
        ${parts.map(([name, value]) => html`
          <tr key=${name}><th scope="row">${texts.why.names[name] ?? name}</th>
            <td class="figure" style=${{ "--share": clamp(Math.abs(value)) }}>${signed(value)}</td></tr>`)}
      </tbody>
      <tfoot><tr><th scope="row">${texts.why.total}</th><td class="figure">${exact(track.score)}</td></tr></tfoot>
    </table>
  `;
}

/** The features that speak most for the mood, by their rank among the catalog's tracks. */
const Traits = ({ traits }) => html`
  <section><h4>${texts.why.traits}</h4>
    <ul class="traits">
      ${traits.map(({ feature, rank, speaks }) => {
        const said = speaks < 0 ? texts.why.trait.against : texts.why.trait.for;
        const name = texts.why.featureNames[feature] ?? feature;
        return html`<li key=${feature}>${said(name, rank >= 0.5, percent(rank >= 0.5 ? rank : 1 - rank))}</li>`;
      })}
    </ul>
  </section>
`;

/** Where a track of a journey lies, and what changes from the one before. */
function Stop({ stop }) {
  const words = texts.why;
  const figure = (value) => (value === null ? words.unknown : typeof value === "number" ? String(Math.round(value)) : value);
  const line = (name, said) => html`
    <li class="measured" key=${name}><span>${words.stops[name]}</span><span class="figure">${said}</span></li>`;
  return html`
    <section><h4>${words.stop}</h4>
      <ul class="profile">
        ${["step", "from_waypoint"].map((name) => stop[name] !== null && line(name, decimal(stop[name])))}
        ${["tempo_bpm", "key", "loudness_db"].map((name) =>
          stop[name] && line(name, words.change(...stop[name].map(figure), words.stopUnits[name])))}
      </ul>
    </section>
  `;
}

const Profile = ({ moods, profile }) => html`
  <section><h4>${texts.why.profile}</h4>
    <ul class="profile">
      ${Object.entries(shares(Object.entries(profile), 4)).map(([name]) => html`
        <li key=${name} style=${{ "--mood": moods.color(name), "--share": profile[name] }}>
          <span>${moodName(name)}</span><span class="figure">${percent(profile[name])}</span></li>`)}
    </ul>
  </section>
`;

function Sound({ features }) {
  const words = texts.why;
  return html`
    <section><h4>${words.features}</h4>
      <ul class="profile sound">
        ${SHARES.filter((name) => features[name] != null).map((name) => html`
          <li key=${name} style=${{ "--share": clamp(features[name]) }}>
            <span>${words.featureNames[name]}</span><span class="figure">${decimal(features[name])}</span></li>`)}
        ${MEASURED.filter((name) => features[name] != null).map((name) => html`
          <li class="measured" key=${name}><span>${words.featureNames[name]}</span>
            <span class="figure">${Math.round(features[name])} ${words.units[name]}</span></li>`)}
      </ul>
    </section>
  `;
}

function Beside({ track, known, moods }) {
  const near = known?.nearest ?? [];
  if (!near.length && !track.beside) return null;
  return html`
    <section class="beside"><h4>${texts.why.beside}</h4>
      ${track.beside && html`<p>${texts.why.besideListed(track.beside.rank, decimal(track.beside.similarity))}</p>`}
      <ul>
        ${near.slice(0, 4).map((one) => html`
          <li key=${one.track_id} title=${texts.why.similar(decimal(one.similarity))}>
            <${Sign} mood=${moods.byName.get(one.mood)} color=${moods.color(one.mood)} />
            <span class="clip"><strong>${called(one)}</strong>${" "}<span class="muted">${byWhom(one)}</span></span></li>`)}
      </ul>
    </section>
  `;
}
