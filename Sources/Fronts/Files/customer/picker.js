// A point on a map: what lies under the cross in its middle. The fields for degrees stay for those without one.
import { drawMap } from "../shared/map.js";

const degrees = (text) => (text.trim() === "" ? NaN : Number(text.trim().replace(",", ".")));

/** Draws the maps for choosing a point that can be seen, and those that will be once they are. */
export function pickers(root = document) {
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      seen.unobserve(entry.target);
      start(entry.target).catch(() => entry.target.closest("form").classList.add("mapless"));
    }
  });
  for (const box of root.querySelectorAll("[data-picker]")) seen.observe(box);
}

async function start(box) {
  const [latitude, longitude] = box.dataset.picker.split(" ").map((id) => document.getElementById(id));
  const around = (box.dataset.around || "0,0").split(",").map(Number);
  const known = [degrees(latitude.value), degrees(longitude.value)];
  const isKnown = known.every(Number.isFinite);
  const [lat, lon] = isKnown ? known : around;
  const { map } = await drawMap(box, [{ latitude: lat, longitude: lon }], { zoom: isKnown ? 16 : box.dataset.around ? 13 : 2 });
  const cross = document.createElement("div");
  cross.className = "cross";
  box.append(cross);
  let isOurs = false;
  map.on("moveend", () => {
    if (isOurs) { isOurs = false; return; }
    const center = map.getCenter().wrap();
    latitude.value = center.lat.toFixed(6);
    longitude.value = center.lng.toFixed(6);
    longitude.dispatchEvent(new Event("change", { bubbles: true }));
  });
  for (const field of [latitude, longitude]) {
    field.addEventListener("input", () => {
      const point = [degrees(latitude.value), degrees(longitude.value)];
      if (!point.every(Number.isFinite) || Math.abs(point[0]) > 90 || Math.abs(point[1]) > 180) return;
      isOurs = true;
      map.setView(point, Math.max(map.getZoom(), 15), { animate: false });
    });
  }
  box.moveTo = (point) => map.setView(point, 16);
}
