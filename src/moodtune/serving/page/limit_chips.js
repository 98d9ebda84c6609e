// The limits that are set, each with a way to lift it.

import { Icon } from "./icons.js";
import { texts } from "./texts.js";
import { html } from "./view.js";
import { DEFAULT_LIMITS, setLimits as differing } from "./wish.js";

const SINGLE = { genres: "genre", not_genres: "not_genre" };

/** [{said, lifted}] for each limit: what it says, and the limits without it. */
function chipsOf(limits) {
  return Object.entries(differing(limits)).flatMap(([name, value]) =>
    SINGLE[name]
      ? value.map((one) => ({
          said: texts.limits.chip[SINGLE[name]](one),
          lifted: { ...limits, [name]: value.filter((other) => other !== one) },
        }))
      : [{ said: texts.limits.chip[name](value), lifted: { ...limits, [name]: DEFAULT_LIMITS[name] ?? null } }],
  );
}

export function LimitChips({ limits, setLimits }) {
  const chips = chipsOf(limits);
  if (!chips.length) return null;
  return html`
    <ul class="limit-chips" aria-label=${texts.limits.heading}>
      ${chips.map(({ said, lifted }) => html`
        <li key=${said}><button type="button" aria-label=${texts.limits.remove(said)} onClick=${() => setLimits(lifted)}>
          <span>${said}</span><${Icon} name="close" /></button></li>`)}
    </ul>
  `;
}
