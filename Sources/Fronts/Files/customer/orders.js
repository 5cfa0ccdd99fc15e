// The list of orders: running ones move by themselves, older ones come on demand.
import { Live } from "../shared/live.js";
import { growing, swap } from "./parts.js";

growing();
const user = document.body.dataset.user;
let timer = 0;

async function refresh() {
  try {
    const answer = await fetch("/orders");
    if (answer.ok) swap(await answer.text());
  } catch { /* The next word of the socket tries again. */ }
}

if (user) {
  const later = () => { clearTimeout(timer); timer = setTimeout(refresh, 200); };
  let poll = 0;
  new Live([`user:${user}`], {
    order_update: later,
    refetch: later,
    state(isConnected) { clearInterval(poll); poll = isConnected ? 0 : setInterval(refresh, 20000); },
  });
}
