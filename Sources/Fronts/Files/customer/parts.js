// Puts parts of pages in place that the server made anew, and lists that go on.
import { toast } from "../shared/toast.js";
import { text } from "../shared/texts.js";

/** What the server said of each part last: a part that did not change is left alone, with what was typed into it. */
const sources = new Map();
for (const part of document.querySelectorAll("[data-part]")) sources.set(part.id, part.outerHTML);

/** Replaces the parts of this page that differ from those of an answer, or all when forced; answers the ones that were replaced. */
export function swap(html, { isForced = false } = {}) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  const changed = [];
  for (const part of fresh.querySelectorAll("[data-part]")) {
    const old = document.getElementById(part.id);
    if (!old || (!isForced && sources.get(part.id) === part.outerHTML)) continue;
    sources.set(part.id, part.outerHTML);
    // Whoever stands on something keeps standing on it.
    const focused = old.contains(document.activeElement) ? document.activeElement.closest("[id]")?.id : undefined;
    const opened = [...old.querySelectorAll("details[open][id]")].map((details) => details.id);
    old.replaceWith(part);
    for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
    if (focused) document.getElementById(focused)?.focus();
    changed.push(part);
  }
  return changed;
}

/** Sends a form as its own page would, for a part in answer; `null` while there is no line, which is told. */
export async function send(form, submitter, options = {}) {
  const data = new URLSearchParams(new FormData(form, submitter));
  data.set("part", "1");
  try {
    return await fetch(form.getAttribute("action"), { method: "POST", body: data, headers: { accept: "text/html" }, ...options });
  } catch {
    toast(text("shared.script.offline"));
    return null;
  }
}

/** Links that bring more of a list put it beneath what is there. */
export function growing(root = document) {
  for (const link of root.querySelectorAll("a[data-more]")) {
    link.addEventListener("click", async (event) => {
      event.preventDefault();
      if (link.getAttribute("aria-busy") === "true") return;
      link.setAttribute("aria-busy", "true");
      try {
        const answer = await fetch(link.href);
        if (!answer.ok) throw new Error(answer.status);
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const items = [...(page.getElementById(link.dataset.more)?.children ?? [])];
        document.getElementById(link.dataset.more).append(...items);
        items[0]?.querySelector("a")?.focus({ preventScroll: true });
        const next = page.querySelector(`a[data-more="${link.dataset.more}"]`);
        if (next) { link.href = next.getAttribute("href"); link.removeAttribute("aria-busy"); } else link.parentElement.remove();
      } catch {
        link.removeAttribute("aria-busy");
        toast(text("shared.script.offline"));
      }
    });
  }
}
