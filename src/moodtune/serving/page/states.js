// The states that are no list: empty, working, slow, failed, busy, offline.

import { Icon } from "./icons.js";
import { sentence } from "./format.js";
import { glowsOf } from "./moods.js";
import { texts } from "./texts.js";
import { html, useEffect, useState } from "./view.js";

const SLOW_MS = 2000;

/** Whether what has been `working` for longer than a person waits without a word. */
export function useSlow(working) {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    setSlow(false);
    if (!working) return undefined;
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    return () => clearTimeout(timer);
  }, [working]);
  return slow;
}

/** Whether the browser says that there is no network. */
export function useOffline() {
  const [offline, setOffline] = useState(!navigator.onLine);
  useEffect(() => {
    const look = () => setOffline(!navigator.onLine);
    addEventListener("online", look);
    addEventListener("offline", look);
    return () => {
      removeEventListener("online", look);
      removeEventListener("offline", look);
    };
  }, []);
  return offline;
}

export const Notice = ({ kind, heading, children, action }) => html`
  <div class="notice ${kind ?? ""}">
    <h3>${heading}</h3>
    ${children}
    ${action && html`<div class="notice-action">${action}</div>`}
  </div>
`;

/** A mix as light behind what it concerns. */
export const Wash = ({ glows }) => html`
  <span class="wash" aria-hidden="true">
    ${glows.map(({ name, style }) => html`<span key=${name} style=${style} />`)}
  </span>
`;

export const Empty = ({ moods }) => html`
  <div class="hero empty">
    <${Wash} glows=${glowsOf(moods, Object.fromEntries(moods.offered.map(({ name }) => [name, 1 / moods.offered.length])))} />
    <p class="empty-lead">${texts.states.empty}</p>
    <p>${texts.states.emptyHint}</p>
  </div>
`;

/** The list's place while it is made, with a word when that takes long. */
export function Working({ rows = 6 }) {
  const slow = useSlow(true);
  return html`
    <div class="working" role="status">
      <p class=${slow ? "working-word slow" : "working-word"}>${slow ? texts.list.slow : texts.list.working}</p>
      <div class="skeleton" aria-hidden="true">
        ${Array.from({ length: rows }, (_, i) => html`
          <div class="skeleton-row" key=${i}><span class="bone rank" /><span class="bone title" /><span class="bone bar" /></div>`)}
      </div>
    </div>
  `;
}

function headingOf(failure) {
  const { states } = texts;
  return { unreachable: states.unreachable, busy: states.busy }[failure.kind] ?? states.failed;
}

/** What went wrong, in the service's own words where it has any. */
export function Failed({ failure, retry }) {
  const { states } = texts;
  const hint = failure.kind === "unreachable" ? states.unreachableHint : states.failedHint;
  return html`
    <${Notice} kind=${failure.kind} heading=${headingOf(failure)}
      action=${retry && html`<button type="button" class="primary" onClick=${retry}>${states.retry}</button>`}>
      <p>${failure.detail ? sentence(failure.detail) : hint}</p>
      ${failure.kind === "busy" && html`<${Countdown} failure=${failure} retry=${retry} />`}
      ${failure.requestId && html`<p class="small muted">${states.request(failure.requestId)}</p>`}
    <//>
  `;
}

/** Counts down what the service asked to wait, and tries again. */
function Countdown({ failure, retry }) {
  const { states } = texts;
  const [left, setLeft] = useState(failure.retryAfter);
  useEffect(() => setLeft(failure.retryAfter), [failure]);
  useEffect(() => {
    if (left === null || !retry) return undefined;
    if (left <= 0) {
      retry();
      return undefined;
    }
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left, retry]);
  if (left === null || !retry) return html`<p>${states.busyHint}</p>`;
  return html`<p class="countdown">${left > 0 ? states.busyLater(left) : states.busyNow}</p>`;
}

/** A failure in a line, where what it concerns is small. */
export const FailedLine = ({ failure, lead = "" }) => html`
  <p class="failed-line" role="alert">
    ${lead && `${lead} `}${failure.detail ? sentence(failure.detail) : `${headingOf(failure)}.`}
  </p>
`;

export const Offline = () =>
  useOffline() && html`<p class="banner offline" role="status">${texts.states.offline}</p>`;

export const CloseButton = ({ onClick, label = texts.states.close }) => html`
  <button type="button" class="icon-button" aria-label=${label} title=${label} onClick=${onClick}>
    <${Icon} name="close" />
  </button>
`;
