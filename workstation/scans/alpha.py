"""Alpha that is multiplied into the colours (TIFF: associated) is taken out again: colours stay straight."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from workstation.scans.source import Pixels

OTHER, PREMULTIPLIED, ALPHA = 0, 1, 2
"""What a channel beyond the colours may be (TIFF tag 338)."""


def straight(colours: int, alpha: int, top: int) -> Callable[[Pixels], Pixels]:
    """Return what divides the first `colours` channels by the channel `alpha`; where it is 0 they become 0.

    `top` is the whole number that means opaque; among floats it is 1.
    """

    def convert(block: Pixels) -> Pixels:
        out = block.copy()
        weighed, opacity = block[..., :colours], block[..., alpha : alpha + 1]
        if block.dtype.kind == "f":
            with np.errstate(divide="ignore", invalid="ignore"):
                out[..., :colours] = np.where(opacity > 0, weighed / opacity, 0)
            return out
        room = np.dtype(np.uint32 if block.dtype.itemsize <= 2 else np.uint64)  # 65535² and a half still fit
        wide = opacity.astype(room)
        whole = (weighed.astype(room) * room.type(top) + wide // 2) // np.maximum(wide, 1)
        out[..., :colours] = np.where(opacity > 0, np.minimum(whole, top), 0)
        return out

    return convert
