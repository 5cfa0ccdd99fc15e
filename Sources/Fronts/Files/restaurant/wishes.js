// What somebody tapped and the server has not taken yet. It outlives a reload and a lost line, and is sent once: with the version that was seen.
import { ask } from "../shared/api.js";

const name = `restaurant:wishes:${location.pathname}`;
let wishes = [];
try { wishes = JSON.parse(sessionStorage.getItem(name) ?? "[]"); } catch { /* nothing is kept here */ }
const keep = () => { try { sessionStorage.setItem(name, JSON.stringify(wishes)); } catch { /* lives as long as the page */ } };

/** What is left from before the page was loaded anew. */
export const leftOver = () => [...wishes];

const drop = (wish) => { wishes = wishes.filter((other) => other !== wish); keep(); };

function pause(milliseconds) {
  return new Promise((resolve) => {
    const done = () => { clearTimeout(timer); removeEventListener("online", done); resolve(); };
    const timer = setTimeout(done, milliseconds);
    addEventListener("online", done);
  });
}

/**
 * Asks until the server answers.
 *
 * @param {{order: string, status: string, version: number, reason?: string, readyInMinutes?: number, attempts?: number}} wish
 * @param {(isWaiting: boolean) => void} tell told when there is no line
 * @returns {Promise<"done"|"late">} late: somebody moved the order first, and nothing was done
 */
export async function send(wish, tell = () => {}) {
  if (!wishes.includes(wish)) wishes.push(wish);
  for (let wait = 1000; ; wait = Math.min(15000, wait * 2)) {
    wish.attempts = (wish.attempts ?? 0) + 1;
    keep();
    try {
      const body = { status: wish.status, reason: wish.reason, readyInMinutes: wish.readyInMinutes };
      await ask("PATCH", `/api/orders/${wish.order}/status`, body, { version: wish.version, keepalive: true });
      drop(wish);
      return "done";
    } catch (problem) {
      if (problem.isPassing) { tell(true); await pause(wait); tell(false); continue; }
      drop(wish);
      if (problem.status === 409 || problem.status === 412) return "late";
      throw problem;
    }
  }
}
