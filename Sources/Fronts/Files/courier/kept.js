// What the device remembers for the courier who is signed in: nobody else on this device reads or sends it.
const owner = document.body.dataset.user || "nobody";
const name = (key) => `courier:${owner}:${key}`;
// A browser that keeps nothing still works until it is closed.
const memory = new Map();

export function recall(key, otherwise) {
  try { return JSON.parse(localStorage.getItem(name(key)) ?? "null") ?? memory.get(key) ?? otherwise; } catch { return memory.get(key) ?? otherwise; }
}

export function remember(key, value) {
  try {
    if (value === undefined) localStorage.removeItem(name(key)); else localStorage.setItem(name(key), JSON.stringify(value));
    memory.delete(key);
  } catch { memory.set(key, value); }
}

/** Calls back when another tab of the same courier remembers something else. */
export function whenChanged(key, act) { addEventListener("storage", (event) => { if (event.key === name(key)) act(); }); }

/** Runs one at a time over all tabs, where the browser can tell tabs from each other. */
export function alone(task, act) { return navigator.locks ? navigator.locks.request(name(task), act) : act(); }
