// The board: lives by the socket, moves a card at once when it is tapped, and rings for what is new.
import { ask } from "../shared/api.js";
import { Live } from "../shared/live.js";
import { counting, text } from "../shared/texts.js";
import { toast, withUndo } from "../shared/toast.js";
import { Bell } from "./bell.js";
import { leftOver, send } from "./wishes.js";

const page = document.getElementById("board-page");
const board = document.getElementById("board");
const words = document.getElementById("board-words");
const { restaurant, tenant, home } = page.dataset;
const me = document.body.dataset.user;
/** How far the server's clock is ahead of this one. */
let ahead = Date.parse(page.dataset.now) - Date.now();
const now = () => Date.now() + ahead;
const columnOf = { pending: "new", confirmed: "confirmed", preparing: "cooking", ready_for_pickup: "ready", out_for_delivery: "out" };
const bell = new Bell(document.getElementById("sound"));
/** Orders that were tapped and are not sent, or not answered, yet. */
const held = new Set();

const cards = () => [...board.querySelectorAll("[data-order]")];
const cardOf = (order) => board.querySelector(`[data-order="${CSS.escape(order)}"]`);
const listOf = (column) => board.querySelector(`[data-column="${column}"] ol`);
const say = (message) => { words.textContent = message; };

// MARK: Showing

/** Puts the columns that the server sent in place of those that are shown, card by card: what did not change stays, with its focus and open parts. */
function place(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  const before = new Map(cards().map((card) => [card.dataset.order, card.dataset.status]));
  for (const section of fresh.querySelectorAll("[data-column]")) {
    const list = listOf(section.dataset.column);
    const wanted = [...section.querySelectorAll("[data-order]")].filter((card) => !held.has(card.dataset.order)).map(fit);
    const staying = [...list.children].filter((card) => held.has(card.dataset.order));
    arrange(list, [...wanted, ...staying]);
  }
  const after = new Set([...fresh.querySelectorAll("[data-order]")].map((card) => card.dataset.order));
  for (const card of cards()) if (!after.has(card.dataset.order) && !held.has(card.dataset.order)) card.remove();
  const hands = document.getElementById("hand-work");
  const freshHands = fresh.getElementById("hand-work");
  hands.hidden = freshHands.hidden;
  hands.firstElementChild.textContent = freshHands.firstElementChild.textContent;
  for (const card of cards()) {
    const { order, status, number } = card.dataset;
    if (held.has(order)) continue;
    if (!before.has(order)) { if (status === "pending") say(text("restaurant.script.newOrder", { number })); } else if (before.get(order) !== status) {
      say(text("restaurant.script.moved", { number, status: text(`restaurant.script.status.${status}`) }));
    }
  }
  settle();
}

/** The card that is shown already, where nothing changed; else the new one with what was open and looked at in the old. */
function fit(card) {
  const old = cardOf(card.dataset.order);
  if (old && old.dataset.stamp === card.dataset.stamp && old.dataset.status === card.dataset.status) return old;
  const made = document.importNode(card, true);
  if (!old) return made;
  for (const part of made.querySelectorAll("details[data-key]")) part.open = old.querySelector(`details[data-key="${part.dataset.key}"]`)?.open ?? false;
  for (const field of made.querySelectorAll("input[id]")) field.value = old.querySelector(`#${CSS.escape(field.id)}`)?.value || field.value;
  const hadFocus = old.contains(document.activeElement);
  old.replaceWith(made);
  if (hadFocus) made.querySelector("h3 a").focus({ preventScroll: true });
  return made;
}

/** Moves as few elements as it takes, for a moved one loses its focus. */
function arrange(list, wanted) {
  for (const [index, card] of wanted.entries()) if (list.children[index] !== card) list.insertBefore(card, list.children[index] ?? null);
  while (list.children.length > wanted.length) list.lastElementChild.remove();
}

/** Counts, rings and clocks after anything moved. */
function settle() {
  for (const section of board.querySelectorAll("[data-column]")) {
    const count = section.querySelectorAll("[data-order]").length;
    section.classList.toggle("empty", count === 0);
    for (const tag of [section.querySelector("[data-count]"), board.querySelector(`[data-tab="${section.dataset.column}"] [data-count]`)]) tag.textContent = count;
  }
  const fresh = cards().filter((card) => card.dataset.status === "pending" && !held.has(card.dataset.order)).map((card) => card.dataset.order);
  const ringing = bell.listen(fresh);
  for (const card of cards()) card.classList.toggle("ringing", ringing.has(card.dataset.order));
  const bar = document.getElementById("ringing");
  bar.hidden = ringing.size === 0;
  const message = ringing.size ? counting("restaurant.script.ringing", ringing.size) : "";
  const place = document.getElementById("ringing-text");
  if (place.textContent !== message) place.textContent = message;
  document.title = document.title.replace(/^\(\d+\) /, "").replace(/^/, ringing.size ? `(${ringing.size}) ` : "");
  follow();
  tick(true);
}

document.getElementById("seen").addEventListener("click", () => { bell.see(cards().map((card) => card.dataset.order)); settle(); });

// MARK: Reading

let isReading = false;
let isAsked = false;
let timer = 0;
const soon = (milliseconds = 120) => { clearTimeout(timer); timer = setTimeout(refresh, milliseconds); };

async function refresh() {
  if (isReading) { isAsked = true; return; }
  isReading = true;
  try {
    const answer = await fetch(`${home}/columns`, { credentials: "same-origin", headers: { accept: "text/html" } });
    if (answer.redirected || answer.status === 401 || answer.status === 403) { location.reload(); return; }
    if (answer.ok) place(await answer.text());
  } catch { /* The line is gone; it is read again when it is back. */ }
  isReading = false;
  if (isAsked) { isAsked = false; soon(); }
}

const line = document.getElementById("line-state");
let isConnected = false;
let wasConnected = false;
function tellLine() {
  const isOn = isConnected && navigator.onLine;
  line.classList.toggle("on", isOn);
  line.classList.toggle("gone", !isOn && wasConnected);
  document.getElementById("line-word").textContent = text(isOn ? "restaurant.script.live" : wasConnected ? "restaurant.script.lost" : "restaurant.script.connecting");
}
addEventListener("offline", tellLine);
addEventListener("online", () => { tellLine(); soon(0); });

const live = new Live([`tenant:${tenant}`], {
  order_update: (data) => { if (data.restaurantId === restaurant) soon(); },
  delivery_update: () => soon(),
  refetch: () => soon(0),
  signedOut: () => location.reload(),
  state: (isOn) => {
    isConnected = isOn;
    if (isOn && wasConnected) soon(0);
    wasConnected ||= isOn;
    tellLine();
  },
});
// Without a socket the board looks by itself.
setInterval(() => { if (!isConnected && document.visibilityState === "visible") refresh(); }, 8000);
addEventListener("pageshow", (event) => { if (event.persisted) refresh(); });
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") soon(); });

/** Where couriers are is told on the channels of their orders. */
const followed = new Set();
function follow() {
  const wanted = new Set(cards().filter((card) => card.dataset.fulfilment === "delivery" && card.dataset.status !== "pending").slice(0, 50).map((card) => `order:${card.dataset.order}`));
  for (const channel of followed) if (!wanted.has(channel)) { live.leave(channel); followed.delete(channel); }
  for (const channel of wanted) if (!followed.has(channel)) { live.follow(channel); followed.add(channel); }
}

// MARK: Moving

board.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-step]");
  if (!form) return;
  event.preventDefault();
  const card = form.closest("[data-order]");
  const typed = new FormData(form, event.submitter);
  move(card, {
    order: card.dataset.order, number: card.dataset.number, status: form.dataset.step, version: Number(card.dataset.version),
    reason: typed.get("reason") || undefined, readyInMinutes: Number(typed.get("readyInMinutes")) || undefined,
  });
});

/** Shows a card where it is wanted. */
function hold(card, wish) {
  held.add(wish.order);
  card.classList.add("held");
  card.querySelector("[data-sending]").hidden = false;
  if (card.contains(document.activeElement)) card.querySelector("h3 a").focus({ preventScroll: true });
  const list = listOf(columnOf[wish.status]);
  if (list) { list.append(card); card.scrollIntoView({ block: "nearest", inline: "nearest" }); } else card.hidden = true;
  settle();
}

function release(card, wish) {
  held.delete(wish.order);
  card.classList.remove("held");
  card.hidden = false;
  card.querySelector("[data-sending]").hidden = true;
  card.dataset.stamp = "";
  refresh();
}

async function move(card, wish) {
  if (held.has(wish.order)) return;
  const origin = { list: card.parentElement, next: card.nextElementSibling };
  const deadline = Date.parse(card.querySelector("[data-until]")?.dataset.until ?? "");
  // Close to the deadline nobody waits for second thoughts.
  const seconds = deadline - now() < 12000 ? 0 : 5;
  bell.see([wish.order]);
  let isBack = false;
  const back = () => {
    if (isBack) return;
    isBack = true;
    if (origin.list.isConnected) origin.list.insertBefore(card, origin.next?.parentElement === origin.list ? origin.next : null);
    release(card, wish);
  };
  await withUndo(text(`restaurant.script.did.${wish.status}`, { number: wish.number }), () => hold(card, wish), back, () => deliver(card, wish), seconds);
  if (!isBack) release(card, wish);
}

/** Sends a wish; who was faster is told of. */
async function deliver(card, wish) {
  const note = card?.querySelector("[data-sending]");
  const outcome = await send(wish, (isWaiting) => { if (note) note.textContent = text(isWaiting ? "restaurant.script.waiting" : "restaurant.script.sending"); });
  if (outcome === "late") await explain(wish);
}

async function explain(wish) {
  const order = await ask("GET", `/api/orders/${wish.order}`);
  const last = order.history.at(-1);
  // The answer to an earlier try was lost, and it was taken after all.
  if (wish.attempts > 1 && order.status === wish.status && last?.byUserId === me) return;
  const key = order.status === "cancelled" && last?.by === "customer" ? "restaurant.script.guestCancelled" : "restaurant.script.wasFaster";
  toast(text(key, { number: wish.number, status: text(`restaurant.script.status.${order.status}`) }), { seconds: 10 });
}

// MARK: Clocks

const twoDigits = (value) => String(value).padStart(2, "0");

function tick(isAll = false) {
  for (const timer of board.querySelectorAll("[data-until]")) {
    const left = Math.max(0, Math.ceil((Date.parse(timer.dataset.until) - now()) / 1000));
    // Of what was ordered ahead, the time that came with the card says more.
    if (left > 3600) continue;
    const shown = left > 0 ? text("restaurant.script.acceptIn", { time: `${Math.floor(left / 60)}:${twoDigits(left % 60)}` }) : text("restaurant.script.timeUp");
    const place = timer.querySelector("[data-left]");
    if (place.textContent !== shown) place.textContent = shown;
    timer.closest("[data-order]").classList.toggle("urgent", left < 60);
    if (left === 0 && !timer.dataset.over) { timer.dataset.over = "yes"; setTimeout(refresh, 3000); }
  }
  if (!isAll) return;
  for (const age of board.querySelectorAll("[data-age]")) age.textContent = counting("restaurant.script.minutes", Math.max(0, Math.floor((now() - Date.parse(age.dateTime)) / 60000)));
  for (const ready of board.querySelectorAll("[data-ready]")) ready.closest("[data-order]").classList.toggle("late", Date.parse(ready.dataset.ready) < now());
}
setInterval(() => tick(), 1000);
setInterval(() => tick(true), 15000);
// The address that told what happened need not be told again.
if (location.search) history.replaceState(null, "", location.pathname + location.hash);
settle();

// What was tapped before a reload is sent now.
for (const wish of leftOver()) {
  const card = cardOf(wish.order);
  if (card && Number(card.dataset.version) === wish.version) hold(card, wish);
  deliver(card, wish).catch((problem) => toast(problem.message)).finally(() => { if (card) release(card, wish); else refresh(); });
}
