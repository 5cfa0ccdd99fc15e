// Maps with Leaflet, loaded only where one is shown. Without a tile address a clean grid is drawn here, and no other host is asked.
const assets = document.body.dataset.assets;
let loading;

/** Leaflet, with its style. */
export function leaflet() {
  loading ??= new Promise((resolve, reject) => {
    const style = Object.assign(document.createElement("link"), { rel: "stylesheet", href: `${assets}/libraries/leaflet.css` });
    const script = Object.assign(document.createElement("script"), { src: `${assets}/libraries/leaflet.js` });
    script.onload = () => resolve(window.L);
    script.onerror = () => reject(new Error("the map cannot be loaded"));
    document.head.append(style, script);
  });
  return loading;
}

/** A map in the element, at a point or around several; `options` are Leaflet's. */
export async function drawMap(element, points, { zoom = 15, isFixed = false, options = {} } = {}) {
  const L = await leaflet();
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(element, {
    zoomAnimation: !calm, fadeAnimation: false, markerZoomAnimation: !calm, attributionControl: Boolean(document.body.dataset.tiles),
    dragging: !isFixed, scrollWheelZoom: false, keyboard: !isFixed, ...options,
  });
  if (points.length > 1) map.fitBounds(L.latLngBounds(points.map(pair)).pad(0.25), { maxZoom: 17 }); else map.setView(pair(points[0]), zoom);
  const tiles = document.body.dataset.tiles;
  (tiles ? L.tileLayer(tiles, { maxZoom: 19 }) : grid(L)).addTo(map);
  return { L, map };
}

export const pair = (point) => [point.latitude, point.longitude];

/** A marker of our own: kind is "kitchen", "home", "courier" or "idle". */
export function pin(L, point, kind, label) {
  const icon = L.divIcon({ className: "", html: `<div class="pin ${kind}"></div>`, iconSize: [28, 28], iconAnchor: kind === "courier" || kind === "idle" ? [14, 14] : [14, 28] });
  return L.marker(pair(point), { icon, title: label, alt: label, keyboard: false });
}

function grid(L) {
  const Grid = L.GridLayer.extend({
    createTile(coords) {
      const tile = document.createElement("canvas");
      const size = this.getTileSize();
      tile.width = size.x; tile.height = size.y;
      const style = getComputedStyle(document.documentElement);
      const pen = tile.getContext("2d");
      pen.fillStyle = style.getPropertyValue("--sunk");
      pen.fillRect(0, 0, size.x, size.y);
      pen.strokeStyle = style.getPropertyValue("--line");
      for (let step = 0; step <= 4; step++) {
        pen.lineWidth = (coords.x * 4 + step) % 4 === 0 ? 2 : 1;
        pen.beginPath(); pen.moveTo(step * 64, 0); pen.lineTo(step * 64, size.y); pen.stroke();
        pen.beginPath(); pen.moveTo(0, step * 64); pen.lineTo(size.x, step * 64); pen.stroke();
      }
      return tile;
    },
  });
  return new Grid({ maxZoom: 19 });
}
