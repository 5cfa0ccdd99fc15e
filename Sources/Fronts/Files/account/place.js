// The map on which the place of an address is picked: its middle is the place, so that it works by dragging, by keys and by touch alike.
import { drawMap, pin } from "../shared/map.js";
import { ask } from "../shared/api.js";
import { text } from "../shared/texts.js";

const read = (field) => { const value = Number(field.value.replace(",", ".")); return field.value.trim() && Number.isFinite(value) ? value : undefined; };

async function begin() {
  const place = document.getElementById("place");
  const form = place?.closest("form");
  if (!form) return;
  const fields = { latitude: form.elements.namedItem("point.latitude"), longitude: form.elements.namedItem("point.longitude") };
  const typed = () => {
    const point = { latitude: read(fields.latitude), longitude: read(fields.longitude) };
    return Math.abs(point.latitude) <= 85 && Math.abs(point.longitude) <= 180 ? point : undefined;
  };
  const start = typed() ?? await neighbourhood();
  place.hidden = false;
  let drawn;
  try { drawn = await drawMap(place.querySelector(".map"), [start], { zoom: typed() ? 16 : 13 }); } catch { place.hidden = true; return; }
  const { L, map } = drawn;
  const marker = pin(L, start, "home", text("account.script.place")).addTo(map);
  const said = place.querySelector("[data-said]");
  const move = (point, tells) => {
    marker.setLatLng([point.latitude, point.longitude]);
    fields.latitude.value = point.latitude.toFixed(6);
    fields.longitude.value = point.longitude.toFixed(6);
    fields.latitude.dispatchEvent(new Event("input", { bubbles: true }));
    if (tells) said.textContent = text("account.script.placed");
  };
  const settle = () => { const { lat, lng } = map.getCenter().wrap(); move({ latitude: lat, longitude: lng }, false); };
  // The pin keeps to the middle while the map moves below it.
  map.on("move", () => marker.setLatLng(map.getCenter()));
  map.on("dragend", settle);
  map.on("click", (event) => { map.panTo(event.latlng, { animate: false }); settle(); said.textContent = text("account.script.placed"); });
  map.getContainer().addEventListener("keyup", (event) => { if (event.key.startsWith("Arrow")) settle(); });
  for (const field of Object.values(fields)) {
    field.addEventListener("change", () => {
      const point = typed();
      if (point) map.setView([point.latitude, point.longitude], Math.max(map.getZoom(), 15), { animate: false });
    });
  }
  const here = place.querySelector("[data-here]");
  here.hidden = !navigator.geolocation;
  here.addEventListener("click", () => {
    here.setAttribute("aria-busy", "true");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => { here.removeAttribute("aria-busy"); map.setView([coords.latitude, coords.longitude], 17, { animate: false }); move(coords, true); },
      () => { here.removeAttribute("aria-busy"); said.textContent = text("account.script.noPlace"); }, { enableHighAccuracy: true, timeout: 10000 });
  });
}

// Where people order here: near any restaurant there is.
async function neighbourhood() {
  try { return (await ask("GET", "/api/restaurants?limit=1")).items[0].point; } catch { return { latitude: 20, longitude: 0 }; }
}

begin();
addEventListener("swapped", begin);
