// The page: how are you, the list or the map, and what opens over them.

import { Ask } from "./ask.js";
import { useFeedback, useList } from "./asking.js";
import { Icon, Mark } from "./icons.js";
import { Limits, Mine, MoodMap, Saved, Take } from "./lazy.js";
import { List } from "./list.js";
import { shares } from "./moods.js";
import { SignIn, useSession } from "./session.js";
import { Failed, Offline } from "./states.js";
import { texts } from "./texts.js";
import { called } from "./tracks.js";
import { api, SIGNED_OUT } from "./api.js";
import { html, render, useCallback, useEffect, useState } from "./view.js";
import { DEFAULT_LIMITS, fromFragment, NO_WISH, titleOf, toFragment } from "./wish.js";

/** Moods of a track that "more like this" asks for. */
const LIKE_MOODS = 3;

function App() {
  const session = useSession();
  if (session.phase === "starting") return html`<main class="starting"><${Mark} /><p role="status">${texts.states.starting}</p></main>`;
  if (session.phase === "signed-out") return html`<${SignIn} start=${session.start} again=${session.again} />`;
  if (session.phase === "failed") {
    return html`<main class="starting"><${Mark} /><${Failed} failure=${session.failure} retry=${session.start} /></main>`;
  }
  return html`<${Page} session=${session} />`;
}

/** What is wished for; it stands in the address, and going back goes back to it. */
function useWish(moods) {
  const [state, setState] = useState(() => fromFragment(location.hash, moods));
  useEffect(() => {
    const back = () => setState(fromFragment(location.hash, moods));
    addEventListener("popstate", back);
    return () => removeEventListener("popstate", back);
  }, []);
  const put = (next) => {
    const fragment = toFragment(next.wish, next.limits);
    if (`#${fragment}` !== (location.hash || "#")) history.pushState(null, "", `#${fragment}`);
    setState(next);
  };
  return {
    ...state,
    setWish: (change) => put({ ...state, wish: { ...NO_WISH, ...change } }),
    setLimits: (limits) => put({ ...state, limits }),
  };
}

function Page({ session }) {
  const { wish, limits, setWish, setLimits } = useWish(session.moods);
  const list = useList(session, wish, limits);
  const feedback = useFeedback();
  const [sheet, setSheet] = useState(null);
  const [view, setView] = useState("list");
  const [padRound, setPadRound] = useState(0);
  const close = useCallback(() => setSheet(null), []);

  const moreLike = (track) => {
    const moods = shares(Object.entries(track.profile), LIKE_MOODS);
    setWish({ way: "like", like: { track_id: track.track_id, title: called(track), moods } });
    setView("list");
  };
  const startAt = (track) => {
    const at = [track.valence, track.arousal].map((v) => Math.round(v * 1000) / 1000);
    const goal = wish.way === "place" && wish.goal ? wish.goal : at[0] < 0.5 ? [0.8, 0.6] : [0.7, 0.2];
    setWish({ way: "place", at, goal });
    setView("list");
    setPadRound((n) => n + 1);
  };
  const heading = list.answer ? titleOf(list.wish, session.moods) : "";
  useEffect(() => {
    document.title = heading ? texts.title(heading) : texts.name;
  }, [heading]);
  const listProps = { session, wish, list, limits, setLimits, feedback, openSheet: (name) => setSheet({ name }), moreLike, startAt };
  return html`
    <a class="skip-link" href="#results" onClick=${toResults}>${texts.top.skip}</a>
    <${Top} session=${session} openSheet=${(name) => setSheet({ name })} />
    <${Offline} />
    <main class="page">
      <${Ask} key=${padRound} session=${session} wish=${wish} setWish=${setWish} list=${list} />
      <section class="results" id="results" tabindex="-1" aria-label=${texts.list.views}>
        <${Views} view=${view} setView=${setView} />
        ${view === "list" ? html`<${List} ...${listProps} />` : html`
          <${MoodMap} moods=${session.moods} answer=${list.answer} moreLike=${moreLike} startAt=${startAt} />`}
      </section>
    </main>
    <${Jump} list=${list} heading=${heading} />
    <p class="unseen" role="status" aria-live="polite">
      ${list.status === "ready" ? texts.list.ready(heading, list.answer.recommendations.length) : ""}</p>
    ${sheet?.name === "limits" && html`<${Limits} catalog=${session.catalog} limits=${limits} setLimits=${setLimits} close=${close} />`}
    ${sheet?.name === "take" && html`<${Take} ...${sheet.list ?? { heading, tracks: list.answer.recommendations }} close=${close} />`}
    ${sheet?.name === "saved" && html`<${Saved} moods=${session.moods} close=${close}
      take=${(one) => setSheet({ name: "take", list: { heading: one.name, tracks: one.tracks, kept: one.id } })} />`}
    ${sheet?.name === "mine" && html`<${Mine} me=${session.me} close=${close} forgotten=${feedback.clear} />`}
  `;
}

/** The fragment is the wish's, so the link moves the focus by itself. */
function toResults(event) {
  event.preventDefault();
  const results = document.getElementById("results");
  results.focus({ preventScroll: true });
  results.scrollIntoView();
}

function Top({ session, openSheet }) {
  const { me } = session;
  const signOut = async () => {
    await api.signOut().catch(() => null); // gone here either way
    dispatchEvent(new Event(SIGNED_OUT));
  };
  const item = (icon, label, onClick) => html`
    <button type="button" class="top-item" onClick=${onClick}><${Icon} name=${icon} /><span>${label}</span></button>`;
  return html`
    <header class="top">
      <div class="brand"><${Mark} />${texts.name}</div>
      ${session.catalog.synthetic && html`<p class="sample small">${texts.top.synthetic}</p>`}
      <nav aria-label=${texts.name}>
        ${item("saved", texts.top.saved, () => openSheet("saved"))}
        ${item("mine", texts.top.mine, () => openSheet("mine"))}
        ${!me.local && item("out", texts.top.signOut, signOut)}
      </nav>
    </header>
  `;
}

/** On a narrow screen the list is out of sight while one says how one is: the way to it. */
function Jump({ list, heading }) {
  const [away, setAway] = useState(false);
  useEffect(() => {
    const watch = new IntersectionObserver(([entry]) => setAway(!entry.isIntersecting && entry.boundingClientRect.top > 0));
    watch.observe(document.getElementById("results"));
    return () => watch.disconnect();
  }, []);
  if (!away || list.status === "none") return null;
  const word = { working: texts.list.working, failed: texts.states.failed }[list.status] ?? heading;
  return html`
    <button type="button" class="primary jump" onClick=${toResults}>
      <span class="clip">${word}</span><${Icon} name="why" /></button>
  `;
}

const Views = ({ view, setView }) => html`
  <div class="views" role="group" aria-label=${texts.list.views}>
    ${["list", "map"].map((one) => html`
      <button type="button" key=${one} aria-pressed=${String(view === one)} onClick=${() => setView(one)}>${texts.list[one]}</button>`)}
  </div>
`;

document.documentElement.lang = texts.language;
render(html`<${App} />`, document.getElementById("page"));
