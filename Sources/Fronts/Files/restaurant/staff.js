// The link by which staff sign in: whole, and ready to be copied.
import { dressCopies } from "../shared/copies.js";

const link = document.querySelector("#way-in a");
link.textContent = link.href;
dressCopies(document);
