// `/courier`: reads the page again whenever something happened, and brings its part `#now` to life.
import { leaflet } from "../shared/map.js";
import { text, time } from "../shared/texts.js";
import { toast } from "../shared/toast.js";
import { setUpDelivery, showRefusal } from "./delivery.js";
import { tellZone } from "./zone.js";
import { line } from "./line.js";
import { setUpOffer } from "./offer.js";
import { positions } from "./positions.js";
import { beSeen, setUpSwitch, shift } from "./shift.js";
import { steps } from "./steps.js";
import { watchUnsent } from "./unsent.js";

let now = document.getElementById("now");
let endOffer = null;
let showDelivery = null;
/** What was not taken last, to be said again when the page was read meanwhile. */
let refusal = null;

function setUp() {
  for (const moment of now.querySelectorAll("time[data-clock]")) moment.textContent = time(moment.dateTime);
  const offer = now.querySelector("[data-offer]"), delivery = now.querySelector("[data-delivery]");
  endOffer = null;
  showDelivery = null;
  // A kept page may be old: what it offers is gone for sure, and what it delivers may go on.
  if (offer && document.documentElement.dataset.kept !== undefined) now.replaceChildren(Object.assign(document.createElement("p"), { className: "message warn", textContent: text("courier.script.offline") }));
  else if (offer) endOffer = setUpOffer(offer, reread);
  if (delivery) showDelivery = setUpDelivery(delivery);
  line.follow(delivery?.dataset.order ?? null);
  const isOnline = shift.wish ? shift.wish === "available" : Boolean(now.dataset.online);
  setUpSwitch(now.querySelector("#shift"), (isOn) => { showShift(isOn); beSeen(isOn || Boolean(delivery)); });
  beSeen(isOnline || Boolean(delivery));
  showPosition();
  // Half a minute is short: what draws the map is there before the offer is.
  if (isOnline && !offer && !delivery) setTimeout(() => leaflet().catch(() => {}), 1500);
}

function showShift(isOn) {
  const tag = document.getElementById("shift-tag");
  const waiting = now.querySelector("[data-state=waiting]");
  if (waiting) {
    waiting.querySelector("h1").textContent = text(isOn ? "courier.script.waiting.online" : "courier.script.waiting.offline");
    tag.dataset.shift = isOn ? "online" : "offline";
    tag.textContent = text(`courier.script.state.${tag.dataset.shift}`);
  }
}

// Reading the truth

let reading = null;
let again = 0;
let isStale = false;
/** The delivery that just ended: how it did is said for a minute. */
let ended = null;

/** Fetches the page, and takes what is new of it. */
async function reread() {
  clearTimeout(again);
  if (reading) { isStale = true; return reading; }
  reading = read().finally(() => { reading = null; });
  await reading;
  if (isStale) { isStale = false; await reread(); }
}

function tellEnd(delivery) {
  ended = { delivery, until: Date.now() + 60000 };
  return reread();
}

/** Without a line nothing is asked: its return is a reason to ask by itself. */
function askAgain() { if (navigator.onLine) again = setTimeout(reread, 3000); }

async function read() {
  let answer;
  const query = ended && ended.until > Date.now() ? `?done=${ended.delivery}` : "";
  try { answer = await fetch(`/courier${query}`, { headers: { accept: "text/html" }, credentials: "same-origin", signal: AbortSignal.timeout(15000) }); } catch { askAgain(); return; }
  if (answer.redirected) { location.assign(answer.url); return; }
  if (!answer.ok) { askAgain(); return; }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("now");
  delete document.documentElement.dataset.kept;
  if (!fresh || fresh.dataset.key === now.dataset.key) return;
  // A delivery that is no longer there has ended somehow: the page says how.
  const gone = now.querySelector("[data-delivery]")?.dataset.delivery;
  if (gone && !fresh.querySelector(`[data-delivery="${gone}"]`) && ended?.delivery !== gone) { tellEnd(gone); return; }
  endOffer?.();
  const hadFocus = now.contains(document.activeElement) || document.activeElement === document.body;
  const before = now.querySelector("[data-state]")?.dataset.state;
  const typed = now.querySelector("#f-handOverCode")?.value;
  document.adoptNode(fresh);
  now.replaceWith(fresh);
  now = fresh;
  const code = now.querySelector("#f-handOverCode");
  if (code && typed) code.value = typed;
  const tag = document.getElementById("shift-tag");
  if (tag) { tag.dataset.shift = now.dataset.shift; tag.textContent = now.dataset.shiftWord; }
  setUp();
  const card = refusal && now.querySelector(`[data-delivery="${refusal.step.delivery}"]`);
  if (card) showRefusal(card, refusal.step, refusal.problem, refusal.dropped); else refusal = null;
  const state = now.querySelector("[data-state]")?.dataset.state;
  const heading = now.querySelector("[data-stage]:not([hidden]) h1, h1");
  if (state !== before) {
    scrollTo({ top: 0 });
    document.getElementById("told").textContent = now.querySelector("[data-done]")?.textContent ?? heading?.textContent ?? "";
  }
  if (heading && (state === "offer" || (hadFocus && state !== before))) { heading.tabIndex = -1; heading.focus({ preventScroll: true }); }
}

// What happens

line.addEventListener("offer", () => reread());
line.addEventListener("refetch", () => reread());
line.addEventListener("order", () => reread());
line.addEventListener("delivery", ({ detail }) => {
  const offer = now.querySelector("[data-offer]");
  if (offer && detail.offerId === offer.dataset.offer && !offer.dataset.answered) {
    endOffer?.();
    toast(text(detail.reason === "offer_expired" ? "courier.script.offer.late" : "courier.script.offer.gone"));
  }
  const own = now.querySelector("[data-delivery]");
  if (own?.dataset.delivery === detail.deliveryId && ["cancelled", "failed", "delivered"].includes(detail.status)) {
    if (detail.status === "cancelled") navigator.vibrate?.([300, 100, 300]);
    tellEnd(detail.deliveryId);
    return;
  }
  reread();
});
addEventListener("online", () => reread());
let wasOpen = true;
line.addEventListener("state", ({ detail: isOpen }) => { if (isOpen && !wasOpen) reread(); wasOpen = isOpen; });
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") reread(); });
addEventListener("pageshow", (event) => { if (event.persisted) reread(); });

shift.addEventListener("told", () => reread());
steps.addEventListener("change", () => { if (steps.all().length) refusal = null; showDelivery?.(); });
steps.addEventListener("sent", ({ detail: { step, delivery } }) => {
  const card = now.querySelector("[data-delivery]");
  if (card?.dataset.delivery === step.delivery) card.dataset.status = delivery.status;
  refusal = null;
  showDelivery?.();
  if (delivery.status === "delivered" || delivery.status === "failed") tellEnd(step.delivery);
});
steps.addEventListener("refused", async ({ detail: { step, problem, dropped } }) => {
  showDelivery?.();
  refusal = { step, problem, dropped };
  if (!problem.code.startsWith("hand_over_code")) {
    navigator.vibrate?.([300, 100, 300]);
    await (problem.code === "order_cancelled" || problem.code === "delivery_unknown" ? tellEnd(step.delivery) : reread());
  }
  showRefusal(now.querySelector(`[data-delivery="${step.delivery}"]`), step, problem, dropped);
});

// The position

function showPosition(accuracy) {
  const place = now.querySelector("#position-state");
  if (!place) return;
  place.dataset.position = positions.state;
  const words = positions.state === "off" ? "" : text(`courier.script.position.${positions.state}`);
  if (place.dataset.words === words) return;
  place.dataset.words = words;
  place.replaceChildren();
  if (!words) return;
  place.append(Object.assign(document.createElement("p"), { textContent: words }));
  if (positions.state !== "denied") return;
  const again = Object.assign(document.createElement("button"), { type: "button", className: "button small", textContent: text("courier.script.position.again") });
  again.addEventListener("click", () => positions.again());
  place.append(again);
}
positions.addEventListener("state", () => showPosition());
positions.addEventListener("moved", () => { now.querySelector("#lost")?.remove(); });

tellZone();
watchUnsent();
line.open(now.dataset.partner);
setUp();
steps.send();
shift.tell();
if (document.documentElement.dataset.kept !== undefined) { toast(text("courier.script.offline")); }

// The worker keeps this page for a reload without a line; one that came after the page has not seen it yet.
navigator.serviceWorker?.addEventListener("controllerchange", () => fetch("/courier", { credentials: "same-origin" }).catch(() => {}));
