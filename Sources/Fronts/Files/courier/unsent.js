// Says what was tapped and is not sent yet, on every page of the app.
import { text, time } from "../shared/texts.js";
import { steps } from "./steps.js";

const place = document.getElementById("unsent");
let timer = 0;

function show() {
  clearTimeout(timer);
  const now = Date.now();
  // With a line a step is gone in a moment: only what stays is worth a word.
  const kept = steps.all().filter((step) => steps.isStuck || !navigator.onLine || now - Math.max(step.from, Date.parse(step.at)) > 3000);
  place.hidden = kept.length === 0;
  const words = kept.map((step) => text("courier.script.unsent.step", { step: text(`courier.script.status.${step.status}`), time: time(step.at) }));
  const sentence = kept.length ? text("courier.script.unsent", { steps: words.join(" · ") }) : "";
  if (place.textContent !== sentence) place.textContent = sentence;
  if (steps.all().length) timer = setTimeout(show, 1500);
}

/** Keeps the word true. */
export function watchUnsent() {
  steps.addEventListener("change", show);
  addEventListener("online", show);
  addEventListener("offline", show);
  show();
}
