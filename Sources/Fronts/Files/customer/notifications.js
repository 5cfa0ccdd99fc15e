// Times on the reader's own clocks, and lists that go on.
import { growing } from "./parts.js";
import { dayAndTime } from "../shared/texts.js";

growing();
const tell = () => { for (const note of document.querySelectorAll("#notifications time:not([data-own])")) { note.dataset.own = ""; note.textContent = dayAndTime(note.dateTime); } };
tell();
new MutationObserver(tell).observe(document.getElementById("notifications"), { childList: true });
