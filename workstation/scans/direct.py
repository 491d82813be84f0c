"""Tiles of zstd and deflate, decoded straight into the memory where they stay: no copy on the way.

What is not plain (other compressions, packed bits, foreign byte order) and what is not as long as it should
be is left to tifffile's decoder.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from workstation.scans.source import Pixels

Room: TypeAlias = Callable[[tuple[int, ...], np.dtype[Any]], Pixels]
"""What gives an array to decode into."""
_COMPRESSIONS = (8, 32946, 50000)
_NONE, _HORIZONTAL = 1, 2


@dataclass(frozen=True, slots=True)
class Direct:
    """How the bytes of a piece become samples."""

    unpress: Callable[..., Any]
    predicts: bool
    dtype: np.dtype[Any]
    tiled: bool
    """Tiles are whole even at the edge of the picture; the last strip is shorter."""

    def __call__(self, data: bytes, shape: tuple[int, int, int], room: Room) -> Pixels | None:
        """Return the samples of a piece; None where the data are not just as long, or not whole."""
        import imagecodecs

        out = room(shape, self.dtype)
        raw = out.reshape(-1).view(np.uint8)
        try:
            if self.unpress(data, out=raw).size != raw.size:
                return None
        except RuntimeError:  # of longer data too: only the other decoder tells what is wrong
            return None
        if self.predicts:
            imagecodecs.delta_decode(out, axis=-2, out=out)
        return out


def direct_of(page: Any, stored: np.dtype[Any], order: Literal["<", ">"]) -> Direct | None:
    """Return the short way for a tifffile page; None where there is none."""
    import tifffile

    whole = page.bitspersample == stored.itemsize * 8 and page.fillorder == 1 and stored.kind in "ui"
    native = stored.itemsize == 1 or (order == "<") == (sys.byteorder == "little")
    known = int(page.compression) in _COMPRESSIONS and int(page.predictor) in (_NONE, _HORIZONTAL)
    shares_colour = page.photometric == tifffile.PHOTOMETRIC.YCBCR  # between pixels
    if shares_colour or not (whole and native and known):
        return None
    unpress = tifffile.TIFF.DECOMPRESSORS[int(page.compression)]
    return Direct(unpress, int(page.predictor) == _HORIZONTAL, stored.newbyteorder("="), bool(page.is_tiled))
