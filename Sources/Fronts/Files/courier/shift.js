// Online or offline: shown at once, kept while there is no line, and told when it is back.
import { ask } from "../shared/api.js";
import { text } from "../shared/texts.js";
import { toast } from "../shared/toast.js";
import { stayAwake } from "./alarm.js";
import { recall, remember } from "./kept.js";
import { line } from "./line.js";
import { positions } from "./positions.js";

/** Tells `told` when the server knows. */
class Shift extends EventTarget {
  #isTelling = false;
  #timer = 0;

  constructor() {
    super();
    addEventListener("online", () => this.tell());
    line.addEventListener("state", (event) => { if (event.detail) this.tell(); });
  }

  /** What the courier wants that the server does not know yet: "available", "offline", or nothing. */
  get wish() { return recall("shift", null); }

  choose(status) {
    remember("shift", status);
    return this.tell();
  }

  async tell() {
    clearTimeout(this.#timer);
    const wish = this.wish;
    if (!wish || this.#isTelling) return;
    this.#isTelling = true;
    try {
      await ask("PATCH", "/api/delivery-partner", { status: wish }, { signal: AbortSignal.timeout(15000) });
      if (this.wish === wish) remember("shift", undefined);
      this.dispatchEvent(new CustomEvent("told"));
    } catch (problem) {
      if (problem.isPassing || problem.status >= 500) this.#timer = setTimeout(() => this.tell(), 5000);
      else { remember("shift", undefined); toast(problem.message); this.dispatchEvent(new CustomEvent("told")); }
    } finally { this.#isTelling = false; }
    if (this.wish && this.wish !== wish) await this.tell();
  }
}

export const shift = new Shift();

/** Shares the position and keeps the screen on while the courier is online or on the road. */
export function beSeen(isOnline) {
  stayAwake(isOnline);
  if (isOnline) positions.start(); else positions.stop();
}

/** Makes a form with the switch work at once. */
export function setUpSwitch(form, show) {
  if (!form) return;
  const button = form.querySelector("[role=switch]");
  const set = (isOn) => {
    button.setAttribute("aria-checked", String(isOn));
    form.elements.status.value = isOn ? "offline" : "available";
    show(isOn);
  };
  if (shift.wish) set(shift.wish === "available");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const isOn = button.getAttribute("aria-checked") !== "true";
    set(isOn);
    if (!navigator.onLine) toast(text("courier.script.shift.later"));
    shift.choose(isOn ? "available" : "offline");
  });
}
