// An order on its way: each step as it happens, the courier on a map, and polling while the socket is down.
import { Live } from "../shared/live.js";
import { drawMap, pair, pin } from "../shared/map.js";
import { swap } from "./parts.js";
import { age, text, time } from "../shared/texts.js";

const root = document.getElementById("order");
const id = root.dataset.order;
const live = () => document.getElementById("live");
const zone = root.dataset.zone;

// MARK: What the server knows

let isAsking = false;
let isAgain = false;

async function refresh() {
  if (isAsking) { isAgain = true; return; }
  isAsking = true;
  try {
    const answer = await fetch(`/orders/${id}?part=1`);
    if (answer.ok) take(await answer.text());
  } catch { /* The socket or the next poll tries again. */ }
  isAsking = false;
  if (isAgain) { isAgain = false; refresh(); }
}

function take(html) {
  const before = live().dataset.status;
  swap(html);
  const { status, says, running } = live().dataset;
  root.dataset.status = status;
  if (status !== before) document.getElementById("announce").textContent = says;
  if (running !== "true") document.getElementById("map")?.remove();
  show();
}

// MARK: The map

let drawn = null;
let courier = null;

async function draw() {
  const box = document.getElementById("map");
  if (!box) return;
  const place = (value) => { const [latitude, longitude] = value.split(",").map(Number); return { latitude, longitude }; };
  const points = [place(box.dataset.restaurant)];
  if (box.dataset.home) points.push(place(box.dataset.home));
  try {
    const { L, map } = await drawMap(box, points);
    pin(L, points[0], "kitchen", box.dataset.name).addTo(map);
    if (points[1]) pin(L, points[1], "home", text("customer.script.home")).addTo(map);
    drawn = { L, map };
    show();
  } catch { box.remove(); }
}

/** Shows the courier where the page says they are. */
function show() {
  if (!drawn || !live()) return;
  const known = live().dataset.courier;
  if (!known) { courier?.remove(); courier = null; return; }
  const [latitude, longitude] = known.split(",").map(Number);
  const point = { latitude, longitude };
  if (courier) courier.setLatLng(pair(point));
  else {
    courier = pin(drawn.L, point, "courier", text("customer.script.courier")).addTo(drawn.map);
    if (!drawn.map.getBounds().contains(pair(point))) drawn.map.fitBounds(drawn.map.getBounds().extend(pair(point)));
  }
  tick();
}

/** How old the courier's place is; what is old is grey. */
function tick() {
  const seen = live()?.dataset.seen;
  const words = document.querySelector("#seen [data-age]");
  if (!seen || !words) return;
  const seconds = Math.max(0, (Date.now() - Date.parse(seen)) / 1000);
  words.textContent = age(seconds);
  const isOld = seconds > 60;
  document.getElementById("seen").classList.toggle("old", isOld);
  courier?.getElement()?.firstElementChild?.classList.toggle("idle", isOld);
}
setInterval(tick, 1000);

// MARK: The line

let poll = 0;
new Live([`order:${id}`], {
  order_update: refresh,
  delivery_update: refresh,
  refetch: refresh,
  location_update(data) {
    const part = live();
    const isNew = !part.dataset.courier;
    part.dataset.courier = `${data.latitude},${data.longitude}`;
    part.dataset.seen = data.recordedAt;
    const arrival = document.getElementById("arrival");
    if (arrival && data.eta) {
      const [from, to] = [time(data.eta.earliest, zone), time(data.eta.latest, zone)];
      arrival.textContent = from === to ? text("customer.script.arrivesAt", { time: to }) : text("customer.script.arrives", { from, to });
    }
    if (isNew) refresh(); else show();
  },
  state(isConnected) {
    clearInterval(poll);
    poll = isConnected ? 0 : setInterval(refresh, 20000);
  },
});
addEventListener("online", refresh);
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") refresh(); });
addEventListener("pageshow", (event) => { if (event.persisted) refresh(); });

draw();
// Delivery hears of an order a moment after it was placed.
setTimeout(refresh, 1500);
