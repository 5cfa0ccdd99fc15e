// The form of one dish: the sum as it is put together, and no more choices than there may be.
import { money } from "../shared/texts.js";

/** Makes the form live; `form` holds fieldsets with `data-least` and `data-most`. */
export function dish(form) {
  if (form.dataset.price === undefined) return;
  const quantity = form.elements.quantity;
  const sum = form.querySelector("[data-sum]");
  const tell = () => {
    let each = Number(form.dataset.price);
    for (const group of form.querySelectorAll("fieldset[data-most]")) {
      const boxes = [...group.querySelectorAll("input[type=checkbox]")];
      const chosen = group.querySelectorAll("input:checked");
      for (const input of chosen) each += Number(input.dataset.price ?? 0);
      const isFull = boxes.length > 0 && chosen.length >= Number(group.dataset.most);
      for (const box of boxes) if (!box.defaultDisabled) box.disabled = isFull && !box.checked;
    }
    const count = Math.min(99, Math.max(1, Math.trunc(Number(quantity.value)) || 1));
    sum.textContent = money(each * count, form.dataset.currency);
  };
  for (const box of form.querySelectorAll("input[type=checkbox]")) box.defaultDisabled = box.disabled;
  for (const step of form.querySelectorAll("[data-step]")) {
    step.addEventListener("click", () => {
      quantity.value = Math.min(99, Math.max(1, (Number(quantity.value) || 1) + Number(step.dataset.step)));
      tell();
    });
  }
  form.addEventListener("input", tell);
  tell();
}

for (const form of document.querySelectorAll("main form[data-dish-form]")) dish(form);
