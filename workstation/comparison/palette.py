"""The false colours of the difference map: from nearly black over violet, red and orange to pale yellow.

Equal steps of difference are equal steps to the eye (by CIEDE2000 between neighbours). Lightness always
rises: the map also reads in print without colour and by people who do not tell red from green.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

NOT_COMPARED = np.array((118, 118, 118), np.uint8)
"""One neutral grey, which the palette does not hold."""

_ANCHORS = (  # place, L*, hue in degrees, share of the chroma that sRGB can show there
    (0.00, 4.0, 285.0, 0.30),
    (0.25, 26.0, 310.0, 0.80),
    (0.50, 48.0, 372.0, 0.88),
    (0.75, 70.0, 418.0, 0.92),
    (1.00, 96.0, 462.0, 0.55),
)


@lru_cache(maxsize=1)
def palette() -> npt.NDArray[np.uint8]:
    """Return the 256 colours as sRGB."""
    from models.palette import even_palette

    return even_palette(_ANCHORS, 256)
