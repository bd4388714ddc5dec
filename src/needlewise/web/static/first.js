// Searching in a long list of boxes: what does not match is hidden, a group without a match too.
"use strict";
(() => {
  const box = document.querySelector("[data-filter]");
  if (!box) return;
  document.querySelector("[data-filter-box]").classList.remove("hidden");
  const groups = [...document.querySelectorAll("details.group")];
  const open = new Map(groups.map((group) => [group, group.open]));
  box.addEventListener("input", () => {
    const word = box.value.trim().toLowerCase();
    for (const group of groups) {
      let any = false;
      for (const choice of group.querySelectorAll(".choice")) {
        const match = !word || `${choice.textContent} ${choice.dataset.words}`.toLowerCase().includes(word) || choice.querySelector(":checked");
        choice.hidden = !match;
        any ||= match;
      }
      group.hidden = !any;
      group.open = word ? any : open.get(group);
    }
  });
  box.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
})();
