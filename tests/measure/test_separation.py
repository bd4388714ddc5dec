"""Blood and pigment taken apart: each is found, and shading and exposure are not taken for either."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from needlewise.measure.separation import HAEMOGLOBIN, MELANIN, separate

amounts = st.floats(-0.4, 0.4)


@given(amounts, amounts, st.floats(0.2, 1.5), st.integers(0, 99))
def test_what_is_put_in_comes_out(blood: float, brown: float, shade: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    skin = np.ones((6, 8), bool)
    base = np.array([0.35, 0.2, 0.15]) * rng.uniform(0.9, 1.1, (6, 8, 1))
    changed = base.copy()
    changed[0, 0] *= shade * np.exp(-(blood * np.array(HAEMOGLOBIN) + brown * np.array(MELANIN)))
    found = separate(changed.astype(np.float32), skin)
    assert abs(float(found["haemoglobin"][0, 0]) - blood) < 2e-3
    assert abs(float(found["melanin"][0, 0]) - brown) < 2e-3
    assert abs(float(np.median(found["melanin"][skin]))) < 1e-5
