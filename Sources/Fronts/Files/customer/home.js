// The place by the device itself or by a map, and lists that go on.
import { growing } from "./parts.js";
import { pickers } from "./picker.js";
import { toast } from "../shared/toast.js";
import { text } from "../shared/texts.js";

growing();
pickers();

const locate = document.getElementById("locate");
const form = document.getElementById("place-form");
if (locate && form && "geolocation" in navigator) {
  locate.addEventListener("click", () => {
    locate.setAttribute("aria-busy", "true");
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      form.elements.latitude.value = coords.latitude.toFixed(6);
      form.elements.longitude.value = coords.longitude.toFixed(6);
      if (!form.elements.text.value) form.elements.text.value = text("customer.script.here");
      form.requestSubmit();
    }, () => {
      locate.removeAttribute("aria-busy");
      toast(text("customer.script.notLocated"));
    }, { enableHighAccuracy: true, timeout: 10000, maximumAge: 60000 });
  });
} else locate?.remove();
