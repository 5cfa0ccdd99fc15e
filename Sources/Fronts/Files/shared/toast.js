// Short words at the foot of the page, read out by screen readers; with a way back where there is one.
import { text } from "./texts.js";

/** Says something for a few seconds. */
export function toast(message, { undo, seconds = 6 } = {}) {
  const place = document.getElementById("toasts");
  const note = Object.assign(document.createElement("p"), { className: "toast" });
  note.append(Object.assign(document.createElement("span"), { textContent: message }));
  const gone = new Promise((resolve) => {
    const timer = setTimeout(() => { note.remove(); resolve(false); }, seconds * 1000);
    if (!undo) return;
    const button = Object.assign(document.createElement("button"), { type: "button", className: "link", textContent: text("shared.script.undo") });
    button.addEventListener("click", () => { clearTimeout(timer); note.remove(); undo(); resolve(true); });
    note.append(button);
  });
  place.append(note);
  return gone;
}

/**
 * Does at once on the page what the server is asked for a few seconds later, so that a wrong tap can be taken back.
 *
 * @param {string} message what is said meanwhile
 * @param {() => void} show changes the page
 * @param {() => void} hide changes it back
 * @param {() => Promise<unknown>} act asks the server; what it throws changes the page back and is told
 */
export async function withUndo(message, show, hide, act, seconds = 5) {
  show();
  let isLeaving = false;
  // Who leaves the page meant it.
  const leave = () => { if (!isLeaving) { isLeaving = true; act().catch(() => {}); } };
  addEventListener("pagehide", leave, { once: true });
  const isUndone = await toast(message, { undo: hide, seconds });
  removeEventListener("pagehide", leave);
  if (isUndone || isLeaving) return;
  try { await act(); } catch (problem) {
    hide();
    toast(problem.message);
  }
}
