"""The post's "5 passes in 4 directions", as the docs tell it, against what the code computes."""

import re
from pathlib import Path

import pytest

from needlewise.simulate.coverage import RADII_MM, Coverage, coverage
from needlewise.simulate.devices import from_catalogue
from needlewise.simulate.strikes import Technique

PAGE = (Path(__file__).parents[2] / "docs" / "simulate.md").read_text(encoding="utf-8")
ROWS = {cells[0]: cells[1:] for line in PAGE.splitlines() if len(cells := [c.strip() for c in line.strip("|").split("|")]) == 6}
DEVICES = {
    "192-needle roller": "roller-192", "540-needle roller": "roller-540", "1080-needle roller": "roller-1080",
    "35-needle stamp": "stamp-35", "12-pin pen at 20 mm/s": "pen-12",
}  # fmt: skip


def figure(text: str) -> tuple[float, float]:
    """Return a printed figure, and half of its last digit; shares as such, not in percent."""
    (number,) = re.findall(r"[\d,.]+", text)
    _, _, decimals = number.partition(".")
    percent = 0.01 if "%" in text else 1.0
    return percent * float(number.replace(",", "")), percent * 0.5 * 10 ** -len(decimals)


@pytest.fixture(scope="module", params=DEVICES)
def row(request: pytest.FixtureRequest) -> tuple[list[str], Coverage]:
    return ROWS[request.param], coverage(from_catalogue(DEVICES[request.param]).tool, Technique(5 * 4, 4))


def test_the_table_of_the_docs_is_what_the_code_computes(row: tuple[list[str], Coverage]) -> None:
    printed, found = row
    mean, error = found.mean, found.standard_error
    computed = [(found.closed_density, 0.0)]
    for r in (0.2, 0.5):
        at = RADII_MM.index(r)
        computed.append((found.closed_within.get(r, mean.within[at]), error.within[at]))
    computed += [(mean.duplicate_share, error.duplicate_share), (mean.largest_gap_mm, error.largest_gap_mm)]
    for text, (value, se) in zip(printed, computed, strict=True):
        said, half = figure(text)
        assert abs(value - said) <= 1.01 * half + 2 * se, (text, value)


def test_the_table_names_every_device() -> None:
    assert set(DEVICES) <= set(ROWS)
