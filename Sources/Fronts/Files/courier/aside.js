// The pages beside the work: positions go on, steps are sent, and an offer leads back to where it is answered.
import { dayAndTime, time } from "../shared/texts.js";
import { tellZone } from "./zone.js";
import { line } from "./line.js";
import { beSeen, shift } from "./shift.js";
import { steps } from "./steps.js";
import { watchUnsent } from "./unsent.js";

for (const moment of document.querySelectorAll("time[data-clock]")) moment.textContent = time(moment.dateTime);
for (const moment of document.querySelectorAll("time[data-moment]")) moment.textContent = dayAndTime(moment.dateTime);

const state = document.getElementById("shift-tag")?.dataset.shift;
tellZone();
watchUnsent();
if (state) {
  line.open(document.body.dataset.user);
  line.addEventListener("offer", () => location.assign("/courier"));
  beSeen(shift.wish ? shift.wish === "available" : state !== "offline");
  steps.send();
  shift.tell();
}
