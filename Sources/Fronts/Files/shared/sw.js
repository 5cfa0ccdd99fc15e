// Keeps the shell of the apps, and shows a plain page while there is no line. `stamp` names the edition and is set by the server.
const shell = `shell-${stamp}`;
const assets = `/assets/${stamp}`;
const files = [`${assets}/shared/app.css`, `${assets}/shared/app.js`, `${assets}/shared/texts.js`, `${assets}/shared/icon.svg`, "/offline"];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(shell).then((cache) => cache.addAll(files)).then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => {
  event.waitUntil(caches.keys().then((names) => Promise.all(names.filter((name) => name !== shell).map((name) => caches.delete(name)))).then(() => self.clients.claim()));
});

// A courier's page is kept for a reload in a dead zone, with all that it loads, until somebody signs in or out.
const work = "/courier";
const signings = ["/sign-in", "/sign-out", "/register", "/api/auth/logout"];
async function keepWork(answer) {
  const cache = await caches.open(shell);
  if (!answer.ok || answer.redirected) { await cache.delete(work); return; }
  const loaded = new Set([...(await answer.clone().text()).matchAll(/="(\/assets\/\w+\/[^"#]+)[#"]/g)].map((found) => found[1]));
  await Promise.all([...loaded].map(async (file) => (await cache.match(file)) ?? cache.add(file).catch(() => {})));
  await cache.put(work, answer);
}
async function keptWork() {
  const kept = await caches.match(work);
  return kept && new Response((await kept.text()).replace("<html", "<html data-kept"), { headers: kept.headers });
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.method === "POST" && signings.includes(url.pathname)) event.waitUntil(caches.open(shell).then((cache) => cache.delete(work)));
  if (request.method !== "GET") return;
  // Names of assets change with what is in them: one that is kept is good, whatever edition the page is of.
  if (url.pathname.startsWith("/assets/")) {
    event.respondWith(caches.open(shell).then(async (cache) => {
      const kept = await cache.match(request);
      if (kept) return kept;
      const answer = await fetch(request);
      if (answer.ok) cache.put(request, answer.clone());
      return answer;
    }));
  } else if (url.pathname === work) {
    event.respondWith(fetch(request).then((answer) => {
      // A busy server is no reason to forget.
      if (answer.status < 500) event.waitUntil(keepWork(answer.clone()));
      return answer;
    }, async (problem) => (request.mode === "navigate" ? (await keptWork()) ?? (await caches.match("/offline")) : null) ?? Promise.reject(problem)));
  } else if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(async () => (await caches.match("/offline")) ?? Response.error()));
  }
});
