// Readable offline: what the app looks like, and the last copy of Today, plan, calendar and after-care. Photos are never kept.
// Python puts VERSION, FILES and OFFLINE before this.
const LOOKS = `looks-${VERSION}`;
const PAGES = `pages-${VERSION}`;
const UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const KEPT = [/^\/$/, /^\/plan\/$/, /^\/calendar\/(\d+\/\d+\/)?$/, new RegExp(`^/sessions/${UUID}/$`)];
const DOORS = [/^\/sign-out\/$/, /^\/sign-in\/$/, /^\/enter\//, /^\/yours\/(leave|backups)\/$/];

// whoever comes or goes leaves nothing behind for the next person at this browser
async function forget(names = (name) => name.startsWith("pages-")) {
  for (const name of await caches.keys()) if (names(name)) await caches.delete(name);
}

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(LOOKS).then((cache) => cache.addAll([OFFLINE, ...FILES])).then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(forget((name) => name !== LOOKS && name !== PAGES).then(() => self.clients.claim()));
});

async function look(request) {
  const kept = await caches.match(request, { cacheName: LOOKS });
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await (await caches.open(LOOKS)).put(request, answer.clone());
  return answer;
}

// the network first; without it the last copy, which says of itself how old it is
async function page(request, path) {
  const lasting = KEPT.some((one) => one.test(path));
  try {
    const answer = await fetch(request);
    if (path.startsWith("/sign-in/")) await forget(); // whoever was here is not any more
    if (lasting && answer.ok) await (await caches.open(PAGES)).put(path, answer.clone());
    return answer;
  } catch (error) {
    const kept = lasting && (await caches.match(path, { cacheName: PAGES }));
    if (!kept) return (await caches.match(OFFLINE, { cacheName: LOOKS })) || Response.error();
    const text = (await kept.text()).replace("<body", `<body data-copied="${kept.headers.get("Date") || ""}"`);
    const headers = { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": kept.headers.get("Content-Security-Policy") };
    return new Response(text, { headers });
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname, search } = new URL(request.url);
  if (origin !== self.location.origin) return;
  if (request.method !== "GET") {
    if (pathname === "/sign-out/") event.waitUntil(forget(() => true));
    else if (DOORS.some((one) => one.test(pathname))) event.waitUntil(forget());
    return;
  }
  if (pathname.startsWith("/static/")) event.respondWith(look(request));
  else if (request.mode === "navigate") event.respondWith(page(request, pathname + search));
});
