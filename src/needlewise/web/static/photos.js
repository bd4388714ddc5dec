// One photo over another: the slider moves the line; so do a finger or the pointer on the picture. Without this, they stand side by side.
(() => {
  for (const over of document.querySelectorAll("[data-slider]")) {
    const slider = over.nextElementSibling;
    const show = () => over.style.setProperty("--at", slider.value + "%");
    const follow = (event) => {
      const box = over.getBoundingClientRect();
      slider.value = Math.round((100 * (event.clientX - box.left)) / box.width);
      show();
    };
    over.classList.add("live");
    slider.classList.remove("hidden");
    slider.addEventListener("input", show);
    over.addEventListener("pointerdown", (event) => { over.setPointerCapture(event.pointerId); follow(event); });
    over.addEventListener("pointermove", (event) => { if (event.buttons || event.pointerType === "touch") follow(event); });
    over.addEventListener("dragstart", (event) => event.preventDefault());
    show();
  }
})();
