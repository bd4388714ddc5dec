/* Shapes of a drawing switch the boxes of their form. The boxes hold the choice; see drawing.py for what a page needs. */
"use strict";

(() => {
  const scope = (element) => element.closest("form") ?? document;
  const shapesIn = (root) => root.querySelectorAll("svg.drawing a.zone[data-zone]");
  const boxOf = (shape) =>
    scope(shape).querySelector(`input:is([type="checkbox"], [type="radio"])[value="${CSS.escape(shape.dataset.zone)}"]`);

  const show = (shape) => {
    const box = boxOf(shape);
    if (!box) return;
    shape.removeAttribute("href"); /* until now a link to the box, for pages without script */
    shape.removeAttribute("aria-current");
    shape.setAttribute("role", box.type);
    shape.setAttribute("aria-checked", String(box.checked));
    shape.setAttribute("aria-disabled", String(box.disabled));
    shape.classList.toggle("chosen", box.checked);
  };
  const showAll = (root) => shapesIn(root).forEach(show);

  const boxesOf = (box) =>
    box.dataset.members
      .split(" ")
      .map((key) => scope(box).querySelector(`input[type="checkbox"][value="${CSS.escape(key)}"]`))
      .filter((member) => member && !member.disabled);

  const follow = (box) => {
    if (box.dataset.members) boxesOf(box).forEach((member) => { member.checked = box.checked; });
    scope(box).querySelectorAll("input[data-members]").forEach((group) => {
      const members = boxesOf(group);
      group.checked = members.length > 0 && members.every((member) => member.checked);
      group.indeterminate = !group.checked && members.some((member) => member.checked);
    });
  };

  document.addEventListener("click", (event) => {
    const shape = event.target.closest?.("svg.drawing a.zone[data-zone]");
    const box = shape && boxOf(shape);
    if (!box) return;
    event.preventDefault();
    box.click();
  });
  document.addEventListener("change", (event) => {
    if (!event.target.matches?.("input")) return;
    follow(event.target);
    showAll(scope(event.target));
  });
  const point = (event) => {
    if (!event.target.matches?.("input[value]")) return;
    shapesIn(scope(event.target)).forEach((shape) => {
      shape.classList.toggle("here", event.type === "focusin" && shape.dataset.zone === event.target.value);
    });
  };
  document.addEventListener("focusin", point);
  document.addEventListener("focusout", point);
  document.addEventListener("htmx:load", () => showAll(document));
  window.addEventListener("pageshow", () => showAll(document)); /* also when a browser brings back what was ticked */
})();
