// What the map shows, as tables: for the keyboard, for screen readers, and for who would rather read.
import { counting, number, text } from "../shared/texts.js";
import { layerOf, layers } from "./city-map.js";

/** How many rows a table has at most. */
const ROWS = 100;
const vehicles = ["foot", "bicycle", "scooter", "motorcycle", "car"];

/** The restaurant that is nearest to a point, and how far it is, on the flat plane that touches the globe here. */
export function nearest(restaurants, point) {
  let best = null, least = Infinity;
  const narrow = Math.cos((point.latitude * Math.PI) / 180);
  for (const restaurant of restaurants) {
    const far = (restaurant.point.latitude - point.latitude) ** 2 + ((restaurant.point.longitude - point.longitude) * narrow) ** 2;
    if (far < least) { least = far; best = restaurant; }
  }
  return best && { restaurant: best, meters: Math.sqrt(least) * 111195 };
}

export class CityTables {
  restaurants = [];
  #place;
  #onPick;
  #city = null;
  #shown = new Set(layers);
  #isShown = false;
  #at = 0;

  /** @param {(thing: object) => void} onPick told what somebody wants to see on the map */
  constructor(place, onPick) {
    this.#place = place;
    this.#onPick = onPick;
  }

  set isShown(isShown) { this.#isShown = isShown; this.#at = 0; this.#write(); }

  show(name, isShown) {
    if (isShown) this.#shown.add(name); else this.#shown.delete(name);
    this.#at = 0;
    this.#write();
  }

  look(city) { this.#city = city; this.#write(); }

  /** Anew every five seconds, so that it can be read; never under the fingers of who is in it. */
  #write() {
    const now = performance.now();
    if (!this.#isShown || !this.#city || now - this.#at < 5000 || this.#place.contains(document.activeElement)) return;
    this.#at = now;
    this.#place.replaceChildren(this.#deliveries(), this.#couriers(), this.#kitchens());
  }

  #deliveries() {
    const all = this.#city.deliveries.filter((each) => this.#shown.has(layerOf(each)));
    const urgent = { unassigned: 0, waiting: 1, running: 2 };
    all.sort((one, other) => urgent[layerOf(one)] - urgent[layerOf(other)]);
    return table(text("admin.script.table.deliveries"), all.length, ["order", "state", "from", "show"], all.slice(0, ROWS).map((each) => {
      const name = each.orderId.slice(-6).toUpperCase();
      const from = nearest(this.restaurants, each.restaurant);
      return [link(`/admin/orders/${each.orderId}`, name), text(`admin.script.delivery.${each.status}`), from ? from.restaurant.name : "–", this.#button(name, { kind: "delivery", ...each })];
    }));
  }

  /** Nobody has a name on the map, so they are counted. */
  #couriers() {
    const rows = ["available", "offered", "busy"].filter((status) => this.#shown.has(status)).map((status) => {
      const some = this.#city.partners.filter((each) => each.status === status);
      return [text(`admin.script.layer.${status}`), ...vehicles.map((vehicle) => number(some.filter((each) => each.vehicleType === vehicle).length)), number(some.length)];
    });
    const heads = [text("admin.script.state"), ...vehicles.map((vehicle) => text(`admin.script.vehicle.${vehicle}`)), text("admin.script.table.all")];
    return table(text("admin.script.table.couriers"), this.#city.partners.length, heads, rows, true);
  }

  #kitchens() {
    const all = this.restaurants.filter((each) => this.#shown.has(each.isOpen ? "open" : "closed")).map((restaurant) => {
      const { latitude, longitude } = restaurant.point;
      return { restaurant, orders: this.#city.deliveries.filter((each) => each.restaurant.latitude === latitude && each.restaurant.longitude === longitude).length };
    });
    all.sort((one, other) => other.orders - one.orders || one.restaurant.name.localeCompare(other.restaurant.name));
    return table(text("admin.script.table.restaurants"), all.length, ["restaurant", "state", "orders", "show"], all.slice(0, ROWS).map(({ restaurant, orders }) => [
      link(`/admin/orders?restaurantId=${restaurant.id}`, restaurant.name), text(`admin.script.layer.${restaurant.isOpen ? "open" : "closed"}`), number(orders),
      this.#button(restaurant.name, { kind: "restaurant", layer: restaurant.isOpen ? "open" : "closed", ...restaurant }),
    ]));
  }

  #button(name, thing) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "button small", textContent: text("admin.script.table.show") });
    button.append(Object.assign(document.createElement("span"), { className: "hidden-text", textContent: ` ${name}` }));
    button.addEventListener("click", () => this.#onPick(thing));
    return button;
  }
}

function link(address, words) { return Object.assign(document.createElement("a"), { href: address, textContent: words }); }

function table(title, count, heads, rows, isWorded = false) {
  const box = Object.assign(document.createElement("div"), { className: "scroll-x", tabIndex: 0 });
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", title);
  const made = document.createElement("table");
  made.createCaption().append(Object.assign(document.createElement("strong"), { textContent: title }), ` · ${counting("admin.script.table.count", count)}`);
  const head = made.createTHead().insertRow();
  for (const name of heads) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = isWorded ? name : text(`admin.script.table.${name}`);
    head.append(cell);
  }
  const body = made.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    row.forEach((content, index) => {
      const cell = index ? line.insertCell() : line.appendChild(Object.assign(document.createElement("th"), { scope: "row" }));
      cell.append(content);
    });
  }
  box.append(made);
  return box;
}
