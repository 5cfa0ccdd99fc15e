// What every page does once scripts run: forms that are sent once and lose nothing, choices that submit themselves, the word that the line is gone.
import { text } from "./texts.js";

document.documentElement.classList.add("js");

for (const select of document.querySelectorAll("select[data-submits]")) select.addEventListener("change", () => select.form.requestSubmit());

/** Whether nobody changed a field since the server made it. */
export const isAsItCame = (field) =>
  field.options ? field.value === (field.querySelector("option[selected]") ?? field.options[0])?.value : field.value === field.defaultValue;

/** Puts a value back; a choice that is not offered any more is not made. */
function put(field, value) {
  if (!field.options || [...field.options].some((option) => option.value === value)) field.value = value;
}

// What was typed comes back after a reload or a lost connection; what was sent and taken does not.
const keepName = (form) => `form:${location.pathname}:${form.getAttribute("action") ?? ""}:${form.id}`;
for (const form of document.querySelectorAll("form[data-keeps]")) {
  try {
    const kept = JSON.parse(sessionStorage.getItem(keepName(form)) ?? "{}");
    for (const [name, value] of Object.entries(kept)) {
      const field = form.elements.namedItem(name);
      if (field instanceof Element && "value" in field && isAsItCame(field) && field.type !== "password") put(field, value);
    }
  } catch { /* A browser that keeps nothing loses nothing but comfort. */ }
}
// Forms that a script put in place later keep theirs too.
document.addEventListener("input", ({ target: { form } }) => {
  if (form?.dataset.keeps === undefined) return;
  const values = {};
  for (const field of form.elements) {
    if (field.name && !["password", "hidden", "checkbox", "radio", "submit", "button"].includes(field.type)) values[field.name] = field.value;
  }
  try { sessionStorage.setItem(keepName(form), JSON.stringify(values)); } catch { /* full */ }
});

// A second tap on a button that is being answered does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.dataset.repeats !== undefined) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  for (const button of form.querySelectorAll("button:not([type=button])")) button.setAttribute("aria-busy", "true");
  try { if (form.dataset.keeps !== undefined) sessionStorage.removeItem(keepName(form)); } catch { /* nothing kept */ }
});
// The back button shows the page as it was: its forms may be sent again.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.forms) delete form.dataset.sent;
  for (const button of document.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
});

function tellLine() {
  let note = document.getElementById("offline-note");
  if (navigator.onLine) { note?.remove(); return; }
  if (note) return;
  note = Object.assign(document.createElement("p"), { id: "offline-note", className: "offline-note", textContent: text("shared.script.offline") });
  note.setAttribute("role", "status");
  document.body.prepend(note);
}
addEventListener("online", tellLine);
addEventListener("offline", tellLine);
tellLine();

// What is wrong is looked at first.
document.querySelector('[aria-invalid="true"], .message.bad[tabindex]')?.focus();

if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js").catch(() => {});
