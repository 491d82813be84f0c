"""Alpha that is multiplied into the colours (TIFF: associated) is taken out again: colours stay straight."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from workstation.scans.source import Pixels


def straight(alpha: int) -> Callable[[Pixels], Pixels]:
    """Return what divides the channels before the channel `alpha` by it; where it is 0 they become 0."""

    def convert(block: Pixels) -> Pixels:
        out = block.copy()
        colours, opacity = block[..., :alpha], block[..., alpha : alpha + 1]
        if block.dtype.kind == "f":
            with np.errstate(divide="ignore", invalid="ignore"):
                out[..., :alpha] = np.where(opacity > 0, colours / opacity, 0)
            return out
        top = np.iinfo(block.dtype).max
        room = np.dtype(np.uint32 if block.dtype.itemsize <= 2 else np.uint64)  # 65535² and a half still fit
        wide = opacity.astype(room)
        whole = (colours.astype(room) * room.type(top) + wide // 2) // np.maximum(wide, 1)
        out[..., :alpha] = np.where(opacity > 0, np.minimum(whole, top), 0)
        return out

    return convert
