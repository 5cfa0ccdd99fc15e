// Buttons that copy what stands on the page, where the browser lets them.
import { text } from "./texts.js";
import { toast } from "./toast.js";

/** A button with `data-copies="id"` copies the codes in that element, and its links with their whole addresses. */
export function dressCopies(place) {
  if (!navigator.clipboard) return;
  for (const button of place.querySelectorAll("[data-copies]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const lines = [...document.querySelectorAll(`#${button.dataset.copies} :is(code, a)`)].map((line) => line.href ?? line.textContent);
      await navigator.clipboard.writeText(lines.join("\n")).then(() => toast(text("shared.script.copied")), () => {});
    });
  }
}
