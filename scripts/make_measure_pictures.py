"""Draw the pictures of docs/measure.md: `python scripts/make_measure_pictures.py`. They show a drawn face; nobody has it.

Screenshots of the pages need Chromium; without it they are left as they are.
"""

import datetime as dt
import io
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from drawn_face import Lamp, Skin, drawn_face, jpeg  # noqa: E402 - found through the path above
from needlewise.measure.change import DEFAULTS  # noqa: E402 - sorted after it
from needlewise.measure.comparison import REDNESS  # noqa: E402 - sorted after it
from needlewise.measure.pair import compare  # noqa: E402 - sorted after it
from needlewise.measure.pictures import Pictures  # noqa: E402 - sorted after it
from needlewise.measure.raking import rake  # noqa: E402 - sorted after it
from needlewise.measure.trend import Session, trend  # noqa: E402 - sorted after it
from needlewise.share.guide import guide_html  # noqa: E402 - sorted after it
from needlewise.share.measured_html import comparison_html  # noqa: E402 - sorted after it
from needlewise.share.trend_chart import trend_chart  # noqa: E402 - sorted after it

DOCS = ROOT / "docs"
SPOTS = ((3.6, -2.5), (4.3, -3.1))
SCARS = ((-3.6, -2.6), (-4.3, -3.4), (-3.2, -3.7), (3.4, -2.8), (4.0, -3.6), (-2.9, 5.6), (2.6, 6.2))
COLOURS = 192  # of the palette: pages need no more
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--hide-scrollbars")  # fmt: skip


def shots(folder: Path) -> tuple[list[Path], list[Path]]:
    """Write three shots of two days: the right cheek became paler, the furrows of the forehead shallower."""
    days: list[list[Path]] = []
    for number, (taken, skin, lamp, gains) in enumerate((
        ("2026-01-05", Skin(spots=SPOTS, blood={"cheek-right": 0.1}), Lamp(), (1, 1, 1)),
        ("2026-04-06", Skin(spots=SPOTS, lines_cm=0.022), Lamp(6, 13), (0.95, 0.91, 0.87)),
    )):  # fmt: skip
        days.append([])
        for shot in range(3):
            path = folder / f"{taken}-{shot}.jpg"
            moved = (4 * shot + 6 * number, -3 * shot, 0.4 * shot)
            path.write_bytes(jpeg(drawn_face(skin, lamp, gains, 10 * number + shot, moved), f"{taken} 09:30:00"))
            days[-1].append(path)
    return days[0], days[1]


def raking(folder: Path) -> list[list[Path]]:
    """Write the raking shots of two days: the pits became shallower."""
    days = []
    for number, (taken, deep) in enumerate((("2026-01-05", 0.05), ("2026-05-20", 0.03))):
        days.append([folder / f"{taken}-{side}.jpg" for side in ("left", "right")])
        for sign, path in zip((1, -1), days[-1], strict=True):
            lamp = Lamp(sign * (57 + 2 * number), 9, 0.04)
            path.write_bytes(jpeg(drawn_face(Skin(scars=SCARS, scar_cm=deep), lamp, noise=20 + number), f"{taken} 20:00:00"))
    return days


def row(name: str, pictures: list[np.ndarray], height: int) -> None:
    """Write pictures side by side, as a JPEG."""
    parts = [Image.fromarray(p) for p in pictures]
    parts = [p.resize((round(p.width * height / p.height), height), Image.Resampling.LANCZOS) for p in parts]
    sheet = Image.new("RGB", (sum(p.width for p in parts) + 8 * (len(parts) - 1), height), "white")
    left = 0
    for part in parts:
        sheet.paste(part, (left, 0))
        left += part.width + 8
    sheet.save(DOCS / name, "JPEG", quality=86, optimize=True)


def save(name: str, picture: Image.Image) -> None:
    """Write a picture with few colours, which keeps it small."""
    out = io.BytesIO()
    picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    (DOCS / name).write_bytes(out.getvalue())


def photographed(html: str, width: int, height: int, folder: Path) -> Image.Image | None:
    """Return a page as a browser shows it at that width."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        return None
    (folder / "page.html").write_text(html, encoding="utf-8")
    frame = f'<body style="margin:0"><iframe src="page.html" style="width:{width}px;height:{height}px;border:0;display:block">'
    (folder / "frame.html").write_text(frame, encoding="utf-8")
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [browser, *FLAGS, f"--user-data-dir={profile}", f"--window-size={max(width, 500)},{height}",
             f"--screenshot={folder / 'page.png'}", (folder / "frame.html").as_uri()],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
    return Image.open(folder / "page.png").convert("RGB").crop((0, 0, width, height))


def columns(name: str, page: Image.Image | None, count: int) -> None:
    """Write a long page cut into columns."""
    if page is None:
        return
    high = page.height // count
    sheet = Image.new("RGB", (page.width * count + 16 * (count - 1), high), "white")
    for i in range(count):
        sheet.paste(page.crop((0, i * high, page.width, (i + 1) * high)), (i * (page.width + 16), 0))
    save(name, sheet)


def months() -> str:
    """Return the chart of an invented series with one bad day."""
    values = (0.0, -0.6, -1.4, 4.5, -2.2, -3.0, -3.3)
    days = [Session(dt.date(2026, 1, 5) + dt.timedelta(days=31 * i), (v,)) for i, v in enumerate(values)]
    chart = trend_chart("cheek-right", trend(REDNESS, days, DEFAULTS["redness"]), dt.date(2026, 4, 6))
    head, _, rest = chart.partition(">")
    ground = '<rect width="100%" height="100%" fill="#fffdf9"/>'
    return f'{head} xmlns="http://www.w3.org/2000/svg" color="#2e2722">{ground}{rest}\n'


def main() -> None:
    """Write every picture."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        before, after = shots(folder)
        found = compare(before, after, ["cheek-right", "forehead"], make_up=False)
        made = Pictures(found).all()
        row("measure-pictures.jpg", [made[k] for k in ("before", "after", "change-redness", "lines-before")], 330)
        row(
            "measure-parts.jpg",
            [made[f"{part}-{day}"] for part in ("haemoglobin", "melanin") for day in ("before", "after")],
            330,
        )
        columns("measure-page.png", photographed(comparison_html(found), 390, 2400, folder), 3)
        sides = rake(*raking(folder)).sides
        row("measure-raking.jpg", [p for side in sides.values() for p in side.pictures], 380)
        columns("measure-guide.png", photographed(guide_html(), 900, 1240, folder), 1)
    (DOCS / "measure-trend.svg").write_text(months(), encoding="utf-8")


if __name__ == "__main__":
    main()
