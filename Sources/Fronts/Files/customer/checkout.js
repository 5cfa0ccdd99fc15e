// The price follows what is chosen; the order is sent once, and nothing typed is lost on the way.
import { swap, send } from "./parts.js";
import { pickers } from "./picker.js";
import { isAsItCame } from "../shared/app.js";
import { toast } from "../shared/toast.js";
import { text } from "../shared/texts.js";

// The back button must not bring back a page that can be paid again.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

let pricing = null;
let timer = 0;
let isAgain = false;

/** Asks for the price of what is chosen now; one question at a time. */
function price(form) {
  if (pricing) { isAgain = true; return pricing; }
  document.getElementById("price").classList.add("waiting");
  pricing = ask(form).finally(() => {
    pricing = null;
    document.getElementById("price")?.classList.remove("waiting");
    if (isAgain) { isAgain = false; price(form); }
  });
  return pricing;
}

async function ask(form) {
  const data = new URLSearchParams(new FormData(form));
  data.set("part", "1");
  try {
    const answer = await fetch("/checkout/price", { method: "POST", body: data });
    if (answer.ok) swap(await answer.text());
    else if (answer.status === 409) location.reload();
  } catch { /* The order itself tells when the line is gone. */ }
}

function start() {
  const form = document.getElementById("checkout");
  const later = () => { clearTimeout(timer); timer = setTimeout(() => { timer = 0; price(form); }, 350); };
  form.addEventListener("change", (event) => {
    if (["saveAddress", "specialInstructions", "payment.cardToken", "payment.method", "deliveryAddress.instructions", "deliveryAddress.text"].includes(event.target.name)) return;
    later();
  });
  form.elements.tipOther?.addEventListener("input", later);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = document.getElementById("pay");
    if (event.submitter !== button) { clearTimeout(timer); price(form); return; }
    if (button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    // What is paid is what was shown last.
    if (timer) { clearTimeout(timer); timer = 0; await price(form); }
    while (pricing) await pricing;
    const answer = await send(form, button);
    if (!answer) { button.removeAttribute("aria-busy"); return; }
    const place = answer.headers.get("location");
    if (place) { forget(); location.replace(place); return; }
    if (answer.redirected) { location.replace(answer.url); return; }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("checkout");
    if (!fresh) { button.removeAttribute("aria-busy"); toast(text("shared.script.failed")); return; }
    form.replaceWith(fresh);
    start();
    const wrong = fresh.querySelector('[role="alert"], [aria-invalid="true"], .error');
    wrong?.scrollIntoView({ block: "center" });
    (wrong?.matches("input, select, textarea, [tabindex]") ? wrong : wrong?.closest("fieldset, .field")?.querySelector("input, select, textarea"))?.focus({ preventScroll: true });
  });
  // What came back after a reload is priced anew.
  if ([...form.elements].some((field) => "value" in field && !["checkbox", "radio", "hidden", "submit"].includes(field.type) && !isAsItCame(field))) later();
  pickers(form);
}

function forget() {
  try { for (const key of Object.keys(sessionStorage)) if (key.startsWith("form:/checkout")) sessionStorage.removeItem(key); } catch { /* nothing was kept */ }
}

start();
