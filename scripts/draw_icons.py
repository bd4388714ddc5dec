"""Draw the app's icons again from their SVG, with a Chromium on the path: run it after changing one of them."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from PIL import Image

ICONS = Path(__file__).parents[1] / "src" / "needlewise" / "web" / "static" / "icons"
SIDE = 512
PICTURES = {"icon": (192, 512), "icon-maskable": (192, 512)}
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--default-background-color=00000000",
         f"--window-size={SIDE},{SIDE}"]  # fmt: skip


def drawn(name: str, folder: Path) -> Image.Image:
    """Return one SVG as a picture of 512 x 512 with transparency."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        raise SystemExit("chromium: not found; install it to draw the icons")
    path = folder / f"{name}.png"
    command = [browser, *FLAGS, f"--user-data-dir={folder / 'profile'}", f"--screenshot={path}", (ICONS / f"{name}.svg").as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return Image.open(path).convert("RGBA")


def main() -> None:
    """Write every PNG and the favicon."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for icon, sizes in PICTURES.items():
            picture = drawn(icon, folder)
            for size in sizes:
                small = picture.resize((size, size), Image.Resampling.LANCZOS)
                small.quantize(64, Image.Quantize.FASTOCTREE).save(ICONS / f"{icon}-{size}.png", optimize=True)
        touch = drawn("icon-maskable", folder).resize((180, 180), Image.Resampling.LANCZOS).convert("RGB")
        touch.quantize(64).save(ICONS / "apple-touch-icon.png", optimize=True)
        drawn("favicon", folder).save(ICONS / "favicon.ico", sizes=[(16, 16), (32, 32), (48, 48)])


if __name__ == "__main__":
    main()
