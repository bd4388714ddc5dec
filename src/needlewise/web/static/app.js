// What every page needs, and no more: pages work without it.
(() => {
  // htmx sends the token that Django asks for
  document.addEventListener("htmx:configRequest", (event) => {
    const token = document.cookie.split("; ").find((c) => c.startsWith("csrftoken="));
    if (token) event.detail.headers["X-CSRFToken"] = token.slice("csrftoken=".length);
  });
  // what cannot be undone asks first
  document.addEventListener("submit", (event) => {
    const question = event.target.dataset.confirm;
    if (question && !window.confirm(question)) event.preventDefault();
  });
  // a hidden field that asks where the reader is
  for (const field of document.querySelectorAll("input[data-time-zone]")) {
    if (!field.value) field.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  }
  // readable without the server: the worker keeps the last copy of a few pages, and says so on them
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js").catch(() => {});
  const copied = document.body.dataset.copied;
  const notice = document.querySelector("[data-old-copy]");
  if (copied !== undefined && notice) {
    const moment = new Date(copied);
    notice.hidden = false;
    if (!Number.isNaN(moment.getTime())) notice.querySelector("time").textContent = moment.toLocaleString(document.documentElement.lang);
  }
})();
