// New orders ring until somebody has seen them. A browser lets a page sound only after the first tap, so until then it says that it is silent.
import { text } from "../shared/texts.js";

const muteName = "restaurant:mute";
const seenName = "restaurant:seen";
const read = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
const write = (name, value) => { try { localStorage.setItem(name, value); } catch { /* rings again after a reload */ } };

export class Bell {
  #context = null;
  #isMuted = read(muteName) === "yes";
  #seen = new Set(JSON.parse(read(seenName) ?? "[]"));
  #ringing = new Set();
  #button;

  constructor(button) {
    this.#button = button;
    button.addEventListener("click", (event) => {
      event.stopPropagation();
      this.#isMuted = this.#isOn;
      write(muteName, this.#isMuted ? "yes" : "no");
      if (!this.#isMuted) this.#start(true); else this.#show();
    });
    for (const kind of ["pointerdown", "keydown"]) {
      document.addEventListener(kind, (event) => { if (!this.#isMuted && !button.contains(event.target)) this.#start(); });
    }
    setInterval(() => this.#ring(), 3000);
    this.#show();
  }

  get #isOn() { return this.#context?.state === "running" && !this.#isMuted; }

  async #start(isTried = false) {
    const Context = window.AudioContext ?? window.webkitAudioContext;
    if (!Context) return;
    const isFirst = !this.#context;
    this.#context ??= new Context();
    if (this.#context.state !== "running") await this.#context.resume().catch(() => {});
    if (isFirst || isTried) { this.#context.onstatechange = () => this.#show(); if (isTried && !this.#ringing.size) this.#beep(0, 660); this.#ring(); }
    this.#show();
  }

  #show() {
    this.#button.setAttribute("aria-pressed", String(this.#isOn));
    this.#button.textContent = text(this.#isOn ? "restaurant.script.soundOn" : "restaurant.script.soundOff");
  }

  #beep(after, pitch) {
    const at = this.#context.currentTime + after;
    const tone = this.#context.createOscillator();
    const volume = this.#context.createGain();
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(0.4, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, at + 0.28);
    tone.connect(volume).connect(this.#context.destination);
    tone.start(at);
    tone.stop(at + 0.3);
  }

  #ring() {
    if (!this.#ringing.size || !this.#isOn) return;
    for (const [index, pitch] of [880, 1175, 880, 1175].entries()) this.#beep(index * 0.22, pitch);
  }

  /** Rings for those of the new orders that nobody has seen here; answers them. */
  listen(orders) {
    const fresh = new Set(orders.filter((order) => !this.#seen.has(order)));
    const isMore = [...fresh].some((order) => !this.#ringing.has(order));
    this.#ringing = fresh;
    // What is gone needs no remembering.
    const kept = [...this.#seen].filter((order) => orders.includes(order));
    if (kept.length !== this.#seen.size) { this.#seen = new Set(kept); write(seenName, JSON.stringify(kept)); }
    if (isMore) this.#ring();
    return fresh;
  }

  /** Somebody has seen these. */
  see(orders) {
    for (const order of orders) { this.#seen.add(order); this.#ringing.delete(order); }
    write(seenName, JSON.stringify([...this.#seen]));
  }
}
