"""Many boxes of one level, and which of them a block meets: all are looked at at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from workstation.scans.source import Box


class Boxes:
    """Grows by one box at a time; whoever calls takes care that it is called by one thread at a time."""

    def __init__(self) -> None:
        self._sides: npt.NDArray[np.int64] = np.zeros((16, 4), np.int64)
        self._count = 0

    def add(self, box: Box) -> None:
        """Take one more."""
        if self._count == len(self._sides):
            self._sides = np.concatenate([self._sides, np.zeros_like(self._sides)])
        self._sides[self._count] = box
        self._count += 1

    def meeting(self, block: Box, halvings: int) -> set[Box]:
        """Return which meet a block of the level that is halved so often, in that level's pixels."""
        sides, step = self._sides[: self._count], 1 << halvings
        y0, y1, x0, x1 = sides.T
        meets = (y0 < block[1] * step) & (y1 > block[0] * step) & (y0 < y1)
        meets &= (x0 < block[3] * step) & (x1 > block[2] * step) & (x0 < x1)
        found = sides[meets]
        found[:, 0::2] //= step
        found[:, 1::2] = -(-found[:, 1::2] // step)
        return {(a, b, c, d) for a, b, c, d in found.tolist()}
