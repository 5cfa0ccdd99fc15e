// Days are those of the device: where the server did not know its zone yet, the page is asked for again with it.
import "./aside.js";
import { zone } from "./zone.js";

const shown = document.getElementById("earnings").dataset.zone;
const query = new URLSearchParams(location.search);
if (shown !== zone && !query.has("timeZone")) {
  query.set("timeZone", zone);
  location.replace(`${location.pathname}?${query}`);
}
