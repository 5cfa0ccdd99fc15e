// The menu: which category is being looked at, dishes in a sheet, and adding without leaving.
import { swap, send } from "./parts.js";
import { dish } from "./dish.js";
import { ask } from "../shared/api.js";
import { toast } from "../shared/toast.js";
import { text } from "../shared/texts.js";

const sheet = document.getElementById("sheet");
let opener = null;

// The category that is on top is marked, and its name is brought into view.
const bar = document.querySelector(".category-bar");
const links = new Map([...(bar?.querySelectorAll("a") ?? [])].map((link) => [link.hash.slice(1), link]));
const visible = new Set();
const spy = new IntersectionObserver((entries) => {
  for (const entry of entries) entry.isIntersecting ? visible.add(entry.target.id) : visible.delete(entry.target.id);
  const first = [...links.keys()].find((id) => visible.has(id));
  if (!first) return;
  for (const [id, link] of links) {
    if (id !== first) { link.removeAttribute("aria-current"); continue; }
    if (link.hasAttribute("aria-current")) continue;
    link.setAttribute("aria-current", "true");
    bar.scrollTo({ left: link.offsetLeft - bar.clientWidth / 3, behavior: "auto" });
  }
}, { rootMargin: "-130px 0px -55% 0px" });
for (const id of links.keys()) spy.observe(document.getElementById(id));

function show(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const close = Object.assign(document.createElement("button"), { type: "button", className: "button round plain close" });
  close.setAttribute("aria-label", text("customer.script.close"));
  close.innerHTML = `<svg class="icon" aria-hidden="true"><use href="${document.body.dataset.assets}/customer/icons.svg#close"></use></svg>`;
  close.addEventListener("click", () => sheet.close());
  sheet.replaceChildren(close, ...page.body.children);
  if (!sheet.open) sheet.showModal();
  sheet.scrollTop = 0;
  for (const form of sheet.querySelectorAll("form")) dish(form);
  sheet.querySelector(".error, .message.bad")?.scrollIntoView({ block: "nearest" });
}

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-dish]");
  if (event.target.closest("[data-close]")) { event.preventDefault(); sheet.close(); return; }
  if (event.target === sheet) { sheet.close(); return; }
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  opener = link;
  try {
    const answer = await fetch(`${link.getAttribute("href")}?part=1`);
    if (!answer.ok) throw new Error(answer.status);
    show(await answer.text());
  } catch { location.assign(link.href); }
});
sheet.addEventListener("close", () => { sheet.replaceChildren(); opener?.focus({ preventScroll: true }); });

// Before the page's own guard against second taps, which is for forms that leave the page.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-quick], [data-dish-form]")) return;
  event.preventDefault();
  const button = form.querySelector("button[type=submit]");
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  const answer = await send(form, event.submitter);
  button.removeAttribute("aria-busy");
  if (!answer) return;
  const html = await answer.text();
  if (!answer.ok) { answer.status < 500 ? show(html) : toast(text("shared.script.failed")); return; }
  if (sheet.open) sheet.close();
  take(html);
}, true);

/** Shows what is in the basket now, and offers to take the last tap back. */
async function take(html) {
  swap(html);
  const dock = document.getElementById("dock");
  const { line, before, added } = dock.dataset;
  tell(dock.dataset.count);
  await toast(text("customer.script.added", { name: added }), {
    undo: line === "" ? undefined : async () => {
      try {
        const cart = await ask("PATCH", `/api/cart/items/${line}`, { quantity: Number(before) });
        const fresh = await fetch("/basket?part=dock");
        swap(await fresh.text());
        tell(cart.itemCount);
      } catch (problem) { toast(problem.message); }
    },
  });
}

function tell(count) {
  const badge = document.getElementById("basket-count");
  badge.textContent = count;
  badge.hidden = Number(count) === 0;
}
