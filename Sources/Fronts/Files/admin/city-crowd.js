// Couriers as a crowd of points that glide from where they were seen to where they are seen now. Nothing here knows of maps or pages.

/** The states that a courier on the map can have, by number. */
export const states = ["available", "offered", "busy"];

/** How far a courier may have come between two looks, in metres. */
const REACH = 500;
const GIRTH = 40075017;

/** Web Mercator, the whole world from 0 to 1. */
export const worldX = (longitude) => longitude / 360 + 0.5;
export function worldY(latitude) {
  const sine = Math.sin((Math.max(-85.05, Math.min(85.05, latitude)) * Math.PI) / 180);
  return 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
}

export class Crowd {
  /** How many there are. */
  count = 0;
  /** Where each is drawn, in the world from 0 to 1; its state by number; what the server said of it. */
  x = new Float64Array(0);
  y = new Float64Array(0);
  state = new Uint8Array(0);
  seen = [];
  /** The number of the one that is picked; -1 for none. It is followed from look to look. */
  picked = -1;

  #fromX = this.x;
  #fromY = this.y;
  #toX = this.x;
  #toY = this.y;
  #since = 0;
  #lasts = 0;
  #pace = 1000;
  #isStill = true;

  /**
   * Takes what was seen of the city. Couriers come without names: each is taken to be the one of its kind that was nearest.
   *
   * @param {{latitude: number, longitude: number, status: string, vehicleType: string}[]} partners
   * @param {number} now by `performance.now()`
   */
  look(partners, now) {
    this.place(now);
    const count = partners.length;
    const toX = new Float64Array(count), toY = new Float64Array(count), state = new Uint8Array(count);
    for (let index = 0; index < count; index++) {
      const partner = partners[index];
      toX[index] = worldX(partner.longitude);
      toY[index] = worldY(partner.latitude);
      state[index] = Math.max(0, states.indexOf(partner.status));
    }
    const before = this.#match(partners, toX, toY);
    const fromX = new Float64Array(count), fromY = new Float64Array(count);
    for (let index = 0; index < count; index++) {
      const old = before[index];
      fromX[index] = old < 0 ? toX[index] : this.x[old];
      fromY[index] = old < 0 ? toY[index] : this.y[old];
    }
    this.picked = this.picked < 0 ? -1 : before.indexOf(this.picked);
    this.#fromX = fromX; this.#fromY = fromY; this.#toX = toX; this.#toY = toY;
    this.x = fromX.slice(); this.y = fromY.slice(); this.state = state; this.seen = partners; this.count = count;
    // Looks come about once a second; gliding longer than that hides those that come late.
    if (this.#since) this.#pace += 0.2 * (Math.max(200, Math.min(3000, now - this.#since)) - this.#pace);
    this.#since = now;
    this.#lasts = this.#pace * 1.5;
    this.#isStill = false;
  }

  /**
   * Puts everybody where they are drawn at a moment.
   *
   * @param {boolean} isCalm whether they jump there, for who wants little motion
   * @returns {boolean} whether anybody may have moved
   */
  place(now, isCalm = false) {
    if (this.#isStill) return false;
    const share = isCalm ? 1 : Math.min(1, (now - this.#since) / this.#lasts);
    const { x, y } = this;
    const fromX = this.#fromX, fromY = this.#fromY, toX = this.#toX, toY = this.#toY;
    for (let index = 0; index < this.count; index++) {
      x[index] = fromX[index] + (toX[index] - fromX[index]) * share;
      y[index] = fromY[index] + (toY[index] - fromY[index]) * share;
    }
    this.#isStill = share === 1;
    return true;
  }

  /** For each new courier the number of the old one that it is; -1 where it is none. */
  #match(partners, toX, toY) {
    const count = partners.length, found = new Int32Array(count).fill(-1), taken = new Uint8Array(this.count);
    if (!count || !this.count) return found;
    // A metre is longer on maps of the north.
    const stretch = 1 / Math.cos((partners[0].latitude * Math.PI) / 180);
    const reach = (REACH / GIRTH) * stretch, near = reach / 4;
    // The order seldom changes, so most are found where they were.
    const rest = [];
    for (let index = 0; index < count; index++) {
      const isSame = index < this.count && partners[index].vehicleType === this.seen[index].vehicleType
        && Math.abs(toX[index] - this.x[index]) < near && Math.abs(toY[index] - this.y[index]) < near;
      if (isSame) { found[index] = index; taken[index] = 1; } else rest.push(index);
    }
    if (!rest.length) return found;
    const cells = new Map();
    const key = (x, y) => Math.floor(x / reach) * 16777216 + Math.floor(y / reach);
    for (let old = 0; old < this.count; old++) {
      if (taken[old]) continue;
      const at = key(this.x[old], this.y[old]);
      const cell = cells.get(at);
      if (cell) cell.push(old); else cells.set(at, [old]);
    }
    for (const index of rest) {
      let best = -1, least = reach * reach;
      for (let east = -1; east <= 1; east++) {
        for (let south = -1; south <= 1; south++) {
          for (const old of cells.get(key(toX[index] + east * reach, toY[index] + south * reach)) ?? []) {
            if (taken[old] || this.seen[old].vehicleType !== partners[index].vehicleType) continue;
            const far = (this.x[old] - toX[index]) ** 2 + (this.y[old] - toY[index]) ** 2;
            if (far < least) { least = far; best = old; }
          }
        }
      }
      if (best >= 0) { found[index] = best; taken[best] = 1; }
    }
    return found;
  }
}
