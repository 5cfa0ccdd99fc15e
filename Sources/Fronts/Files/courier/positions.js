// Shares where the courier is, at most every 3 seconds. What a dead zone swallows is kept with its own times and sent in order after it.
import { ask } from "../shared/api.js";
import { alone, recall, remember } from "./kept.js";
import { line } from "./line.js";

const pause = 3000;
/** A courier who stands still says so: the server takes half a minute of silence for being gone. */
const stillPause = 12000;
/** Half an hour of riding; what is longer loses every second point, not its end. */
const most = 600;
const batch = 200;

/** Tells `state` ({ state, accuracy }) and `moved` ({ latitude, longitude }). */
class Positions extends EventTarget {
  last = null;
  state = "off";
  #watch = null;
  #timer = 0;
  #beat = 0;
  #takenAt = 0;
  #sentAt = 0;
  #waiting = null;
  #release = null;

  constructor() {
    super();
    line.addEventListener("pong", () => this.#taken());
    line.addEventListener("state", (event) => { if (event.detail) this.#send(); else this.#missed(); });
    addEventListener("online", () => this.#send());
    // The tab that is looked at is the one that shares.
    document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible" && this.#wants) this.#lead(); });
  }
  #wants = false;

  start() {
    if (this.#wants) return;
    this.#wants = true;
    if (!("geolocation" in navigator) || !isSecureContext) { this.#say("unsupported"); return; }
    this.#lead();
  }

  stop() {
    this.#wants = false;
    this.#pauseWatch();
    this.#release?.();
    this.#say("off");
  }

  /** Asks again after the courier changed the permission. */
  again() { if (this.#wants) { this.#pauseWatch(); this.#follow(); } }

  #lead() {
    if (this.#watch !== null) return;
    if (!navigator.locks) { this.#follow(); return; }
    navigator.locks.request(`courier:${document.body.dataset.user}:positions`, { steal: true }, () => new Promise((resolve) => {
      if (!this.#wants) { resolve(); return; }
      this.#release = resolve;
      this.#follow();
    })).catch(() => this.#pauseWatch());
  }

  #follow() {
    if (this.#watch !== null || !this.#wants) return;
    if (this.state !== "on") this.#say("asking");
    const options = { enableHighAccuracy: true, maximumAge: 2000, timeout: 20000 };
    const failed = (error) => this.#say(error.code === error.PERMISSION_DENIED ? "denied" : "searching");
    this.#watch = navigator.geolocation.watchPosition((place) => this.#take(place), failed, options);
    // A browser may say nothing while the device stands still: then it is where it was.
    this.#beat = setInterval(() => {
      if (this.last && this.state === "on" && Date.now() - this.#takenAt > stillPause) this.#keep(Date.now());
    }, stillPause / 4);
    navigator.permissions?.query({ name: "geolocation" }).then((permission) => {
      permission.onchange = () => { if (permission.state === "denied") this.#say("denied"); else this.again(); };
    }).catch(() => {});
  }

  #pauseWatch() {
    if (this.#watch !== null) navigator.geolocation.clearWatch(this.#watch);
    this.#watch = null;
    clearInterval(this.#beat);
    clearTimeout(this.#soon);
  }

  #take({ coords, timestamp }) {
    this.last = { latitude: round(coords.latitude), longitude: round(coords.longitude) };
    this.#say("on", coords.accuracy);
    this.dispatchEvent(new CustomEvent("moved", { detail: this.last }));
    const now = Date.now();
    clearTimeout(this.#soon);
    const wait = this.#takenAt + pause - now;
    // The last of several in a moment is the one that counts.
    if (wait > 0) this.#soon = setTimeout(() => this.#keep(Date.now()), wait);
    // Some devices give times of another clock.
    else this.#keep(Math.abs(now - timestamp) > 60000 ? now : Math.min(now, timestamp));
  }
  #soon = 0;

  #keep(at) {
    this.#takenAt = Date.now();
    const kept = recall("positions", []);
    if (kept.length && at <= kept.at(-1)[2]) return;
    kept.push([this.last.latitude, this.last.longitude, at]);
    remember("positions", kept.length > most ? kept.filter((_, index) => index % 2 === 0 || index === kept.length - 1) : kept);
    this.#send();
  }

  /** How many positions are not told yet. */
  get unsent() { return recall("positions", []).length; }

  async #send() {
    if (this.#waiting || !this.#wants) return;
    const kept = recall("positions", []);
    if (!kept.length) return;
    const wait = this.#sentAt + pause - Date.now();
    clearTimeout(this.#timer);
    if (wait > 0) { this.#timer = setTimeout(() => this.#send(), wait); return; }
    this.#sentAt = Date.now();
    const part = kept.slice(0, batch);
    const positions = part.map(([latitude, longitude, at]) => ({ latitude, longitude, recordedAt: new Date(at).toISOString() }));
    this.#waiting = { last: part.at(-1)[2], timer: 0 };
    const isSent = positions.length === 1 ? line.send("position", positions[0]) : line.send("positions", { positions });
    // The server answers a ping when all that came before it is taken.
    if (isSent && line.send("ping")) { this.#waiting.timer = setTimeout(() => this.#missed(true), 8000); return; }
    await this.#sendByHTTP(positions);
  }

  async #sendByHTTP(positions) {
    if (!navigator.onLine) { this.#missed(); return; }
    try {
      await ask("POST", "/api/delivery-partner/location", { positions }, { signal: AbortSignal.timeout(15000) });
      this.#taken();
    } catch (problem) {
      // What the server never takes would stand in the way of all that follows.
      if (problem.isPassing || problem.status >= 500 || problem.status === 401) this.#missed(); else this.#taken();
    }
  }

  #taken() {
    if (!this.#waiting) return;
    clearTimeout(this.#waiting.timer);
    const { last } = this.#waiting;
    this.#waiting = null;
    const left = recall("positions", []).filter(([, , at]) => at > last);
    remember("positions", left.length ? left : undefined);
    if (left.length) this.#send();
  }

  /** Nothing came back: it stays, and is tried again with what comes next. */
  #missed(byHTTP = false) {
    if (!this.#waiting) return;
    clearTimeout(this.#waiting.timer);
    this.#waiting = null;
    clearTimeout(this.#timer);
    if (!byHTTP) { this.#timer = setTimeout(() => this.#send(), 2 * pause); return; }
    const part = recall("positions", []).slice(0, batch);
    if (!part.length) return;
    this.#waiting = { last: part.at(-1)[2], timer: 0 };
    this.#sendByHTTP(part.map(([latitude, longitude, at]) => ({ latitude, longitude, recordedAt: new Date(at).toISOString() })));
  }

  #say(state, accuracy) {
    if (this.state === state && state !== "on") return;
    this.state = state;
    this.dispatchEvent(new CustomEvent("state", { detail: { state, accuracy } }));
  }
}

const round = (degrees) => Math.round(degrees * 1e6) / 1e6;
export const positions = new Positions();
