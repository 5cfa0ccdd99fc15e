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
self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (url.pathname.startsWith(assets)) {
    event.respondWith(caches.open(shell).then(async (cache) => {
      const kept = await cache.match(request);
      if (kept) return kept;
      const answer = await fetch(request);
      if (answer.ok) cache.put(request, answer.clone());
      return answer;
    }));
  } else if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(async () => (await caches.match("/offline")) ?? Response.error()));
  }
});
