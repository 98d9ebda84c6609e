// "How are you?": three ways to say it.

import { Chips } from "./chips.js";
import { Pad, Questions } from "./lazy.js";
import { texts } from "./texts.js";
import { html, useRef, useState } from "./view.js";

const WAYS = ["moods", "place", "questions"];
const wayOf = (wish) => ({ place: "place", answers: "questions" })[wish.way] ?? "moods";

/** The panel; `setWish` takes a change of the wish. */
export function Ask({ session, wish, setWish, list }) {
  const [way, setWay] = useState(() => wayOf(wish));
  const tabs = useRef({});
  const ways = session.catalog.questions ? WAYS : WAYS.slice(0, 2);
  const go = (to) => {
    setWay(to);
    tabs.current[to]?.focus();
  };
  const onKeyDown = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    go(ways[(ways.indexOf(way) + step + ways.length) % ways.length]);
  };
  return html`
    <section class="ask" aria-labelledby="ask-heading">
      <h1 id="ask-heading">${texts.ask.heading}</h1>
      <div class="tabs" role="tablist" aria-label=${texts.ask.ways} onKeyDown=${onKeyDown}>
        ${ways.map((one) => html`
          <button type="button" role="tab" key=${one} id=${`way-${one}`} aria-selected=${String(one === way)}
            aria-controls="way-panel" tabindex=${one === way ? 0 : -1} ref=${(el) => (tabs.current[one] = el)}
            onClick=${() => setWay(one)}>${texts.ask[one]}</button>`)}
      </div>
      <div id="way-panel" class="way" role="tabpanel" aria-labelledby=${`way-${way}`}>
        ${way === "moods" && html`<${Chips} moods=${session.moods} wish=${wish} setWish=${setWish} />`}
        ${way === "place" && html`<${Pad} moods=${session.moods} wish=${wish} setWish=${setWish} list=${list} />`}
        ${way === "questions" && html`<${Questions} moods=${session.moods} wish=${wish} setWish=${setWish} />`}
      </div>
    </section>
  `;
}
