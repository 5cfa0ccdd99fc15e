// The city in figures and on a drawn map, asked for every second.
import { distance, language, number, text } from "../shared/texts.js";

const element = (id) => document.getElementById(id);
const map = element("map"), rates = element("rates"), tip = element("tip");
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const isRightToLeft = document.documentElement.dir === "rtl";
const since = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "narrow" });
/** A name that reads in its own direction, whatever stands around it. */
const named = (name) => `\u2068${name}\u2069`;
const city = { restaurants: [], couriers: [], deliveries: [], pulse: null, box: null, at: 0 };
let tones = {};

function readTones() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ["ground", "raised", "line", "ink", "soft", "land", "grid", "kitchen", "free", "busy", "door"]) {
    tones[name] = style.getPropertyValue("--" + name).trim();
  }
}

// Reading

async function read(path) {
  const answer = await fetch(path, { headers: { accept: "application/json" }, cache: "no-store" });
  if (!answer.ok) throw new Error(answer.status === 401 || answer.status === 403 ? text("live.script.hidden") : text("live.script.fault", { status: answer.status }));
  return answer.json();
}

async function readRestaurants() {
  const all = [];
  let cursor = "";
  for (let page = 0; page < 20; page++) {
    const part = await read("/api/restaurants?limit=100" + (cursor && "&cursor=" + encodeURIComponent(cursor)));
    all.push(...part.items);
    cursor = part.nextCursor;
    if (!cursor) break;
  }
  city.restaurants = all.map((each) => ({ name: each.name, isOpen: each.isOpen, ...each.point }));
}

// Couriers come without a name: each is taken to be the one that was nearest to where it is now.
function follow(partners, now) {
  const before = city.couriers.map((each) => ({ each, ...place(each, now) }));
  const taken = new Set();
  city.couriers = partners.map((partner, index) => {
    let best = -1, least = 9e-6;
    const closeness = (other) => (other.latitude - partner.latitude) ** 2 + (other.longitude - partner.longitude) ** 2;
    if (before[index] && !taken.has(index) && closeness(before[index]) < 1e-7) best = index;
    else before.forEach((other, at) => {
      const far = closeness(other);
      if (!taken.has(at) && far < least) { least = far; best = at; }
    });
    const from = best < 0 ? partner : before[best];
    taken.add(best);
    return {
      from: { latitude: from.latitude, longitude: from.longitude }, to: partner, since: now,
      isBusy: partner.status === "busy", heading: best < 0 ? null : heading(from, partner, before[best].each.heading),
    };
  });
}

function heading(from, to, old) {
  const east = to.longitude - from.longitude, north = to.latitude - from.latitude;
  return Math.hypot(east, north) < 2e-6 ? old : Math.atan2(north, east * 0.64);
}

function place(courier, now) {
  const share = calm.matches ? 1 : Math.min(1, (now - courier.since) / 1100);
  return {
    latitude: courier.from.latitude + (courier.to.latitude - courier.from.latitude) * share,
    longitude: courier.from.longitude + (courier.to.longitude - courier.from.longitude) * share,
  };
}

async function look() {
  try {
    const [seen, pulse] = await Promise.all([read("/api/city"), read("/api/city/pulse")]);
    const now = performance.now();
    follow(seen.partners, now);
    city.deliveries = seen.deliveries;
    city.pulse = pulse;
    frameCity();
    write(seen, pulse);
    tell("is-live", text("live.script.live"));
  } catch (fault) {
    tell("is-lost", fault instanceof TypeError ? text("live.script.lost") : fault.message);
  }
  setTimeout(look, document.hidden ? 5000 : 1000);
}

async function lookAround() {
  try { await readRestaurants(); frameCity(); } catch { /* `look` says what is wrong. */ }
  setTimeout(lookAround, city.restaurants.length ? 60000 : 3000);
}

// Writing

function tell(kind, words) {
  element("state").className = `quiet small ${kind}`;
  if (element("state-text").textContent !== words) element("state-text").textContent = words;
}

function write(seen, pulse) {
  const open = pulse.open.reduce((sum, each) => sum + each.count, 0);
  element("f-served").textContent = number(pulse.servedToday);
  element("f-open").textContent = number(open);
  element("f-couriers").textContent = number(seen.available + seen.offered + seen.busy);
  element("f-door").textContent = pulse.doorMinutes == null ? "–" : number(pulse.doorMinutes, { maximumFractionDigits: pulse.doorMinutes < 10 ? 1 : 0 });
  element("rate").textContent = recentRate(pulse.placedByMinute);
  writeStages(pulse.open);
  writeEvents(pulse.latest, Date.parse(pulse.at));
  drawRates(pulse.placedByMinute);
  map.setAttribute("aria-label", text("live.script.map", {
    restaurants: number(city.restaurants.length), couriers: number(seen.partners.length), deliveries: number(seen.deliveries.length) }));
}

// The current minute is not over: the one before says more.
function recentRate(byMinute) {
  const past = byMinute.slice(-4, -1);
  return number(past.reduce((sum, each) => sum + each, 0) / Math.max(1, past.length), { minimumFractionDigits: 1, maximumFractionDigits: 1 });
}

function make(tag, className, words) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (words !== undefined) made.textContent = words;
  return made;
}

function writeStages(open) {
  const list = element("stages");
  if (!list.children.length) {
    for (const each of open) {
      const row = make("li", each.status), track = make("div", "track");
      track.append(make("i"));
      row.append(make("span", "", text(`live.script.stage.${each.status}`)), track, make("b", "", number(0)));
      list.append(row);
    }
  }
  const most = Math.max(8, ...open.map((each) => each.count));
  open.forEach((each, index) => {
    const row = list.children[index];
    row.querySelector("i").style.width = (100 * each.count) / most + "%";
    row.querySelector("b").textContent = number(each.count);
  });
}

function writeEvents(latest, now) {
  const list = element("events");
  if (!latest.length) return list.replaceChildren(make("li", "none", text("live.script.nothing")));
  list.replaceChildren(...latest.map((each) => {
    const row = make("li", each.status);
    row.append(
      make("i"), make("p", "", text(`live.script.event.${each.status}`, { name: named(each.restaurantName) })),
      make("time", "", ago((now - Date.parse(each.at)) / 1000)));
    return row;
  }));
}

function ago(seconds) {
  if (seconds < 5) return since.format(0, "second");
  return seconds < 90 ? since.format(-Math.round(seconds), "second") : since.format(-Math.round(seconds / 60), "minute");
}

// Drawing

function prepare(canvas) {
  const density = Math.min(2, devicePixelRatio || 1);
  const width = canvas.clientWidth, height = canvas.clientHeight;
  if (canvas.width !== Math.round(width * density) || canvas.height !== Math.round(height * density)) {
    canvas.width = Math.round(width * density);
    canvas.height = Math.round(height * density);
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(density, 0, 0, density, 0, 0);
  pen.clearRect(0, 0, width, height);
  return { pen, width, height };
}

// The box grows with what is in it and never shrinks, so that the map does not jump.
function frameCity() {
  const points = [...city.restaurants, ...city.couriers.map((each) => each.to), ...city.deliveries.map((each) => each.customer)];
  for (const point of points) {
    const box = (city.box ??= { south: point.latitude, north: point.latitude, west: point.longitude, east: point.longitude });
    box.south = Math.min(box.south, point.latitude);
    box.north = Math.max(box.north, point.latitude);
    box.west = Math.min(box.west, point.longitude);
    box.east = Math.max(box.east, point.longitude);
  }
}

function projection(width, height) {
  const box = city.box, margin = 44;
  const middle = (box.south + box.north) / 2, shrink = Math.cos((middle * Math.PI) / 180);
  const wide = Math.max(1e-4, (box.east - box.west) * shrink), high = Math.max(1e-4, box.north - box.south);
  const scale = Math.min((width - 2 * margin) / wide, (height - 2 * margin - 20) / high);
  const x = (point) => width / 2 + (point.longitude - (box.east + box.west) / 2) * shrink * scale;
  const y = (point) => height / 2 - 10 - (point.latitude - middle) * scale;
  return { x, y, metre: scale / 111195 };
}

function draw() {
  requestAnimationFrame(draw);
  if (document.hidden || !city.box) return;
  const now = performance.now();
  if (now - city.at < (calm.matches ? 900 : 33)) return;
  city.at = now;
  const { pen, width, height } = prepare(map);
  const view = projection(width, height);
  drawGrid(pen, view, width, height);
  for (const delivery of city.deliveries) drawDelivery(pen, view, delivery, now);
  for (const each of city.restaurants) drawRestaurant(pen, view, each);
  for (const courier of city.couriers) drawCourier(pen, view, courier, now);
}

function drawGrid(pen, view, width, height) {
  const step = [100, 250, 500, 1000, 2500, 5000, 10000, 25000].find((metres) => metres * view.metre > 70) ?? 50000;
  const gap = step * view.metre;
  pen.strokeStyle = tones.grid;
  pen.lineWidth = 1;
  pen.beginPath();
  for (let x = (width / 2) % gap; x < width; x += gap) { pen.moveTo(x, 0); pen.lineTo(x, height); }
  for (let y = (height / 2) % gap; y < height; y += gap) { pen.moveTo(0, y); pen.lineTo(width, y); }
  pen.stroke();
  pen.fillStyle = tones.soft;
  pen.strokeStyle = tones.soft;
  pen.font = "12px system-ui, sans-serif";
  pen.textAlign = "right";
  pen.fillText(distance(step), width - 16, 22);
  pen.beginPath();
  pen.moveTo(width - 16 - gap, 30); pen.lineTo(width - 16, 30);
  pen.stroke();
}

function drawDelivery(pen, view, delivery, now) {
  const from = delivery.restaurant, to = delivery.customer;
  const isCarried = delivery.status === "picked_up" || delivery.status === "arrived_at_customer";
  pen.strokeStyle = isCarried ? tones.busy : tones.door;
  pen.globalAlpha = isCarried ? 0.55 : 0.25;
  pen.lineWidth = 1.5;
  pen.setLineDash(isCarried ? [6, 5] : [2, 5]);
  pen.lineDashOffset = isCarried && !calm.matches ? -(now / 60) % 11 : 0;
  pen.beginPath();
  pen.moveTo(view.x(from), view.y(from));
  pen.lineTo(view.x(to), view.y(to));
  pen.stroke();
  pen.setLineDash([]);
  pen.globalAlpha = 1;
  pen.strokeStyle = tones.door;
  pen.lineWidth = 2;
  pen.beginPath();
  pen.arc(view.x(to), view.y(to), 4, 0, 2 * Math.PI);
  pen.stroke();
}

function drawRestaurant(pen, view, restaurant) {
  const x = view.x(restaurant), y = view.y(restaurant);
  pen.globalAlpha = restaurant.isOpen === false ? 0.35 : 1;
  pen.fillStyle = tones.kitchen;
  pen.strokeStyle = tones.land;
  pen.lineWidth = 2;
  pen.beginPath();
  pen.roundRect(x - 4.5, y - 4.5, 9, 9, 2);
  pen.stroke();
  pen.fill();
  pen.globalAlpha = 1;
}

function drawCourier(pen, view, courier, now) {
  const point = place(courier, now), x = view.x(point), y = view.y(point);
  pen.fillStyle = courier.isBusy ? tones.busy : tones.free;
  pen.strokeStyle = tones.land;
  pen.lineWidth = 2;
  pen.beginPath();
  if (courier.heading == null) pen.arc(x, y, 5, 0, 2 * Math.PI);
  else {
    // A drop that points where the courier rides.
    const angle = -courier.heading;
    pen.arc(x, y, 5, angle + 0.9, angle - 0.9 + 2 * Math.PI);
    pen.lineTo(x + 10 * Math.cos(angle), y + 10 * Math.sin(angle));
    pen.closePath();
  }
  pen.stroke();
  pen.fill();
}

function drawRates(byMinute) {
  const { pen, width, height } = prepare(rates);
  const most = Math.max(5, ...byMinute), gap = 3, bar = (width - gap * (byMinute.length - 1)) / byMinute.length;
  // Time goes the way that the language is read.
  const left = (index) => (isRightToLeft ? byMinute.length - 1 - index : index) * (bar + gap);
  byMinute.forEach((count, index) => {
    const tall = Math.max(2, (count / most) * (height - 2));
    pen.fillStyle = tones.free;
    pen.globalAlpha = index === byMinute.length - 1 ? 0.45 : count ? 0.9 : 0.2;
    pen.beginPath();
    pen.roundRect(left(index), height - tall, bar, tall, 2);
    pen.fill();
  });
  pen.globalAlpha = 1;
}

map.addEventListener("pointermove", (event) => {
  if (!city.box) return;
  const view = projection(map.clientWidth, map.clientHeight);
  const near = city.restaurants
    .map((each) => ({ each, far: Math.hypot(view.x(each) - event.offsetX, view.y(each) - event.offsetY) }))
    .sort((one, other) => one.far - other.far)[0];
  tip.hidden = !near || near.far > 14;
  if (tip.hidden) return;
  tip.textContent = near.each.isOpen === false ? text("live.script.closed", { name: named(near.each.name) }) : near.each.name;
  tip.style.left = view.x(near.each) + "px";
  tip.style.top = view.y(near.each) + "px";
});
map.addEventListener("pointerleave", () => { tip.hidden = true; });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { readTones(); if (city.pulse) drawRates(city.pulse.placedByMinute); });

readTones();
look();
lookAround();
requestAnimationFrame(draw);
