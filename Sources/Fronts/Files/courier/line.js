// The courier's one socket: frames become events that any part of the page can hear.
import { Live } from "../shared/live.js";

class Line extends EventTarget {
  isOpen = false;
  #live = null;

  /** Follows the courier's own channel, where offers come. */
  open(partner) {
    const pass = (type) => (data) => this.dispatchEvent(new CustomEvent(type, { detail: data }));
    this.#live = new Live([`partner:${partner}`], {
      delivery_offer: pass("offer"), delivery_update: pass("delivery"), order_update: pass("order"), pong: pass("pong"), refetch: pass("refetch"),
      state: (isOpen) => { this.isOpen = isOpen; this.dispatchEvent(new CustomEvent("state", { detail: isOpen })); },
      signedOut: () => location.assign(`/sign-in?for=courier&then=${encodeURIComponent(location.pathname)}`),
    });
  }

  /** Follows the order of the running delivery: the kitchen may be done. */
  follow(order) {
    if (this.#order === order) return;
    if (this.#order) this.#live?.leave(`order:${this.#order}`);
    this.#order = order;
    if (order) this.#live?.follow(`order:${order}`);
  }
  #order = null;

  /** False where there is no line. */
  send(type, data) { return this.isOpen && navigator.onLine && Boolean(this.#live?.send(type, data)); }
}

export const line = new Line();
