// The list of settings shrinks while somebody types.
import "./admin.js";
import { counting } from "../shared/texts.js";

const form = document.getElementById("filter-form");
const rows = [...document.querySelectorAll("[data-setting]")];
const words = rows.map((row) => row.textContent.toLowerCase());

function filter() {
  const wanted = form.elements.namedItem("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  rows.forEach((row, index) => {
    row.hidden = !wanted.every((word) => words[index].includes(word));
    if (!row.hidden) count += 1;
  });
  document.getElementById("settings-count").textContent = counting("admin.script.settings", count);
}

form.addEventListener("input", filter);
