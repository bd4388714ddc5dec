"""A selfie saved as a mirror shows it is refused with what to do, and true pairs are never taken for mirror images."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from needlewise.measure.mirror import is_mirrored
from needlewise.measure.pair import compare, open_shot


def test_a_mirror_image_is_refused(drawn_days: tuple[list[Path], list[Path]], tmp_path: Path) -> None:
    before, after = drawn_days
    turned = tmp_path / "selfie.png"
    ImageOps.mirror(Image.open(after[0])).save(turned)
    found = compare(before[:1], [turned], ["cheek-right"])
    assert {one.verdict for one in found.comparable.values()} == {"not comparable"}
    assert any("mirror image" in reason for reason in found.comparable["redness"].reasons)
    assert all(change.difference is None for change in found.changes)


def test_a_true_pair_is_no_mirror_image(drawn_days: tuple[list[Path], list[Path]]) -> None:
    before, after = (open_shot(day[0]) for day in drawn_days)
    assert not is_mirrored(before, after, 0), "not even when nothing agreed"
    found = compare(drawn_days[0][:1], drawn_days[1][:1], ["cheek-right"])
    assert not any("mirror" in reason for reason in found.comparable["redness"].reasons)
    assert np.isfinite(found.error_px)
