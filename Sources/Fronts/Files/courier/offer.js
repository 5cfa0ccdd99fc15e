// An offer on the screen: it rings, its time runs down, and the two answers are given at once.
import { ask } from "../shared/api.js";
import { text } from "../shared/texts.js";
import { toast } from "../shared/toast.js";
import { hush, ring } from "./alarm.js";
import { point, showAway, showMap } from "./places.js";

/**
 * @param {HTMLElement} card
 * @param {() => Promise<unknown>} reread reads the truth from the server
 * @returns {() => void} ends the offer: it was answered or is gone
 */
export function setUpOffer(card, reread) {
  const id = card.dataset.offer;
  const whole = Number(card.dataset.whole);
  // How long is left is counted on the device from the moment the page came, for its clock may be wrong.
  const end = performance.now() + Number(card.dataset.left);
  const circle = card.querySelector(".ring .left"), seconds = card.querySelector("#seconds");
  const title = document.title;
  let isOver = false;

  function stop() {
    if (isOver) return;
    isOver = true;
    clearInterval(timer);
    hush();
    document.title = title;
  }

  function tick() {
    if (!card.isConnected) { stop(); return; }
    const left = Math.max(0, end - performance.now());
    circle.style.strokeDashoffset = String(100 - Math.min(100, (left / whole) * 100));
    seconds.textContent = new Intl.NumberFormat(document.documentElement.lang).format(Math.ceil(left / 1000));
    card.classList.toggle("urgent", left < 10000);
    if (left > 0) return;
    stop();
    toast(text("courier.script.offer.late"));
    reread();
  }
  const timer = setInterval(tick, 250);
  document.title = `● ${text("courier.script.offer.title")}`;
  tick();
  if (!isOver) ring();

  async function answer(event, verb) {
    event.preventDefault();
    if (card.dataset.answered) return;
    card.dataset.answered = verb;
    hush();
    const button = event.submitter ?? event.target.querySelector("button");
    button.setAttribute("aria-busy", "true");
    for (;;) {
      try {
        await ask("POST", `/v1/partner/offers/${id}/${verb}`, {}, { signal: AbortSignal.timeout(10000) });
        stop();
        await reread();
        return;
      } catch (problem) {
        // Asking again is safe: an offer is taken once, whoever hears the answer.
        if (problem.isPassing && end > performance.now()) { await new Promise((resolve) => setTimeout(resolve, 1000)); continue; }
        stop();
        toast(problem.code === "offer_gone" || problem.code === "offer_unknown" ? text("courier.script.offer.gone") : problem.message);
        await reread();
        if (card.isConnected) { delete card.dataset.answered; button.removeAttribute("aria-busy"); }
        return;
      }
    }
  }
  card.querySelector("[data-accept]").addEventListener("submit", (event) => answer(event, "accept"));
  card.querySelector("[data-decline]").addEventListener("submit", (event) => answer(event, "decline"));

  const map = card.querySelector("#map");
  showAway(card.querySelector("[data-away]"), point(map.dataset.restaurant));
  showMap(map);
  return stop;
}
