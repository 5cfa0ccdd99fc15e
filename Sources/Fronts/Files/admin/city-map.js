// The map of the live city: two canvases above Leaflet's panes. What stands still is drawn when it changes, couriers in every frame.
import { drawMap } from "../shared/map.js";
import { Crowd, states, worldX, worldY } from "./city-crowd.js";
import { courierStamps, Sheet } from "./city-stamps.js";

/** Everything that can be shown or hidden. */
export const layers = [...states, "waiting", "unassigned", "running", "open", "closed"];
/** How near to a thing a click has to be, in pixels. */
const CLOSE = 16;
/** Of how many deliveries the lines from door to door are drawn. */
const LINES = 150;
/** How far from its middle a town reaches, in degrees of latitude. */
const TOWN = 0.3;

/** To which layer a delivery belongs. */
export function layerOf(delivery) {
  if (delivery.status === "unassigned") return "unassigned";
  return delivery.status === "searching" || delivery.status === "offered" ? "waiting" : "running";
}

export class CityMap {
  crowd = new Crowd();
  shown = new Set(layers);
  #L;
  #map;
  #ground;
  #sheet;
  #restaurants = [];
  #deliveries = [];
  #picked = null;
  #told = "";
  #onPick;
  #tones = {};
  #density = Math.min(2, devicePixelRatio || 1);
  #calm = matchMedia("(prefers-reduced-motion: reduce)");
  #isStale = true;
  #isMoved = true;
  #frames = [];
  #slow = 0;
  #ticks = 0;
  #since = 0;
  #near = [];

  /**
   * @param {HTMLElement} element
   * @param {{latitude: number, longitude: number}} center
   * @param {(thing: object|null) => void} onPick told what was picked: `{ kind, ... }`
   */
  static async open(element, center, onPick) {
    const { L, map } = await drawMap(element, [center], { zoom: 14, options: { zoomAnimation: false, inertia: true } });
    return new CityMap(L, map, element, onPick);
  }

  constructor(L, map, element, onPick) {
    this.#L = L;
    this.#map = map;
    this.#onPick = onPick;
    this.#ground = layer(element, "ground");
    map.on("move zoom viewreset resize", () => { this.#isStale = true; this.#isMoved = true; });
    map.on("click", (event) => this.#pickAt(event.containerPoint));
    map.on("mousemove", (event) => { element.style.cursor = this.#thingsNear(event.containerPoint, CLOSE).length ? "pointer" : ""; });
    // The wheel moves the page until somebody has turned to the map.
    map.on("focus", () => map.scrollWheelZoom.enable());
    map.on("blur", () => map.scrollWheelZoom.disable());
    element.addEventListener("keydown", (event) => this.#key(event));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { this.#dress(); map.eachLayer((each) => each.redraw?.()); });
    this.#dress();
    Object.defineProperty(window, "tiffinFrames", { configurable: true, get: () => this.framesPerSecond });
    requestAnimationFrame((now) => this.#frame(now));
  }

  /** Frames drawn per second, over the last two. */
  get framesPerSecond() {
    const since = performance.now() - 2000;
    this.#frames = this.#frames.filter((at) => at > since);
    return this.#frames.length / 2;
  }

  /** Takes what was seen of the city. */
  look(city, now = performance.now()) {
    this.crowd.look(city.partners, now);
    const told = city.deliveries.map((each) => each.orderId + each.status).join();
    if (told === this.#told) { this.#follow(); return; }
    this.#told = told;
    this.#deliveries = city.deliveries.map((each) => ({
      ...each, layer: layerOf(each), fromX: worldX(each.restaurant.longitude), fromY: worldY(each.restaurant.latitude),
      x: worldX(each.customer.longitude), y: worldY(each.customer.latitude),
    }));
    this.#isStale = true;
    this.#follow();
    if (this.#picked?.kind === "delivery") {
      const again = this.#deliveries.find((each) => each.orderId === this.#picked.orderId);
      if (!again) this.pick(null); else if (again.status !== this.#picked.status) this.pick({ kind: "delivery", ...again });
    }
  }

  /** Tells anew of the courier that is picked when their state changed, and lets go of who is gone. */
  #follow() {
    if (this.#picked?.kind !== "courier") return;
    const seen = this.crowd.seen[this.crowd.picked];
    if (!seen) this.pick(null); else if (seen.status !== this.#picked.status) this.pick({ kind: "courier", index: this.crowd.picked, ...seen });
  }

  set restaurants(all) {
    this.#restaurants = all.map((each) => ({ ...each, layer: each.isOpen ? "open" : "closed", x: worldX(each.point.longitude), y: worldY(each.point.latitude) }));
    this.#isStale = true;
  }

  /** Shows the town. */
  fit() {
    const all = [...this.#restaurants.map((each) => [each.point.latitude, each.point.longitude]), ...this.crowd.seen.map((each) => [each.latitude, each.longitude])];
    if (!all.length) return;
    // Of several towns the one where most is going on.
    const [south, west] = [0, 1].map((axis) => all.map((point) => point[axis]).sort((one, other) => one - other)[all.length >> 1]);
    const points = all.filter((point) => Math.hypot(point[0] - south, (point[1] - west) * Math.cos((south * Math.PI) / 180)) < TOWN);
    if (points.length > 1) this.#map.fitBounds(this.#L.latLngBounds(points), { padding: [24, 24], maxZoom: 16, animate: false });
  }

  /** Shows or hides a layer. */
  show(name, isShown) {
    if (isShown) this.shown.add(name); else this.shown.delete(name);
    this.#isStale = true;
    this.#isMoved = true;
  }

  /** Marks a thing, and tells of it; nothing where it is null. */
  pick(thing, { center = false } = {}) {
    if (thing && thing.x === undefined) {
      const { latitude, longitude } = thing.point ?? thing.customer ?? thing;
      thing = { ...thing, x: worldX(longitude), y: worldY(latitude) };
    }
    this.#picked = thing;
    this.crowd.picked = thing?.kind === "courier" ? thing.index : -1;
    this.#isStale = true;
    this.#isMoved = true;
    if (thing && center) {
      const place = thing.point ?? thing.customer ?? thing;
      this.#map.panTo([place.latitude, place.longitude], { animate: false });
    }
    this.#onPick(thing);
  }

  // Finding things

  #view() {
    const corner = this.#map.getPixelBounds().min, size = this.#map.getSize();
    return { scale: 256 * 2 ** this.#map.getZoom(), left: corner.x, top: corner.y, width: size.x, height: size.y };
  }

  /** What is shown near a point of the map, the nearest first; couriers lie above all else. */
  #thingsNear(point, within) {
    const { scale, left, top } = this.#view(), found = [];
    const note = (x, y, make, lead) => {
      const far = Math.hypot(x * scale - left - point.x, y * scale - top - point.y);
      if (far <= within) found.push({ far: far - lead, make });
    };
    for (let index = 0; index < this.crowd.count; index++) {
      if (!this.shown.has(states[this.crowd.state[index]])) continue;
      note(this.crowd.x[index], this.crowd.y[index], () => ({ kind: "courier", index, ...this.crowd.seen[index] }), 4);
    }
    for (const each of this.#restaurants) if (this.shown.has(each.layer)) note(each.x, each.y, () => ({ kind: "restaurant", ...each }), 0);
    for (const each of this.#deliveries) if (this.shown.has(each.layer)) note(each.x, each.y, () => ({ kind: "delivery", ...each }), 2);
    return found.sort((one, other) => one.far - other.far);
  }

  #pickAt(point) { this.pick(this.#thingsNear(point, CLOSE)[0]?.make() ?? null); }

  #key(event) {
    const step = { Enter: 0, n: 1, N: 1, p: -1, P: -1 }[event.key];
    if (event.key === "Escape" && this.#picked) { this.pick(null); return; }
    if (step === undefined || event.ctrlKey || event.altKey || event.metaKey || event.target !== event.currentTarget) return;
    event.preventDefault();
    const size = this.#map.getSize();
    if (step === 0 || !this.#near.length) {
      this.#near = this.#thingsNear({ x: size.x / 2, y: size.y / 2 }, Math.hypot(size.x, size.y) / 2).map((each) => each.make());
      this.#near.at = 0;
    } else this.#near.at = (this.#near.at + step + this.#near.length) % this.#near.length;
    this.pick(this.#near[this.#near.at] ?? null);
  }

  // Drawing

  #dress() {
    const style = getComputedStyle(document.documentElement);
    for (const name of ["good", "warn", "bad", "info", "accent", "ink", "soft", "raised", "focus"]) this.#tones[name] = style.getPropertyValue(`--${name}`).trim();
    const { good, warn, info, raised } = this.#tones;
    this.#sheet?.remove();
    this.#sheet = new Sheet(this.#map.getContainer(), courierStamps([good, warn, info], raised, this.#density), this.#density);
    this.#isStale = true;
    this.#isMoved = true;
  }

  #frame(now) {
    requestAnimationFrame((next) => this.#frame(next));
    if (document.hidden) return;
    this.#keepUp(now);
    if (this.#isStale) { this.#isStale = false; this.#drawGround(); this.#isMoved = true; }
    if (this.crowd.place(now, this.#calm.matches) || this.#isMoved) {
      this.#isMoved = false;
      this.#drawMoving();
      this.#frames.push(now);
      if (this.#frames.length > 400) this.#frames.splice(0, 200);
    }
  }

  /** A machine that cannot keep up for two seconds gets fewer pixels to fill. */
  #keepUp(now) {
    this.#ticks += 1;
    const passed = now - this.#since;
    if (passed < 1000) return;
    // A tab that comes back had no frames at all.
    this.#slow = passed < 1500 && this.#ticks * 1000 < 42 * passed ? this.#slow + 1 : 0;
    this.#ticks = 0;
    this.#since = now;
    if (this.#slow < 2 || this.#density === 1) return;
    this.#density = 1;
    this.#dress();
  }

  #pen(canvas, view) {
    const width = Math.round(view.width * this.#density), height = Math.round(view.height * this.#density);
    if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height; }
    const pen = canvas.getContext("2d");
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, width, height);
    return pen;
  }

  #drawMoving() {
    const view = this.#view(), density = this.#density, { crowd, shown } = this, sheet = this.#sheet;
    const scale = view.scale * density, left = view.left * density, top = view.top * density;
    sheet.begin(view.width, view.height);
    for (let state = 0; state < states.length; state++) {
      if (!shown.has(states[state])) continue;
      for (let index = 0; index < crowd.count; index++) {
        if (crowd.state[index] === state) sheet.stamp(state, crowd.x[index] * scale - left, crowd.y[index] * scale - top);
      }
    }
    const pen = sheet.finish();
    if (this.#picked) this.#drawPicked(pen, view, density);
  }

  #drawPicked(pen, view, density) {
    const thing = this.#picked, isCourier = thing.kind === "courier";
    const worldX = isCourier ? this.crowd.x[this.crowd.picked] : thing.x, worldY = isCourier ? this.crowd.y[this.crowd.picked] : thing.y;
    pen.setTransform(density, 0, 0, density, 0, 0);
    pen.lineWidth = 3;
    pen.strokeStyle = this.#tones.focus;
    pen.beginPath();
    pen.arc(worldX * view.scale - view.left, worldY * view.scale - view.top, 13, 0, 2 * Math.PI);
    pen.stroke();
  }

  #drawGround() {
    const view = this.#view(), pen = this.#pen(this.#ground, view), tones = this.#tones;
    pen.setTransform(this.#density, 0, 0, this.#density, 0, 0);
    const { scale, left, top } = view;
    const shown = this.#deliveries.filter((each) => this.shown.has(each.layer));
    for (const [name, tone, dash, wide] of [["running", tones.accent, [], 1], ["waiting", tones.warn, [4, 4], 1.5], ["unassigned", tones.bad, [4, 4], 2]]) {
      const some = shown.filter((each) => each.layer === name);
      if (!some.length) continue;
      pen.strokeStyle = tone;
      pen.fillStyle = tone;
      pen.lineWidth = wide;
      // Where lines would hide each other, doors say enough.
      if (some.length <= LINES) {
        pen.globalAlpha = name === "running" ? 0.45 : 0.8;
        pen.setLineDash(dash);
        pen.beginPath();
        for (const each of some) {
          pen.moveTo(each.fromX * scale - left, each.fromY * scale - top);
          pen.lineTo(each.x * scale - left, each.y * scale - top);
        }
        pen.stroke();
        pen.setLineDash([]);
        pen.globalAlpha = 1;
      }
      pen.beginPath();
      for (const each of some) {
        const x = each.x * scale - left, y = each.y * scale - top;
        pen.moveTo(x, y - 5); pen.lineTo(x + 5, y); pen.lineTo(x, y + 5); pen.lineTo(x - 5, y);
        pen.closePath();
      }
      pen.fill();
    }
    for (const name of ["closed", "open"]) {
      if (!this.shown.has(name)) continue;
      pen.beginPath();
      for (const each of this.#restaurants) if (each.layer === name) pen.rect(each.x * scale - left - 4.5, each.y * scale - top - 4.5, 9, 9);
      pen.lineWidth = 2;
      pen.strokeStyle = name === "open" ? tones.raised : tones.soft;
      pen.fillStyle = name === "open" ? tones.ink : tones.raised;
      pen.stroke();
      pen.fill();
    }
  }
}

/** A canvas above the map. */
function layer(element, name) {
  const canvas = Object.assign(document.createElement("canvas"), { className: `city-layer ${name}` });
  canvas.setAttribute("aria-hidden", "true");
  element.append(canvas);
  return canvas;
}
