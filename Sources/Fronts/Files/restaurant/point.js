// Picks the place of a restaurant on a map; the two fields stay the truth.
import { drawMap, pin } from "../shared/map.js";
import { text } from "../shared/texts.js";
import { toast } from "../shared/toast.js";

const box = document.getElementById("point-map");
const fields = { latitude: document.getElementById("f-point-latitude"), longitude: document.getElementById("f-point-longitude") };
const read = () => {
  const point = { latitude: parseFloat(fields.latitude.value.replace(",", ".")), longitude: parseFloat(fields.longitude.value.replace(",", ".")) };
  return Number.isFinite(point.latitude) && Number.isFinite(point.longitude) ? point : null;
};

function write(point) {
  for (const name of ["latitude", "longitude"]) fields[name].value = point[name].toFixed(6);
  fields.latitude.dispatchEvent(new Event("input", { bubbles: true }));
}

async function draw() {
  const known = read();
  const { L, map } = await drawMap(box, [known ?? { latitude: 25, longitude: 10 }], { zoom: known ? 16 : 2 });
  let marker = null;
  const show = (isMoving) => {
    const point = read();
    if (!point) return;
    marker?.remove();
    marker = pin(L, point, "kitchen", "").addTo(map);
    if (isMoving) map.setView([point.latitude, point.longitude], Math.max(16, map.getZoom()));
  };
  map.on("click", (event) => { write({ latitude: event.latlng.lat, longitude: event.latlng.lng }); show(false); });
  for (const field of Object.values(fields)) field.addEventListener("change", () => show(true));
  document.querySelector("[data-locate]").addEventListener("click", () => {
    navigator.geolocation?.getCurrentPosition((found) => { write(found.coords); show(true); }, () => toast(text("restaurant.script.noPlace")));
  });
  show(false);
}

new IntersectionObserver((seen, observer) => {
  if (!seen.some((entry) => entry.isIntersecting)) return;
  observer.disconnect();
  draw().catch(() => box.remove());
}, { rootMargin: "200px" }).observe(box);

const zone = document.querySelector("[data-zone]");
const zoneField = document.getElementById("f-timeZone") ?? zone;
if (zoneField && !zoneField.value) zoneField.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
