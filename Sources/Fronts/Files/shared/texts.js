// The messages of this page's scripts, in its language.
const messages = JSON.parse(document.getElementById("texts")?.textContent || "{}");
export const language = document.documentElement.lang || "en";
const plurals = new Intl.PluralRules(language);

/** The message with its blanks filled in: `text("customer.script.eta", { from: "7:10" })`. */
export function text(key, values = {}) {
  return (messages[key] ?? key).replace(/\{\{(\w+)\}\}/g, (all, name) => values[name] ?? all);
}

/** The form of a message that goes with the count. */
export function counting(key, count, values = {}) {
  const form = `${key}.${plurals.select(count)}`;
  return text(messages[form] === undefined ? `${key}.other` : form, { count: number(count), ...values });
}

export const number = (value, options) => new Intl.NumberFormat(language, options).format(value);
export const money = (amount, currency) => number(Number(amount), { style: "currency", currency });
/** The time of day on the clocks of a zone; the device's own where none is named. */
export const time = (instant, zone) => new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit", timeZone: zone || undefined }).format(new Date(instant));
export const dayAndTime = (instant, zone) => new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short", timeZone: zone || undefined }).format(new Date(instant));
export const distance = (meters) => meters < 1000 ? text("shared.script.unit.meters", { count: number(Math.round(meters / 10) * 10) }) : text("shared.script.unit.kilometers", { count: number(meters / 1000, { maximumFractionDigits: 1 }) });

/** How long ago, in words: "12 seconds ago". */
export function age(seconds) {
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "long" });
  return seconds < 90 ? relative.format(-Math.round(seconds), "second") : relative.format(-Math.round(seconds / 60), "minute");
}
