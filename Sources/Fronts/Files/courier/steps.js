// The steps of a delivery that were tapped: each is kept with its own time until the server has answered it, in order, one at a time.
import { ask } from "../shared/api.js";
import { alone, recall, remember, whenChanged } from "./kept.js";
import { line } from "./line.js";

/** Where a delivery goes next. */
export const order = ["assigned", "arrived_at_restaurant", "picked_up", "arrived_at_customer", "delivered"];
export const hasEnded = (status) => status === "delivered" || status === "failed";

/**
 * Tells by events: `change` when something was added or went, `sent` ({ step, delivery }), `refused` ({ step, problem, dropped }).
 */
class Steps extends EventTarget {
  #isSending = false;
  #timer = 0;
  #pause = 2000;
  /** Whether the last try found no line. */
  isStuck = false;

  constructor() {
    super();
    whenChanged("steps", () => this.#tell("change"));
    addEventListener("online", () => this.send());
    line.addEventListener("state", (event) => { if (event.detail) this.send(); });
    // Who leaves the page meant what was tapped: nothing waits for an undo any more.
    document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") { this.hurry(); } });
  }

  all() { return recall("steps", []); }
  of(delivery) { return this.all().filter((step) => step.delivery === delivery); }
  /** Where the delivery stands once all is sent. */
  status(delivery, known) { return this.of(delivery).at(-1)?.status ?? known; }

  /**
   * Keeps a step; a second tap on the same button adds nothing.
   *
   * @param {{delivery: string, status: string, handOverCode?: string, reason?: string}} step
   * @param {number} grace for how many milliseconds it can be taken back
   */
  add(step, grace = 0) {
    const all = this.all();
    if (all.some((other) => other.delivery === step.delivery && (other.status === step.status || hasEnded(other.status)))) return null;
    const now = Date.now();
    // A next step says that the one before was meant.
    for (const other of all) other.from = 0;
    const kept = { ...step, id: `${now}-${Math.random().toString(36).slice(2, 8)}`, at: new Date(now).toISOString(), from: now + grace };
    remember("steps", [...all, kept]);
    this.#tell("change");
    this.send();
    return kept;
  }

  /** Takes back what is not sent; false where it is too late. */
  takeBack(id) {
    if (this.#sending === id || !this.all().some((step) => step.id === id)) return false;
    this.#drop((step) => step.id === id);
    return true;
  }
  #sending = null;

  hurry() {
    const all = this.all();
    if (!all.some((step) => step.from)) return;
    for (const step of all) step.from = 0;
    remember("steps", all);
    this.send();
  }

  /** Sends what is due, the oldest first. */
  async send() {
    clearTimeout(this.#timer);
    if (this.#isSending) return;
    this.#isSending = true;
    try { await alone("steps", () => this.#sendAll()); } finally { this.#isSending = false; }
  }

  async #sendAll() {
    for (let step = this.all()[0]; step; step = this.all()[0]) {
      const wait = step.from - Date.now();
      if (wait > 0) { this.#later(wait); return; }
      try {
        this.#sending = step.id;
        const body = { status: step.status, handOverCode: step.handOverCode, reason: step.reason, occurredAt: step.at };
        const delivery = await ask("PUT", `/api/deliveries/${step.delivery}/status`, body, { signal: AbortSignal.timeout(15000), keepalive: true });
        this.#pause = 2000;
        this.isStuck = false;
        this.#drop((other) => other.id === step.id);
        this.#tell("sent", { step, delivery });
      } catch (problem) {
        if (problem.status === 401) return;
        if (problem.isPassing || problem.status >= 500) {
          this.isStuck = true;
          this.#tell("change");
          this.#later(problem.retryAfter ? problem.retryAfter * 1000 : this.#pause);
          this.#pause = Math.min(30000, this.#pause * 2);
          return;
        }
        // What was tapped after it stands on it: it goes too, and the page reads the truth.
        const dropped = this.of(step.delivery);
        this.#drop((other) => other.delivery === step.delivery);
        this.#tell("refused", { step, problem, dropped });
      } finally { this.#sending = null; }
    }
    this.isStuck = false;
  }

  #later(pause) { clearTimeout(this.#timer); this.#timer = setTimeout(() => this.send(), pause); }

  #drop(goes) {
    const left = this.all().filter((step) => !goes(step));
    remember("steps", left.length ? left : undefined);
    this.#tell("change");
  }

  #tell(type, detail) { this.dispatchEvent(new CustomEvent(type, { detail })); }
}

export const steps = new Steps();
