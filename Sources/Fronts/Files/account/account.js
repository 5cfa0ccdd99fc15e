// Forms of accounts: sent without leaving the page, so that a lost connection loses nothing and a password is typed once, whatever else is asked for.
import { text, dayAndTime } from "../shared/texts.js";
import { toast, withUndo } from "../shared/toast.js";
import { ask } from "../shared/api.js";
import { dressCopies } from "../shared/copies.js";

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-swaps]")) { event.preventDefault(); send(form, event.submitter); }
  if (form.matches("[data-removes]")) { event.preventDefault(); remove(form); }
}, true);

async function send(form, button) {
  if (form.getAttribute("aria-busy") === "true") return;
  form.setAttribute("aria-busy", "true");
  button?.setAttribute("aria-busy", "true");
  try {
    // Where signing in ends is known; what else answers with a redirect is followed.
    const answer = await fetch(form.action, {
      method: "POST", body: new URLSearchParams(new FormData(form, button)), headers: { accept: "text/html" },
      redirect: form.dataset.done ? "manual" : "follow",
    });
    if (answer.type === "opaqueredirect" || answer.redirected) {
      forget(form);
      // The way back leads past signing in.
      if (answer.redirected) location.assign(answer.url); else location.replace(form.dataset.done);
      return;
    }
    show(new DOMParser().parseFromString(await answer.text(), "text/html"), form);
  } catch {
    toast(text("shared.script.offline"));
  }
  form.removeAttribute("aria-busy");
  button?.removeAttribute("aria-busy");
}

// The page that came back takes the place of this one; one that is of no account, such as that of too many requests, is only told.
function show(page, form) {
  const main = page.getElementById("main");
  if (!main || page.documentElement.dataset.front !== "account") {
    toast(main?.querySelector("h1 + p")?.textContent ?? text("shared.script.failed"));
    return;
  }
  const words = [...form.querySelectorAll("input[type=password]")].filter((field) => field.value);
  document.getElementById("main").replaceWith(document.adoptNode(main));
  document.title = page.title;
  // What was typed stays in the browser; the server never sends it back.
  for (const word of words) {
    const field = main.querySelector(`form[data-done] input[type=password][name="${word.name}"]`);
    if (field && !field.hasAttribute("aria-invalid")) field.value = word.value;
  }
  dress(main);
  const wanted = ['[aria-invalid="true"]', ".message.bad[tabindex]", "[data-first]", ".message[tabindex]"];
  (wanted.map((each) => main.querySelector(each)).find(Boolean) ?? main).focus();
  dispatchEvent(new CustomEvent("swapped"));
}

// What app.js keeps of a form goes once the form was taken.
function forget(form) {
  try { sessionStorage.removeItem(`form:${location.pathname}:${form.getAttribute("action") ?? ""}:${form.id}`); } catch { /* nothing kept */ }
}

function remove(form) {
  const place = form.closest("[data-address]");
  withUndo(
    text("account.script.removed", { label: form.dataset.label }), () => { place.hidden = true; }, () => { place.hidden = false; },
    async () => {
      await ask("DELETE", `/api/users/addresses/${place.dataset.address}`, undefined, { keepalive: true });
      // Another one may be the default now.
      if (document.visibilityState === "visible" && place.querySelector(".tag")) location.reload();
    });
  document.querySelector("#addresses a, h1 + a")?.focus();
}

function dress(place) {
  for (const time of place.querySelectorAll("time[data-local]")) time.textContent = dayAndTime(time.dateTime);
  dressCopies(place);
}
dress(document);
document.querySelector(".message.good[tabindex]")?.focus();
