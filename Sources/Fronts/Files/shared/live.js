// The native socket: follows channels, comes back after every loss where it left off, and says when a page has to read anew.

/**
 * Follows channels of `/ws`.
 *
 * `handlers` by frame type get `(data, frame)`; besides them `refetch(channel)` is called when events were missed that cannot be told again,
 * and `state(isConnected)` when the line comes or goes. A tab without a line tries again within a second at first, half a minute at last.
 */
export class Live {
  #channels = new Map();
  #handlers;
  #socket = null;
  #pause = 500;
  #timer = 0;
  #closed = false;

  constructor(channels, handlers) {
    this.#handlers = handlers;
    for (const channel of channels) this.#channels.set(channel, null);
    addEventListener("online", () => { this.#pause = 500; if (!this.#socket) this.#open(); });
    document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible" && !this.#socket) this.#open(); });
    this.#open();
  }

  follow(channel) {
    if (this.#channels.has(channel)) return;
    this.#channels.set(channel, null);
    this.#say("subscribe", { channel });
  }

  leave(channel) { if (this.#channels.delete(channel)) this.#say("unsubscribe", { channel }); }

  /** Sends a message such as a position; false when there is no line. */
  send(type, data) { return this.#say(type, data); }

  close() { this.#closed = true; this.#socket?.close(); }

  #say(type, data) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify({ type, data }));
    return true;
  }

  #open() {
    clearTimeout(this.#timer);
    if (this.#closed || this.#socket) return;
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`);
    this.#socket = socket;
    socket.onopen = () => {
      this.#pause = 500;
      for (const [channel, cursor] of this.#channels) this.#say("subscribe", cursor ? { channel, cursor } : { channel });
      this.#handlers.state?.(true);
    };
    socket.onmessage = (event) => {
      let frame;
      try { frame = JSON.parse(event.data); } catch { return; }
      if (frame.cursor && frame.channel && this.#channels.has(frame.channel)) this.#channels.set(frame.channel, frame.cursor);
      if (frame.type === "subscribed" && frame.data?.joined === "refetch") this.#handlers.refetch?.(frame.channel);
      this.#handlers[frame.type]?.(frame.data, frame);
    };
    socket.onclose = (event) => {
      this.#socket = null;
      this.#handlers.state?.(false);
      if (this.#closed) return;
      if (event.code === 4401) { this.#handlers.signedOut?.(); return; }
      this.#timer = setTimeout(() => this.#open(), this.#pause * (0.5 + Math.random()));
      this.#pause = Math.min(30000, this.#pause * 2);
    };
  }
}
