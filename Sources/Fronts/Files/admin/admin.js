// What every page of the operators does once scripts run: times on the reader's own clock, and parts that stay fresh by themselves.
import { Live } from "../shared/live.js";
import { dayAndTime, text, time as clock } from "../shared/texts.js";
import { toast } from "../shared/toast.js";

/** Shows moments on the clock of the device. */
export function showMoments(root = document) {
  for (const time of root.querySelectorAll("time[data-moment]")) time.textContent = (time.dataset.moment === "clock" ? clock : dayAndTime)(time.dateTime);
}

/** Keeps the parts of a region as the server shows them now, without touching what somebody works on. */
class FreshRegion {
  #region;
  #told = new Map();
  #timer = 0;
  #isAsking = false;

  constructor(region) {
    this.#region = region;
    for (const part of region.querySelectorAll("[data-part]")) this.#told.set(part.dataset.part, part.innerHTML);
    this.#again();
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.soon(); });
    const channels = (region.dataset.channels ?? "").split(" ").filter(Boolean);
    if (!channels.length) return;
    let unassigned;
    const soon = () => this.soon();
    new Live(channels, {
      order_update: soon, delivery_update: soon, refetch: soon,
      city: (city) => { if (unassigned !== undefined && city.unassigned !== unassigned) this.soon(); unassigned = city.unassigned; },
    });
  }

  /** Asks within a second, however often it is told to. */
  soon() { this.#again(0.6); }

  #again(seconds = Number(this.#region.dataset.every)) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), seconds * 1000);
  }

  async #ask() {
    if (document.hidden || this.#isAsking) { this.#again(); return; }
    this.#isAsking = true;
    try {
      const answer = await fetch(location.href, { credentials: "same-origin", headers: { accept: "text/html" } });
      // A session that ended, or a server that starts: what is shown stays, and it is asked again.
      if (answer.ok && !answer.redirected) this.#show(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch { /* No line: app.js says so. */ }
    this.#isAsking = false;
    this.#again();
  }

  #show(page) {
    for (const part of this.#region.querySelectorAll("[data-part]")) {
      const fresh = page.querySelector(`[data-live="${this.#region.dataset.live}"] [data-part="${part.dataset.part}"]`);
      if (!fresh || fresh.innerHTML === this.#told.get(part.dataset.part)) continue;
      if (fresh.querySelector("[data-key]") || part.querySelector("[data-key]")) this.#merge(part, fresh);
      else if (isWorkedOn(part)) continue;
      else swap(part, fresh);
      this.#told.set(part.dataset.part, fresh.innerHTML);
    }
  }

  /** Entries by their keys: new ones come, old ones go, and one that somebody works on stays as it is. */
  #merge(part, fresh) {
    const old = new Map([...part.querySelectorAll(":scope > [data-key]")].map((entry) => [entry.dataset.key, entry]));
    const wanted = [...fresh.querySelectorAll(":scope > [data-key]")];
    for (const [key, entry] of old) {
      if (wanted.some((each) => each.dataset.key === key)) continue;
      if (isWorkedOn(entry)) toast(text("admin.script.gone"));
      entry.remove();
    }
    wanted.forEach((entry, index) => {
      const known = old.get(entry.dataset.key);
      const shown = known && (isWorkedOn(known)) ? known : document.importNode(entry, true);
      if (shown !== known) { showMoments(shown); known?.replaceWith(shown); }
      if (part.children[index] !== shown) part.insertBefore(shown, part.children[index] ?? null);
    });
  }
}

/** Whether somebody is in it, or has filled something in. */
function isWorkedOn(part) {
  if (part.contains(document.activeElement) && document.activeElement.matches("input, select, textarea, button, summary")) return true;
  if ([...part.querySelectorAll("input:not([type=hidden]), textarea")].some((field) => field.value !== field.defaultValue)) return true;
  if ([...part.querySelectorAll("select")].some((field) => field.selectedIndex > 0)) return true;
  return part.querySelector("details[open]") !== null || part.contains(getSelection().isCollapsed ? null : getSelection().anchorNode);
}

function swap(part, fresh) {
  const link = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  part.replaceChildren(...[...fresh.childNodes].map((node) => document.importNode(node, true)));
  showMoments(part);
  if (link) part.querySelector(`a[href="${CSS.escape(link)}"]`)?.focus();
}

for (const region of document.querySelectorAll("[data-live]")) new FreshRegion(region);
showMoments();
