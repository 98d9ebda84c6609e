// The icons: outlines on a grid of 20, drawn in the colour of the text around them.

import { html } from "./view.js";

const PATHS = {
  like: "M10 16.6 3.9 10.6a3.8 3.8 0 0 1 0-5.4 3.8 3.8 0 0 1 5.4 0l.7.7.7-.7a3.8 3.8 0 0 1 5.4 0 3.8 3.8 0 0 1 0 5.4Z",
  skip: "M4 4.5v11l7.5-5.5ZM15.5 4.5v11",
  ban: "M10 2.8a7.2 7.2 0 1 0 0 14.4 7.2 7.2 0 0 0 0-14.4ZM5 5l10 10",
  listen: "M8 4.5H4.5v11h11V12M11.5 3.5h5v5M16 4l-7.5 7.5",
  why: "M5 8l5 5 5-5",
  close: "M5 5l10 10M15 5 5 15",
  plus: "M10 4v12M4 10h12",
  minus: "M4 10h12",
  whole: "M3.5 7.5v-4h4M12.5 3.5h4v4M16.5 12.5v4h-4M7.5 16.5h-4v-4",
  again: "M16 6.5V3m0 3.5h-3.5M16 6.2A7 7 0 1 0 17 10",
  limits: "M3 6h8m4 0h2M3 14h2m4 0h8M13 4v4M7 12v4",
  take: "M10 3v9m0 0 3.5-3.5M10 12 6.5 8.5M4 16.5h12",
  saved: "M5 3.5h10v13l-5-3.6-5 3.6Z",
  mine: "M10 3.2a3.3 3.3 0 1 0 0 6.6 3.3 3.3 0 0 0 0-6.6ZM3.8 16.8c.6-3 3-4.6 6.2-4.6s5.6 1.6 6.2 4.6",
  out: "M8 3.5H4v13h4M12.5 6.5 16 10l-3.5 3.5M16 10H8",
  back: "M12 5 7 10l5 5",
  remove: "M4 6h12M8 6V4h4v2M6 6l.7 10.5h6.6L14 6",
  check: "M4 10.5 8.2 14.5 16 6",
};

export const Icon = ({ name }) => html`
  <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
    <path d=${PATHS[name]} />
  </svg>
`;

/** A mood's sign: its place on the plane, in its colour; so that colour is never all there is. */
export const Sign = ({ mood, color }) => html`
  <svg class="sign" viewBox="0 0 20 20" aria-hidden="true" focusable="false" style=${{ color }}>
    <circle class="sign-rim" cx="10" cy="10" r="8" />
    <circle cx=${4 + 12 * (mood?.valence ?? 0.5)} cy=${16 - 12 * (mood?.arousal ?? 0.5)} r="4" />
  </svg>
`;

/** Moodtune's mark: a path over the plane. */
export const Mark = () => html`
  <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
    <circle class="mark-rim" cx="16" cy="16" r="14.5" />
    <path class="mark-path" d="M8.5 20.5c4 3 6.5-1.5 7.5-4.5s3.5-7 7.5-4.5" />
    <circle class="mark-from" cx="8.5" cy="20.5" r="3" />
    <circle class="mark-to" cx="23.5" cy="11.5" r="3" />
  </svg>
`;
