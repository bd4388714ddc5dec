// The camera with a ghost of the first photo, and hints for light, distance and level. All of it is computed here, from the picture
// that the camera shows, and goes nowhere. Where a browser opens no camera to pages, the plain button stays.
(() => {
  const form = document.getElementById("camera");
  if (!form || !window.isSecureContext || !navigator.mediaDevices?.getUserMedia || !window.DataTransfer) return;
  const by = (id) => document.getElementById(id);
  const [viewer, live, hint, shots, input, opener, plain] = ["viewer", "live", "hint", "shots", "id_photos", "opener", "plain"].map(by);
  const finder = live.parentElement;
  const WIDE = 48, TALL = 64; // px at which light and distance are judged
  const small = document.createElement("canvas");
  small.width = WIDE; small.height = TALL;
  const brush = small.getContext("2d", { willReadFrequently: true });
  const kept = new DataTransfer();
  let stream = null, facing = "user", tilt = null, timer = 0;

  opener.classList.remove("hidden");
  by("open").addEventListener("click", open);
  by("turn").addEventListener("click", () => { facing = facing === "user" ? "environment" : "user"; start(); });
  by("shoot").addEventListener("click", shoot);
  by("strength").addEventListener("input", (event) => finder.style.setProperty("--ghost", event.target.value / 100));
  form.addEventListener("change", (event) => { if (event.target.name === "pose") ghost(); });
  form.addEventListener("submit", stop);
  addEventListener("pagehide", stop);

  async function open() {
    try { await window.DeviceOrientationEvent?.requestPermission?.(); } catch { /* then without a level */ }
    addEventListener("deviceorientation", (event) => { if (event.beta !== null) tilt = [event.beta, event.gamma]; });
    await start();
  }

  async function start() {
    stop();
    const size = { width: { ideal: 4096 }, height: { ideal: 3072 } };
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: facing, ...size }, audio: false });
    } catch {
      hint.textContent = form.dataset.refused;
      viewer.classList.remove("hidden");
      finder.classList.add("hidden");
      return;
    }
    live.srcObject = stream;
    await live.play();
    finder.classList.remove("hidden");
    finder.classList.toggle("mirror", facing === "user");
    viewer.classList.remove("hidden");
    opener.classList.add("hidden");
    plain.classList.add("hidden");
    ghost();
    viewer.scrollIntoView({ block: "start" });
    timer = setInterval(look, 400);
  }

  function stop() {
    clearInterval(timer);
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
  }

  const pose = () => form.querySelector("[name=pose]:checked")?.value;
  const shownGhost = () => finder.querySelector(".ghost:not(.hidden)");
  function ghost() {
    for (const image of finder.querySelectorAll(".ghost")) image.classList.toggle("hidden", image.dataset.pose !== pose());
    for (const id of ["strength", "strength-label"]) by(id).classList.toggle("hidden", !shownGhost());
  }

  // the part of a picture that the finder shows, scaled about its middle, as brightness
  function grey(source, width, height, scale = 1) {
    const wanted = WIDE / TALL, cut = width / height > wanted ? [height * wanted, height] : [width, width / wanted];
    const [w, h] = cut.map((side) => side / scale);
    brush.fillRect(0, 0, WIDE, TALL);
    brush.drawImage(source, (width - w) / 2, (height - h) / 2, w, h, 0, 0, WIDE, TALL);
    const { data } = brush.getImageData(0, 0, WIDE, TALL);
    return Float32Array.from({ length: WIDE * TALL }, (_, i) => 0.2126 * data[4 * i] + 0.7152 * data[4 * i + 1] + 0.0722 * data[4 * i + 2]);
  }

  function edges(light) {
    const out = new Float32Array(light.length);
    for (let y = 1; y < TALL - 1; y++) for (let x = 1; x < WIDE - 1; x++) {
      const i = y * WIDE + x;
      out[i] = Math.abs(light[i + 1] - light[i - 1]) + Math.abs(light[i + WIDE] - light[i - WIDE]);
    }
    return out;
  }

  // how well two pictures of edges fit, over small shifts
  function fit(a, b) {
    let best = 0;
    for (let dy = -4; dy <= 4; dy += 2) for (let dx = -4; dx <= 4; dx += 2) {
      let ab = 0, aa = 0, bb = 0;
      for (let y = 5; y < TALL - 5; y++) for (let x = 5; x < WIDE - 5; x++) {
        const p = a[y * WIDE + x], q = b[(y + dy) * WIDE + x + dx];
        ab += p * q; aa += p * p; bb += q * q;
      }
      best = Math.max(best, ab / Math.sqrt(aa * bb || 1));
    }
    return best;
  }

  // the size of the face against the ghost's: 1 is the same, below it is too small
  function distance(light) {
    const image = shownGhost();
    if (!image?.complete || !image.naturalWidth) return 1;
    const now = edges(light);
    const sizes = [0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.4];
    const fits = sizes.map((size) => fit(now, edges(grey(image, image.naturalWidth, image.naturalHeight, size))));
    const at = fits.indexOf(Math.max(...fits));
    return fits[at] > fits[3] + 0.03 ? sizes[at] : 1;
  }

  function look() {
    if (!live.videoWidth) return;
    const light = grey(live, live.videoWidth, live.videoHeight);
    const middle = [[], []];
    let bright = 0, count = 0;
    for (let y = 14; y < 48; y++) for (let x = 12; x < 36; x++) {
      const value = light[y * WIDE + x];
      middle[x < 24 ? 0 : 1].push(value);
      bright += value > 250; count++;
    }
    const [left, right] = middle.map((values) => values.reduce((a, b) => a + b, 0) / values.length);
    const size = distance(light);
    const says = form.dataset;
    // 2.2: screens' gamma. 0.7 stops between the sides, as for photos
    const stops = Math.abs(2.2 * Math.log2(Math.max(left, 1) / Math.max(right, 1)));
    const upright = tilt === null || (Math.abs(tilt[0] - 90) < 12 && Math.abs(tilt[1]) < 12);
    hint.textContent =
      (left + right) / 2 < 60 ? says.dark
      : bright / count > 0.02 ? says.bright
      : stops > 0.7 && !pose()?.startsWith("lamp") ? says.side
      : !upright ? says.tilt
      : size < 0.95 ? says.nearer
      : size > 1.05 ? says.back
      : says.fits;
  }

  async function shoot() {
    const blob = await picture();
    const stamp = new Date().toISOString().replaceAll(/[:.]/g, "-");
    kept.items.add(new File([blob], `photo-${stamp}.jpg`, { type: "image/jpeg" }));
    input.files = kept.files;
    const item = document.createElement("li"), image = document.createElement("img");
    image.src = URL.createObjectURL(blob);
    image.alt = `${kept.files.length}`;
    item.append(image);
    shots.append(item);
    const taken = kept.files.length, says = form.dataset; // three shots tell how much two of the same skin differ
    by("count").textContent = taken < 3 ? `${says.taken} ${taken} / 3. ${says.next}` : `${says.taken} ${taken}. ${says.enough}`;
  }

  // the full photo where the camera gives one, else the picture of the moment
  async function picture() {
    const track = stream.getVideoTracks()[0];
    if (window.ImageCapture) {
      try {
        const blob = await new ImageCapture(track).takePhoto();
        if (blob.type === "image/jpeg") return blob;
      } catch { /* some cameras refuse */ }
    }
    const canvas = document.createElement("canvas");
    canvas.width = live.videoWidth; canvas.height = live.videoHeight;
    canvas.getContext("2d").drawImage(live, 0, 0);
    return new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.95));
  }
})();
