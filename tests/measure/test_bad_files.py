"""Whatever a file holds, opening it ends soon, in bounded memory, with a photo or with one clear line."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from bad_files import Bad, bombs, fuzzed, good, misnamed, truncated
from drawing import drawn, saved

from needlewise.errors import InputError
from needlewise.measure.photo import Photo, load_photo

SLOWEST_S = 6.0  # on a busy machine; a bomb that got through would take minutes
MOST_MB = 300


def attempt(folder: Path, bad: Bad) -> Photo | None:
    what, data, ending = bad
    path = folder / f"photo{ending}"
    path.write_bytes(data)
    start = time.monotonic()
    try:
        photo: Photo | None = load_photo(path, 1000)
    except InputError as error:
        photo = None
        line = str(error)
        assert len(line.splitlines()) == 1 and len(line) < 400 + len(str(path)), what
        assert line.startswith("photo: ") and "allowed: " in line and ";" in line.split("allowed: ")[1], (
            f"{what}: no advice in {line}"
        )
    assert time.monotonic() - start < SLOWEST_S, what
    return photo


@pytest.mark.parametrize("kinds", [truncated, misnamed, bombs], ids=lambda kinds: kinds.__name__)
def test_is_refused(tmp_path: Path, kinds: Callable[[], Iterator[Bad]]) -> None:
    opened = [bad[0] for bad in kinds() if attempt(tmp_path, bad) is not None]
    assert not opened


def test_fuzzed_files_open_or_are_refused(tmp_path: Path) -> None:
    for bad in fuzzed():
        photo = attempt(tmp_path, bad)
        if photo is not None:
            assert np.isfinite(photo.pixels).all() and photo.pixels.min() >= 0 and photo.pixels.max() <= 1, bad[0]


def test_the_good_ones_open(tmp_path: Path) -> None:
    assert all(attempt(tmp_path, one) is not None for one in good())


def test_there_are_enough() -> None:
    assert sum(1 for kinds in (truncated, misnamed, bombs, fuzzed) for _ in kinds()) >= 200


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from Linux's /proc")
def test_all_stay_within_memory_and_say_nothing_else(tmp_path: Path) -> None:
    for number, (_, data, ending) in enumerate(bad for kinds in (bombs, truncated, misnamed, fuzzed) for bad in kinds()):
        (tmp_path / f"{number}{ending}").write_bytes(data)
    script = """
import sys
from pathlib import Path
from needlewise.errors import InputError
from needlewise.measure.photo import load_photo
for path in sorted(Path(sys.argv[1]).iterdir()):
    try:
        load_photo(path, 1000)
    except InputError:
        pass
print(next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")).split()[1])
"""
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True, timeout=120)
    assert int(done.stdout) / 1024 < MOST_MB
    assert done.stderr == ""


def test_what_is_not_a_file(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent.jpg", "a\0b.jpg", tmp_path / "x" / "y.jpg", "/dev/null", "/dev/zero"):
        with pytest.raises(InputError, match="photo: "):
            load_photo(path)


def test_too_small(tmp_path: Path) -> None:
    (tmp_path / "icon.png").write_bytes(saved(drawn(31, 31), "PNG"))
    with pytest.raises(InputError, match="31 × 31"):
        load_photo(tmp_path / "icon.png")
