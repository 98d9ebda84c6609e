// Up to five questions, the most telling first; the probabilities move with each answer.

import { api, Failure } from "./api.js";
import { percent } from "./format.js";
import { moodName } from "./moods.js";
import { Failed } from "./states.js";
import { texts } from "./texts.js";
import { html, useEffect, useRef, useState } from "./view.js";

/** What stands for an answer that somebody would rather not give. */
const UNKNOWN = "(unknown)";
const NOTHING = { answers: {}, asked: 0, outlook: null, failure: null, busy: true };

/** The talk so far: what was answered, and what that suggests. */
function useTalk() {
  const [talk, setTalk] = useState(NOTHING);
  const ask = async (answers) => {
    setTalk((before) => ({ ...before, busy: true, failure: null, pending: answers }));
    try {
      const outlook = await api.mood(answers);
      setTalk({ answers, outlook, busy: false, failure: null });
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      setTalk((before) => ({ ...before, busy: false, failure }));
    }
  };
  useEffect(() => void ask({}), []);
  return { talk, ask };
}

export function Questions({ moods, wish, setWish }) {
  const { talk, ask } = useTalk();
  const [goal, setGoal] = useState(wish.answersGoal);
  const { outlook, answers } = talk;
  const answered = Object.keys(answers).length;
  const show = () => setWish({ way: "answers", answers: { ...answers }, answersGoal: goal });
  if (!outlook && talk.failure) return html`<${Failed} failure=${talk.failure} retry=${() => ask({})} />`;
  if (!outlook) return html`<p class="lead" role="status">${texts.questions.loading}</p>`;
  const { next } = outlook;
  return html`
    <p class="lead">${texts.questions.lead}</p>
    ${next
      ? html`<${Card} key=${next.column} question=${next} at=${answered + 1} most=${answered + outlook.left} busy=${talk.busy}
          answer=${(value) => ask({ ...answers, [next.column]: value })} moved=${answered > 0} />`
      : html`<p class="no-more">${texts.questions.over}</p>`}
    ${talk.failure && html`<${Failed} failure=${talk.failure} retry=${() => ask(talk.pending)} />`}
    <${Outlook} moods=${moods} outlook=${outlook} answered=${answered} />
    ${answered > 0 && html`
      <div class="talk-end">
        <label>${texts.questions.goal}${" "}
          <select value=${goal} onChange=${(e) => setGoal(e.target.value)}>
            <option value="">${texts.questions.stay}</option>
            ${moods.offered.map(({ name }) => html`<option key=${name} value=${name}>${moodName(name)}</option>`)}
          </select></label>
        <button type="button" class="primary" onClick=${show}>${texts.questions.show}</button>
        <button type="button" class="text-button" onClick=${() => ask({})}>${texts.questions.again}</button>
      </div>`}
  `;
}

function Card({ question, at, most, answer, busy, moved }) {
  const [ticked, setTicked] = useState([]);
  const legend = useRef(null);
  // After an answer the next question is where a keyboard and a screen reader go on.
  useEffect(() => moved && legend.current.focus({ preventScroll: true }), []);
  const typed = question.kind === "number" || question.kind === "date";
  const tick = (option) =>
    setTicked(ticked.includes(option) ? ticked.filter((one) => one !== option) : [...ticked, option]);
  return html`
    <fieldset class="card" disabled=${busy} aria-busy=${String(busy)}>
      <legend ref=${legend} tabindex="-1">
        <span class="small muted">${texts.questions.step(at, most)}</span>
        <span class="wording">${question.wording}</span>
      </legend>
      ${typed && html`<${Typed} question=${question} answer=${answer} />`}
      <div class="options">
        ${question.kind === "several"
          ? question.options.map((option) => html`
              <label class="option tickable" key=${option}>
                <input type="checkbox" checked=${ticked.includes(option)} onChange=${() => tick(option)} />
                <span>${option}</span></label>`)
          : question.options.map((option) => html`
              <button type="button" class="option" key=${option} onClick=${() => answer(option)}>${option}</button>`)}
        ${question.blank && html`
          <button type="button" class="option" onClick=${() => answer(null)}>${texts.questions.blank}</button>`}
      </div>
      <div class="card-end">
        ${question.kind === "several" && html`
          <button type="button" class="primary" disabled=${!ticked.length} onClick=${() => answer(ticked)}>${texts.questions.next}</button>`}
        <button type="button" class="text-button" onClick=${() => answer(UNKNOWN)}>${texts.questions.skip}</button>
      </div>
    </fieldset>
  `;
}

function Typed({ question, answer }) {
  const [text, setText] = useState("");
  const enter = (event) => {
    event.preventDefault();
    if (text.trim()) answer(text.trim());
  };
  return html`
    <form class="typed" onSubmit=${enter}>
      <label for="typed">${texts.questions.answer}</label>
      <input id="typed" inputmode=${question.kind === "number" ? "decimal" : "text"} value=${text}
        aria-describedby="typed-hint" onInput=${(e) => setText(e.target.value)} />
      ${question.low && html`<p id="typed-hint" class="small muted">${texts.questions.between(question.low, question.high)}</p>`}
      <button class="primary" disabled=${!text.trim()}>${texts.questions.next}</button>
    </form>
  `;
}

/** How likely each listener mood is; each on its own, so they need not sum to 1. */
function Outlook({ moods, outlook, answered }) {
  const words = texts.questions;
  const state = outlook.sure ? "sure" : outlook.next ? "notSure" : "stillNotSure";
  const likeliest = Object.entries(outlook.probabilities).sort((a, b) => b[1] - a[1]);
  return html`
    <div class="outlook" role="status">
      <h2 class="label">${words.outlook}</h2>
      <p class="verdict"><strong>${words[state]}.</strong>${" "}<span>${answered ? words[`${state}Long`] : words.before}</span></p>
      <dl>
        ${likeliest.map(([name, value]) => html`
          <div key=${name} class="likely" style=${{ "--mood": moods.color(name), "--share": value }}>
            <dt>${moodName(name)}</dt><dd class="figure">${percent(value)}</dd>
          </div>`)}
      </dl>
    </div>
  `;
}
