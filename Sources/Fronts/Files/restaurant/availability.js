// Finds a dish while its name is typed, and switches it off and on at once, with a way back.
import { ask } from "../shared/api.js";
import { text, time } from "../shared/texts.js";
import { withUndo } from "../shared/toast.js";

const zone = document.getElementById("availability").dataset.zone;
const search = document.getElementById("q");
const lines = [...document.querySelectorAll("[data-item]")];
const plain = (words) => words.normalize("NFD").replace(/\p{Diacritic}/gu, "").toLowerCase();

search.addEventListener("input", () => {
  const wish = plain(search.value).split(/\s+/).filter(Boolean);
  for (const line of lines) line.hidden = !wish.every((word) => plain(line.dataset.words).includes(word));
  document.getElementById("none-found").hidden = lines.some((line) => !line.hidden);
});
document.getElementById("find").addEventListener("submit", (event) => event.preventDefault());

function show(line, isOn, state) {
  line.dataset.available = String(isOn);
  line.classList.toggle("off", !isOn);
  line.querySelector(".when-on").hidden = !isOn;
  line.querySelector(".when-off").hidden = isOn;
  const tag = line.querySelector("[data-state]");
  tag.textContent = state;
  tag.classList.toggle("good", isOn);
  tag.classList.toggle("bad", !isOn);
}

for (const line of lines) {
  line.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    if (line.dataset.busy || !event.submitter) return;
    line.dataset.busy = "yes";
    const form = event.target;
    const { name, value } = event.submitter;
    const before = [line.dataset.available === "true", line.querySelector("[data-state]").textContent];
    const until = name === "unavailableUntil" ? (value === "hour" ? new Date(Date.now() + 3600e3).toISOString() : form.elements.morning.value) : null;
    const isOn = name === "isAvailable" && value === "true";
    const state = isOn ? text("restaurant.script.item.on") : until ? text("restaurant.script.item.offUntil", { time: time(until, zone) }) : text("restaurant.script.item.off");
    const dish = line.querySelector(".strong").textContent;
    const body = until ? { unavailableUntil: until } : { isAvailable: isOn };
    withUndo(
      text(isOn ? "restaurant.script.item.didOn" : "restaurant.script.item.didOff", { name: dish }),
      () => { show(line, isOn, state); line.querySelector(isOn ? ".when-on button" : ".when-off button").focus(); },
      () => show(line, ...before),
      () => ask("PUT", `/api/menus/items/${line.dataset.item}/availability`, body, { keepalive: true }),
    ).finally(() => { delete line.dataset.busy; });
  });
}
