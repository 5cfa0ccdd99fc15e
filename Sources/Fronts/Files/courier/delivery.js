// The running delivery: all its stages are on the page, and a tap shows the next one at once, with a line or without.
import { text } from "../shared/texts.js";
import { toast } from "../shared/toast.js";
import { point, showAway, showMap } from "./places.js";
import { hasEnded, order, steps } from "./steps.js";

/** For how long a wrong tap can be taken back. */
const grace = 4000;
const kindly = new Set(["arrived_at_restaurant", "picked_up", "arrived_at_customer"]);

/**
 * @param {HTMLElement} card
 * @returns {(isNews: boolean) => void} shows where the delivery stands, with what is not sent yet
 */
export function setUpDelivery(card) {
  const id = card.dataset.delivery;
  let shown = card.dataset.status;

  function show() {
    const status = steps.status(id, card.dataset.status);
    if (status === shown) return;
    const isOnward = order.indexOf(status) > order.indexOf(shown) || hasEnded(status);
    shown = status;
    for (const stage of card.querySelectorAll("[data-stage]")) stage.hidden = stage.dataset.stage !== status;
    const at = order.indexOf(status);
    for (const item of card.querySelectorAll(".progress [data-step]")) {
      const own = order.indexOf(item.dataset.step);
      item.classList.toggle("done", own < at);
      if (own === at) item.setAttribute("aria-current", "step"); else item.removeAttribute("aria-current");
    }
    const isPickedUp = at >= order.indexOf("picked_up");
    for (const form of card.querySelectorAll("[data-fail]")) form.hidden = (form.dataset.fail === "after") !== isPickedUp;
    card.querySelector("[data-running]").hidden = hasEnded(status);
    card.querySelector("#map").hidden = hasEnded(status);
    const heading = card.querySelector(`[data-stage="${status}"] h1`);
    document.getElementById("told").textContent = `${text(`courier.script.status.${status}`)}. ${heading?.textContent ?? ""}`;
    if (isOnward) { heading?.focus({ preventScroll: true }); scrollTo({ top: 0 }); }
  }

  function tap(form) {
    const fields = new FormData(form);
    const status = fields.get("status");
    const step = { delivery: id, status };
    if (status === "delivered") step.handOverCode = String(fields.get("handOverCode")).replace(/\s/g, "");
    if (status === "failed") step.reason = [fields.get("reason"), fields.get("details")].filter(Boolean).join(": ");
    const kept = steps.add(step, kindly.has(status) ? grace : 0);
    if (!kept) return;
    // What was tapped before is meant by now: nothing of it is to be taken back.
    for (const old of document.querySelectorAll("#toasts .toast")) old.remove();
    if (!kindly.has(status)) return;
    toast(text(`courier.script.status.${status}`), { seconds: grace / 1000, undo: () => { if (!steps.takeBack(kept.id)) toast(text("courier.script.tooLate")); } });
  }

  for (const form of card.querySelectorAll("[data-step-form]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      clearFault(form);
      card.querySelector("#refused").hidden = true;
      tap(form);
    });
  }
  const code = card.querySelector("#f-handOverCode");
  code?.addEventListener("input", () => clearFault(code.form));

  const map = card.querySelector("#map");
  showAway(card.querySelector('[data-away="restaurant"]'), point(map.dataset.restaurant));
  showAway(card.querySelector('[data-away="customer"]'), point(map.dataset.customer));
  showMap(map);
  // Apple's maps do not know `geo:`.
  if (/iPhone|iPad|iPod/.test(navigator.userAgent)) {
    for (const link of card.querySelectorAll("[data-way]")) link.href = link.getAttribute("href").replace(/^geo:[^?]*\?q=/, "maps:?daddr=");
  }
  show();
  return show;
}

function clearFault(form) {
  const field = form.querySelector(".field.wrong");
  field?.classList.remove("wrong");
  field?.querySelector(".error")?.remove();
  field?.querySelector("[aria-invalid]")?.removeAttribute("aria-invalid");
}

/** Says why a step was not taken: beside its field, where it is about one. */
export function showRefusal(card, step, problem, dropped) {
  const known = text(`courier.script.problem.${problem.code}`);
  const sentence = known.startsWith("courier.script.") ? problem.message : known;
  const input = step.status === "delivered" && problem.errors.some((fault) => fault.field === "handOverCode") ? card?.querySelector("#f-handOverCode") : null;
  if (input && dropped.length === 1) {
    const field = input.closest(".field");
    field.classList.add("wrong");
    field.querySelector(".error")?.remove();
    field.append(Object.assign(document.createElement("p"), { className: "error", id: "f-handOverCode-error", textContent: sentence }));
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", "f-handOverCode-hint f-handOverCode-error");
    if (!input.value) input.value = step.handOverCode ?? "";
    input.focus();
    input.select();
    return;
  }
  const message = text("courier.script.refused", { steps: dropped.map((one) => text(`courier.script.status.${one.status}`)).join(", "), reason: sentence });
  const place = card?.querySelector("#refused");
  if (!place) { toast(message, { seconds: 10 }); return; }
  place.textContent = message;
  place.hidden = false;
}
