// Figures and days as people read them.

import { texts } from "./texts.js";

const share = new Intl.NumberFormat(texts.language, { style: "percent", maximumFractionDigits: 0 });
const day = new Intl.DateTimeFormat(texts.language, { day: "numeric", month: "short", year: "numeric" });
const shortDay = new Intl.DateTimeFormat(texts.language, { day: "numeric", month: "short" });
const digits = (n) => new Intl.NumberFormat(texts.language, { minimumFractionDigits: n, maximumFractionDigits: n });
const [hundredths, thousandths] = [digits(2), digits(3)];

export const percent = (value) => share.format(value).replace("%", "\u00a0%");
export const decimal = (value) => hundredths.format(value + 0);
export const dayOf = (at) => (Number.isNaN(Date.parse(at)) ? String(at) : day.format(new Date(at)));
export const today = () => shortDay.format(new Date());
export const clamp = (value, low = 0, high = 1) => Math.min(high, Math.max(low, value));

/** To three decimals, so that parts of a score are seen to add up; parts with their sign. */
export const exact = (value) => thousandths.format(value + 0);
export const signed = (value) => (value < 0 ? "\u2212" : "+") + exact(Math.abs(value));

/** A sentence of the service's with a capital and a full stop. */
export function sentence(text) {
  const said = String(text).trim();
  const capital = said.charAt(0).toLocaleUpperCase(texts.language) + said.slice(1);
  return /[.!?…]$/.test(capital) ? capital : `${capital}.`;
}

/** The names in a row: "a", "a and b", "a, b and c". */
export function listed(names) {
  if (names.length < 2) return names.join("");
  return names.slice(0, -1).join(", ") + texts.list.join + names.at(-1);
}
