// Timers that tell the time from the clock, not by counting: a sleeping phone or a closed tab changes nothing.
(() => {
  const left = (until) => Math.max(0, Math.round((Date.parse(until) - Date.now()) / 1000));
  const clock = (s) => `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
  const told = new Set();
  const tick = () => {
    for (const box of document.querySelectorAll("[data-until]")) {
      const s = left(box.dataset.until);
      box.classList.toggle("up", s === 0);
      const text = s ? clock(s) : box.dataset.done;
      if (box.textContent !== text) box.textContent = text;
      if (s === 0 && !told.has(box.dataset.until)) {
        told.add(box.dataset.until);
        if (navigator.vibrate) navigator.vibrate([200, 100, 200]);
        document.title = `${box.dataset.done} – needlewise`;
      }
    }
    for (const time of document.querySelectorAll("time[data-countdown]")) {
      const s = left(time.dateTime);
      if (s > 0 && s < 36 * 3600) {
        const h = Math.floor(s / 3600), m = Math.floor((s % 3600) / 60);
        time.title ||= time.textContent;
        time.textContent = h ? `${h} h ${m} min` : `${m} min`;
      }
    }
  };
  tick();
  setInterval(tick, 1000);
  document.addEventListener("visibilitychange", tick);
  document.addEventListener("htmx:afterSwap", tick);

  // a tap that could not be sent is sent again: it sets a state, so sending it twice does no harm
  let waiting = null;
  const bar = () => document.querySelector("[data-unsent]");
  const retry = () => {
    if (!waiting) return;
    const { path, verb, values } = waiting;
    waiting = null;
    htmx.ajax(verb, path, { target: "#screen", swap: "innerHTML", values });
  };
  document.addEventListener("htmx:sendError", (event) => {
    const how = event.detail.requestConfig;
    waiting = { path: how.path, verb: how.verb, values: Object.fromEntries(how.formData || Object.entries(how.parameters)) };
    bar()?.classList.remove("hidden");
    setTimeout(retry, 3000);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) bar()?.classList.add("hidden");
  });
  window.addEventListener("online", retry);
  // a tap that no longer fits, such as in a window left open behind another: show how things stand
  document.addEventListener("htmx:responseError", () => location.reload());

  // the screen stays on while a session runs, where the browser allows it
  const stay = () => { if (document.visibilityState === "visible") navigator.wakeLock?.request("screen").catch(() => {}); };
  if (document.getElementById("screen")) { stay(); document.addEventListener("visibilitychange", stay); }
})();
