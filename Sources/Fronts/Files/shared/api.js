// Asks the server's operations with the session's cookie; a refusal is thrown as a Problem with its fields.
import { text } from "./texts.js";

export class Problem extends Error {
  constructor(status, body) {
    super(body.detail ?? text("shared.script.failed"));
    this.status = status;
    this.code = body.code ?? "unknown";
    /** What is wrong with which field: [{ field, message }]. */
    this.errors = body.errors ?? [];
    this.retryAfter = body.retryAfter;
  }
  /** Whether the same request may be sent again later: the line is gone, or the server is busy. */
  get isPassing() { return this.status === 0 || this.status === 503 || this.status === 429; }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {object} [body] sent as JSON
 * @param {{version?: number|string, key?: string, signal?: AbortSignal, keepalive?: boolean}} [options] `version` goes as If-Match, `key` as Idempotency-Key
 */
export async function ask(method, path, body, options = {}) {
  const headers = { accept: "application/json" };
  if (body !== undefined) headers["content-type"] = "application/json";
  if (options.version !== undefined) headers["if-match"] = `"${options.version}"`;
  if (options.key) headers["idempotency-key"] = options.key;
  let answer;
  try {
    answer = await fetch(path, {
      method, headers, body: body === undefined ? undefined : JSON.stringify(body), credentials: "same-origin", signal: options.signal,
      keepalive: options.keepalive ?? false,
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, { code: "offline", detail: text("shared.script.offline") });
  }
  const type = answer.headers.get("content-type") ?? "";
  const content = type.includes("json") ? await answer.json().catch(() => ({})) : await answer.text();
  if (answer.ok) return content;
  if (answer.status === 401) location.assign(`/sign-in?for=${document.documentElement.dataset.front}&then=${encodeURIComponent(location.pathname + location.search)}`);
  throw new Problem(answer.status, { ...(typeof content === "object" ? content : {}), retryAfter: Number(answer.headers.get("retry-after")) || undefined });
}
