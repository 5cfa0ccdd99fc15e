// Where things are: distances on the page, and the small map with restaurant, customer and courier.
import { distance, text } from "../shared/texts.js";
import { positions } from "./positions.js";

export function point(words) {
  const [latitude, longitude] = (words ?? "").split(",").map(Number);
  return Number.isFinite(latitude) && Number.isFinite(longitude) ? { latitude, longitude } : null;
}

/** Metres along the great circle. */
export function metersBetween(from, to) {
  const radians = Math.PI / 180;
  const a = Math.sin((to.latitude - from.latitude) * radians / 2) ** 2
    + Math.cos(from.latitude * radians) * Math.cos(to.latitude * radians) * Math.sin((to.longitude - from.longitude) * radians / 2) ** 2;
  return 12742000 * Math.asin(Math.sqrt(a));
}

/** Keeps "1.2 km from you" true. */
export function showAway(element, place) {
  if (!element || !place) return;
  const tell = () => {
    if (!element.isConnected) { positions.removeEventListener("moved", tell); return; }
    if (!positions.last) return;
    element.hidden = false;
    element.textContent = text("courier.script.away", { distance: distance(metersBetween(positions.last, place)) });
  };
  positions.addEventListener("moved", tell);
  tell();
}

/** Draws the map of the element's two places; the courier's own point moves on it. A page without the map's script does without. */
export async function showMap(element) {
  if (!element) return;
  const restaurant = point(element.dataset.restaurant), customer = point(element.dataset.customer);
  const places = [restaurant, customer, positions.last].filter(Boolean);
  if (!places.length) return;
  try {
    const { drawMap, pair, pin } = await import("../shared/map.js");
    const { L, map } = await drawMap(element, places, { isFixed: true });
    if (restaurant) pin(L, restaurant, "kitchen", text("courier.script.restaurant")).addTo(map);
    if (customer) pin(L, customer, "home", text("courier.script.customer")).addTo(map);
    let me = null;
    const fit = () => map.fitBounds(L.latLngBounds([...places, ...(positions.last ? [positions.last] : [])].map(pair)).pad(0.25), { maxZoom: 17, animate: false });
    // A map that was hidden, or turned with the phone, has to look again.
    new ResizeObserver(() => { if (element.isConnected && element.clientWidth) { map.invalidateSize(); fit(); } }).observe(element);
    const move = () => {
      if (!element.isConnected) { positions.removeEventListener("moved", move); map.remove(); return; }
      if (!positions.last) return;
      if (me) { me.setLatLng(pair(positions.last)); return; }
      me = pin(L, positions.last, "courier", text("courier.script.me")).addTo(map);
      fit();
    };
    positions.addEventListener("moved", move);
    move();
  } catch { element.hidden = true; }
}
