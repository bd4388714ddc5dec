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
})();
