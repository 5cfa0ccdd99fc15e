// Adds and removes rows of a form without leaving the page: the server makes the rows, as it does without scripts.
for (const form of document.querySelectorAll("form[data-rows]")) {
  form.addEventListener("submit", async (event) => {
    const button = event.submitter;
    if (!button || button.dataset.row === undefined) return;
    event.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = "yes";
    try {
      const answer = await fetch(form.action, {
        method: "POST", body: new URLSearchParams(new FormData(form, button)), credentials: "same-origin", headers: { accept: "text/html" },
      });
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(form.id);
      if (!fresh) throw new Error("no form came back");
      const before = new Set([...form.elements].map((field) => field.name).filter(Boolean));
      form.replaceChildren(...fresh.childNodes);
      // What is new is typed into next; after a removal the eye goes to where the button was.
      const added = [...form.elements].find((field) => field.name && !before.has(field.name) && !["hidden", "submit", "checkbox"].includes(field.type));
      (added ?? [...form.querySelectorAll("[data-row]")].find((other) => other.value === button.value) ?? form.querySelector("[data-row]"))?.focus();
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
}
