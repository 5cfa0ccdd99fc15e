// Quantities at once, and a way back for what was taken out.
import { swap, send } from "./parts.js";
import { ask } from "../shared/api.js";
import { toast, withUndo } from "../shared/toast.js";
import { money, text } from "../shared/texts.js";

const basket = () => document.getElementById("basket");
/** What was tapped and not yet sent, by line. */
const waiting = new Map();
/** What was taken out and can still be taken back, by line. */
const leaving = new Map();

/** Shows the basket as the server has it; what is about to leave stays out of sight. */
function put(html) {
  swap(html, { isForced: true });
  for (const id of leaving.keys()) { const line = find(id); if (line) line.hidden = true; }
  if (leaving.size) add(); else tell();
}

const find = (id) => document.querySelector(`li[data-line="${id}"]`);

async function refresh() {
  try {
    const answer = await fetch("/basket?part=1");
    if (answer.ok) put(await answer.text());
  } catch { /* The next tap tells that the line is gone. */ }
}

function tell() {
  const badge = document.getElementById("basket-count");
  const count = [...basket().querySelectorAll("li[data-line]:not([hidden]) [data-count]")].reduce((sum, output) => sum + Number(output.dataset.value ?? output.textContent), 0);
  badge.textContent = count;
  badge.hidden = count === 0;
}

/** Sums as they will be, before the server says so. */
function add() {
  const root = basket();
  let sum = 0;
  for (const line of root.querySelectorAll("li[data-line]:not([hidden])")) {
    const unit = Number(line.dataset.unit);
    if (!line.dataset.unit) continue;
    const total = unit * count(line);
    line.querySelector("[data-total]").textContent = money(total, root.dataset.currency);
    sum += total;
  }
  root.querySelector("[data-subtotal]").textContent = money(sum, root.dataset.currency);
  const least = Number(root.dataset.least || 0);
  const missing = root.querySelector("[data-missing]");
  missing.hidden = sum >= least;
  if (sum < least) missing.textContent = text("customer.script.missing", { amount: money(least - sum, root.dataset.currency) });
  const isGone = root.querySelector("li.out:not([hidden])");
  const checkout = root.querySelector("[data-checkout]");
  if (sum < least || sum === 0 || isGone) checkout.setAttribute("aria-disabled", "true"); else checkout.removeAttribute("aria-disabled");
  tell();
}

const count = (line) => Number(line.querySelector("[data-count]").dataset.value ?? line.querySelector("[data-count]").textContent);

function set(line, quantity) {
  const output = line.querySelector("[data-count]");
  output.dataset.value = quantity;
  output.textContent = quantity;
  line.querySelector('[data-step="-1"]').value = quantity - 1;
  line.querySelector('[data-step="1"]').value = Math.min(99, quantity + 1);
  add();
}

function remove(line) {
  const id = line.dataset.line;
  clearTimeout(waiting.get(id)?.timer);
  waiting.delete(id);
  let sent;
  const act = () => sent ??= ask("DELETE", `/api/cart/items/${id}`, undefined, { keepalive: true }).catch(gone).finally(() => leaving.delete(id));
  leaving.set(id, act);
  const next = line.nextElementSibling ?? line.previousElementSibling;
  withUndo(
    text("customer.script.removed", { name: line.querySelector(".strong").textContent }),
    () => { line.hidden = true; add(); (next?.querySelector("[data-remove]") ?? document.querySelector("h1"))?.focus?.(); },
    () => { leaving.delete(id); const back = find(id); if (back) { back.hidden = false; back.querySelector("[data-remove]").focus(); } add(); },
    async () => { await act(); if (!leaving.size && !waiting.size) await refresh(); },
  );
}

// A line that another window took out is gone as it should be.
function gone(problem) { if (problem.status !== 404) throw problem; }

async function keep(line, quantity) {
  try {
    await ask("PATCH", `/api/cart/items/${line.dataset.line}`, { quantity }, { keepalive: true }).catch(gone);
    if (!waiting.size) await refresh();
  } catch (problem) {
    toast(problem.message);
    if (!problem.isPassing) await refresh();
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-quantity] button");
  const checkout = event.target.closest("[data-checkout]");
  if (checkout?.getAttribute("aria-disabled") === "true") {
    event.preventDefault();
    document.querySelector("[data-missing]:not([hidden]), .message.bad")?.scrollIntoView({ block: "center" });
  } else if (checkout && waiting.size + leaving.size > 0 && !event.metaKey && !event.ctrlKey) {
    event.preventDefault();
    goOn(checkout);
  }
  if (!button) return;
  event.preventDefault();
  const line = button.closest("li[data-line]");
  const quantity = button.dataset.remove !== undefined ? 0 : count(line) + Number(button.dataset.step);
  if (quantity <= 0) { remove(line); return; }
  if (quantity > 99) return;
  set(line, quantity);
  // Several taps are one request.
  clearTimeout(waiting.get(line.dataset.line)?.timer);
  const act = () => { waiting.delete(line.dataset.line); return keep(line, quantity); };
  waiting.set(line.dataset.line, { act, timer: setTimeout(act, 400) });
});
/** To the checkout, once the server knows every tap: it prices what it knows. */
async function goOn(link) {
  link.setAttribute("aria-busy", "true");
  try {
    await Promise.all([...waiting.values()].map(({ act, timer }) => { clearTimeout(timer); return act(); }).concat([...leaving.values()].map((act) => act())));
    location.assign(link.href);
  } catch (problem) { toast(problem.message); }
  link.removeAttribute("aria-busy");
}

// Who goes on before a request went out meant every tap.
addEventListener("pagehide", () => { for (const { act, timer } of waiting.values()) { clearTimeout(timer); act(); } });

// Before the page's own guard against second taps, which is for forms that leave the page.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-notes]")) return;
  event.preventDefault();
  const answer = await send(form, event.submitter);
  if (!answer) return;
  put(await answer.text());
  toast(text("customer.script.saved"));
}, true);
