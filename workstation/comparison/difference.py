"""The difference of two pictures, pixel by pixel, as a picture of its own: CIEDE2000 in false colours."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from workstation.comparison.encoding import encoding_of
from workstation.comparison.extent import Extent
from workstation.comparison.pairing import pair
from workstation.comparison.palette import NOT_COMPARED, palette
from workstation.errors import UsageError
from workstation.operations.mask import Mask
from workstation.scans.hatch import damage_seen
from workstation.scans.source import Box, Damage, Level, Metadata, Pixels, TileSource, check_block

SCALE = 10.0
"""The ΔE00 that the last colour stands for, unless another is asked for."""


class DifferenceSource:
    """ΔE00 between two pictures of the same size as a tile source of false colours; computed as it is read.

    Where `mask` is given only its pixels are compared; the others are drawn in one grey.
    """

    def __init__(self, a: TileSource, b: TileSource, scale: float = SCALE, mask: Mask | None = None) -> None:
        if not 0.1 <= scale <= 100:
            raise UsageError(f"The scale takes a number from 0.1 to 100 ΔE00, not {scale:g}.")
        pairing = pair(a, b)
        self.a, self.b, self.scale, self.measure = a, b, scale, pairing.measure
        self.encodings = (encoding_of(a), encoding_of(b))
        one, other = a.metadata, b.metadata
        self._same_colours = (one.icc, one.white) == (other.icc, other.white)
        self.levels = tuple(
            Level(level.height, level.width, 3, np.dtype(np.uint8), level.tile)
            for level in a.levels[: pairing.levels]
        )
        self.metadata = Metadata(
            pixels_per_mm=a.metadata.pixels_per_mm,
            description=f"{self.quantity} from 0 to {scale:g} in false colours",
        )
        self.extent = None if mask is None else Extent(mask, self.levels)

    @property
    def quantity(self) -> str:
        """Name what is measured."""
        return "Colour difference ΔE00" if self.measure == "colour" else "Lightness difference ΔE00"

    @property
    def damaged(self) -> tuple[Damage, ...]:
        """The damaged tiles of both pictures: what is drawn there is no difference of the painting."""
        return (*self.a.damaged, *self.b.damaged)

    def damage_seen(self, level: int, block: Box) -> set[Box]:
        """Return where a block of a level shows damage, in that level's pixels."""
        return damage_seen(self.a, level, block) | damage_seen(self.b, level, block)

    def read(self, level: int, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        """Return the block in false colours."""
        found = self.values(level, y0, y1, x0, x1)
        outside = np.isnan(found)
        steps = np.minimum(np.nan_to_num(found) * (255 / self.scale) + 0.5, 255).astype(np.uint8)
        colours: Pixels = palette()[steps]
        colours[outside] = NOT_COMPARED
        return colours

    def values(self, level: int, y0: int, y1: int, x0: int, x1: int) -> npt.NDArray[np.float32]:
        """Return the block's ΔE00 as (h, w) numbers; NaN where it is not compared."""
        check_block(self.levels[level], y0, y1, x0, x1)
        if self.extent is None:
            return self._compared(level, y0, y1, x0, x1)
        inside = self.extent.read(level, y0, y1, x0, x1)
        if not inside.any():
            return np.full(inside.shape, np.nan, np.float32)
        return np.where(inside, self._compared(level, y0, y1, x0, x1), np.float32(np.nan))

    def close(self) -> None:
        """Close both pictures."""
        self.a.close()
        self.b.close()

    def _compared(self, level: int, y0: int, y1: int, x0: int, x1: int) -> npt.NDArray[np.float32]:
        from models.colour import difference

        first, second = self.a.read(level, y0, y1, x0, x1), self.b.read(level, y0, y1, x0, x1)
        one, other = self.encodings
        if self._same_colours and np.array_equal(first, second):  # most of a restored painting
            return np.zeros(first.shape[:2], np.float32)
        return difference(
            one.linear(first), other.linear(second), (one.matrix, other.matrix), self.measure == "lightness"
        )
