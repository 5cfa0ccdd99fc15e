// The live city: counters that show and hide what they count, the map, what is picked on it, the latest events and the charts.
import "./admin.js";
import { ask } from "../shared/api.js";
import { Live } from "../shared/live.js";
import { age, dayAndTime, distance, number, text, time } from "../shared/texts.js";
import { CityCharts } from "./city-charts.js";
import { CityMap, layerOf, layers } from "./city-map.js";
import { CityTables, nearest } from "./city-tables.js";

const element = (id) => document.getElementById(id);
const place = element("map");
const line = element("line");
const tables = new CityTables(element("tables"), (thing) => {
  map?.pick(thing, { center: true });
  place.scrollIntoView({ block: "nearest" });
  place.focus({ preventScroll: true });
});
let map, charts, city = null, restaurants = [], isFitted = false;

// Reading

async function readRestaurants() {
  const all = [];
  let cursor = "";
  for (let page = 0; page < 20; page++) {
    const part = await ask("GET", `/api/restaurants?limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    all.push(...part.items);
    cursor = part.nextCursor;
    if (!cursor) break;
  }
  restaurants = all;
  tables.restaurants = all;
  if (map) map.restaurants = all;
  count("open", all.filter((each) => each.isOpen).length);
  count("closed", all.filter((each) => !each.isOpen).length);
  fitOnce();
}

function look(seen) {
  city = seen;
  for (const name of ["available", "offered", "busy", "waiting", "unassigned", "running"]) count(name, seen[name]);
  element("needs-hand").hidden = seen.unassigned === 0;
  map?.look(seen);
  tables.look(seen);
  fitOnce();
}

/** What is there is shown whole once; from then on the person decides where to look. */
function fitOnce() {
  if (isFitted || !map || !restaurants.length || !city) return;
  isFitted = true;
  map.fit();
}

async function readPulse() {
  try {
    const pulse = await ask("GET", "/api/city/pulse");
    showPulse(pulse);
    if (!charts) {
      charts = await CityCharts.open(element("chart-orders"), element("chart-preparation"), pulse);
    } else charts.show(pulse);
  } catch (problem) { if (!problem.isPassing) console.warn(problem); }
  setTimeout(readPulse, document.hidden ? 60000 : 10000);
}

// Writing

function write(place, value) { if (place && place.textContent !== value) place.textContent = value; }
function count(name, value) { write(document.querySelector(`[data-count="${name}"]`), number(value)); }
const minutes = (value) => (value === undefined || value === null ? "–" : number(value, { minimumFractionDigits: 1, maximumFractionDigits: 1 }));

function showPulse(pulse) {
  for (const each of pulse.open) write(document.querySelector(`[data-open="${each.status}"]`), number(each.count));
  for (const name of ["placedToday", "servedToday", "endedToday"]) write(document.querySelector(`[data-pulse="${name}"]`), number(pulse[name]));
  for (const name of ["preparationMinutes", "doorMinutes"]) write(document.querySelector(`[data-pulse="${name}"]`), minutes(pulse[name]));
  const rows = element("minutes").rows;
  pulse.placedByMinute.forEach((placed, index) => {
    const cells = rows[index]?.cells;
    if (!cells) return;
    write(cells[1], number(placed));
    write(cells[2], number(pulse.servedByMinute[index]));
    write(cells[3], minutes(pulse.preparationByMinute?.[index]));
  });
}

function make(tag, className, content) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (content !== undefined) made.append(...[content].flat());
  return made;
}

function link(address, words) { return Object.assign(make("a", "", words), { href: address }); }

const tones = {
  pending: "warn", confirmed: "info", preparing: "info", ready_for_pickup: "info", out_for_delivery: "info", delivered: "good", completed: "good",
  rejected: "bad", cancelled: "bad",
};

/** The latest events, the newest first; they wait while somebody reads them, for nothing may move under a finger. */
const events = [...element("latest").children].filter((row) => !row.classList.contains("quiet"));
let isReading = false;

function tellEvent(event) {
  const when = make("time", "", time(event.at));
  when.dateTime = event.at;
  when.title = dayAndTime(event.at);
  const words = text(`admin.script.order.${event.status}`), name = link(`/admin/orders/${event.orderId}`, event.restaurantName);
  name.classList.add("grow");
  const row = make("li", "", [make("span", `tag ${tones[event.status] ?? ""}`, words), name, when]);
  row.dataset.order = event.orderId;
  row.dataset.status = event.status;
  events.unshift(row);
  events.splice(12);
  if (element("aloud").checked) element("said").textContent = `${event.restaurantName}: ${words}`;
  if (!isReading) showEvents();
}

// New rows in place of old ones: to a browser, and to an eye, nothing jumps.
function showEvents() { element("latest").replaceChildren(...events.map((row) => row.cloneNode(true))); }

for (const name of ["pointerenter", "pointerleave", "focusin", "focusout"]) {
  element("latest").addEventListener(name, (event) => {
    const list = event.currentTarget, next = name === "focusout" ? event.relatedTarget : document.activeElement;
    isReading = name === "pointerenter" || list.contains(next) || (name !== "pointerleave" && list.matches(":hover"));
    if (!isReading && events.length) showEvents();
  });
}

function facts(pairs) {
  const list = make("dl", "facts");
  for (const [name, value] of pairs) if (value !== null && value !== undefined) list.append(make("dt", "", name), make("dd", "", value));
  return list;
}

/** What is known of what was picked. */
function tellPicked(thing) {
  const place = element("picked");
  if (!thing) { place.replaceChildren(make("p", "quiet", text("admin.script.pickSomething"))); return; }
  if (thing.kind === "courier") {
    const near = nearest(restaurants, thing);
    place.replaceChildren(make("h3", "", text("admin.script.courier")), facts([
      [text("admin.script.state"), text(`admin.script.layer.${thing.status}`)],
      [text("admin.script.vehicle"), text(`admin.script.vehicle.${thing.vehicleType}`)],
      [text("admin.script.near"), near && `${near.restaurant.name} (${distance(near.meters)})`],
    ]));
  } else if (thing.kind === "restaurant") {
    const orders = (city?.deliveries ?? []).filter((each) => each.restaurant.latitude === thing.point.latitude && each.restaurant.longitude === thing.point.longitude);
    place.replaceChildren(make("h3", "", thing.name), facts([
      [text("admin.script.state"), text(`admin.script.layer.${thing.layer}`)],
      [text("admin.script.address"), thing.address],
      [text("admin.script.deliveries"), number(orders.length)],
    ]), make("p", "row", [link(`/admin/orders?restaurantId=${thing.id}`, text("admin.script.itsOrders")), link(`/restaurants/${thing.id}`, text("admin.script.itsMenu"))]));
  } else {
    const from = nearest(restaurants, thing.restaurant);
    const words = [link(`/admin/orders/${thing.orderId}`, text("admin.script.openOrder"))];
    if (layerOf(thing) === "unassigned") words.push(link("/admin/dispatch", text("admin.script.toDispatch")));
    place.replaceChildren(make("h3", "", text("admin.script.delivery", { number: thing.orderId.slice(-6).toUpperCase() })), facts([
      [text("admin.script.state"), text(`admin.script.delivery.${thing.status}`)],
      [text("admin.script.from"), from && from.meters < 60 ? from.restaurant.name : null],
    ]), make("p", "row", words));
  }
}

function tellLine(isConnected) {
  line.className = `tag ${isConnected ? "good" : "warn"}`;
  write(line, text(isConnected ? "admin.script.live" : "admin.script.connecting"));
}

// Choosing

for (const box of element("layers").elements) {
  if (box.name !== "layer") continue;
  box.addEventListener("change", () => { map?.show(box.value, box.checked); tables.show(box.value, box.checked); });
}
element("layers").addEventListener("submit", (event) => event.preventDefault());
element("as-table").addEventListener("toggle", (event) => { tables.isShown = event.target.open; });

// Beginning

place.setAttribute("role", "application");
place.setAttribute("aria-label", text("admin.script.map"));
const center = { latitude: Number(place.dataset.latitude), longitude: Number(place.dataset.longitude) };
CityMap.open(place, center, tellPicked).then((opened) => {
  map = opened;
  for (const name of layers) map.show(name, document.querySelector(`[name="layer"][value="${name}"]`).checked);
  map.restaurants = restaurants;
  if (city) map.look(city);
  fitOnce();
});
new Live(["city"], { city: look, city_event: tellEvent, state: tellLine });
ask("GET", "/api/city").then((seen) => { if (!city) look(seen); }).catch(() => {});
(async function keepRestaurants() {
  try { await readRestaurants(); } catch { /* Tried again. */ }
  setTimeout(keepRestaurants, restaurants.length ? 60000 : 5000);
})();
(window.requestIdleCallback ?? setTimeout)(readPulse);
