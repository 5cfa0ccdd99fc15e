// Adds and removes rows of a form without leaving the page: the server makes the rows, as it does without scripts. In forms with
// `data-rows="kept"` rows that were not saved come back after a reload, unless somebody saved something else meanwhile.
const keepName = (form) => `rows:${location.pathname}:${form.id}`;

/** Lets the server make the form anew from what stands in it. */
async function remake(form, fields) {
  const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(fields), credentials: "same-origin", headers: { accept: "text/html" } });
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(form.id);
  if (!fresh) throw new Error("no form came back");
  form.replaceChildren(...fresh.childNodes);
}

function keep(form) {
  if (form.dataset.rows !== "kept") return;
  try { sessionStorage.setItem(keepName(form), new URLSearchParams(new FormData(form))); } catch { /* full */ }
}

/** What stood in the form when its rows were changed; nothing where they are as they were saved. */
function kept(form) {
  try {
    const fields = new URLSearchParams(sessionStorage.getItem(keepName(form)) ?? "");
    return fields.get("version") === form.elements.namedItem("version").value ? fields : null;
  } catch { return null; }
}

function forget(form) {
  try { sessionStorage.removeItem(keepName(form)); } catch { /* nothing kept */ }
}

for (const form of document.querySelectorAll("form[data-rows]")) {
  form.addEventListener("submit", async (event) => {
    const button = event.submitter;
    if (!button || button.dataset.row === undefined) { forget(form); return; }
    event.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = "yes";
    try {
      const before = new Set([...form.elements].map((field) => field.name).filter(Boolean));
      await remake(form, new FormData(form, button));
      // What is new is typed into next; after a removal the eye goes to where the button was.
      const added = [...form.elements].find((field) => field.name && !before.has(field.name) && !["hidden", "submit", "checkbox"].includes(field.type));
      (added ?? [...form.querySelectorAll("[data-row]")].find((other) => other.value === button.value) ?? form.querySelector("[data-row]"))?.focus();
      keep(form);
      form.dispatchEvent(new Event("input"));
    } catch {
      // The plain way, which shows what is the matter.
      button.removeAttribute("data-row");
      delete form.dataset.busy;
      form.requestSubmit(button);
      return;
    }
    delete form.dataset.busy;
  });
  form.addEventListener("input", () => { if (kept(form)) keep(form); });
  const fields = kept(form);
  if (!fields) continue;
  fields.set("do", "show");
  form.inert = true;
  remake(form, fields).catch(() => {}).finally(() => { form.inert = false; });
}
