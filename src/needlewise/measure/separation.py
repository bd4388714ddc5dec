"""Blood and pigment of the skin taken apart, for looking at.

Over skin, the natural logarithm of linear R, G, B is taken to be a sum (Beer-Lambert, as in Tsumura 2003, doi
10.1145/882262.882344): shading, the same in all three; oxyhaemoglobin; melanin. Three channels, three unknowns:

    -(ln R, ln G, ln B) = shading · (1, 1, 1) + haemoglobin · (0.08, 1, 0.9) + melanin · (0.40, 0.57, 1)

The haemoglobin direction is the one `colour.pigment` does not see. The melanin direction is λ^-3.48 (Jacques 1998,
omlc.org's page on melanosomes) at 600, 540 and 460 nm, where the channels of a phone are centred roughly. Each is given in
natural log units of its own strongest channel, less its median over the skin.

Limits. Cameras' channels are wide and overlap, light inside skin travels paths that depend on wavelength, and the light's colour
changes over a face. So the two leak into each other by an amount that no photo tells, which is why they are pictures and no
measure is made of them: compare the zones by `colour.photometric_registration`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

HAEMOGLOBIN, MELANIN = (0.08, 1.0, 0.9), (0.40, 0.57, 1.0)  # absorbance in R, G, B relative to the strongest channel
LEAST = 1e-4  # linear; darker pixels are not skin
UNMIX = np.linalg.inv(np.array([(1.0, 1.0, 1.0), HAEMOGLOBIN, MELANIN]).T)


def separate(linear: NDArray[np.float32], skin: NDArray[np.bool_]) -> dict[str, NDArray[np.float32]]:
    """Return "haemoglobin" and "melanin", float32 (H, W) each, in natural log units above the skin's median.

    Parameters
    ----------
    linear : float32 (H, W, 3)
        Linear RGB.
    skin : bool (H, W)
        Where skin is; elsewhere the result means nothing.
    """
    density = -np.log(np.maximum(linear, LEAST))
    out = {}
    for name, weights in zip(("haemoglobin", "melanin"), UNMIX[1:], strict=True):
        amount = (density @ weights.astype(np.float32)).astype(np.float32)
        out[name] = amount - np.float32(np.median(amount[skin])) if skin.any() else amount
    return out
