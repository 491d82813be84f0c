"""Where two pictures are compared, at every resolution: a mask made coarser, never laid out whole."""

from __future__ import annotations

import math
import threading

import numpy as np

from workstation.operations.mask import TILE, Bits, Mask
from workstation.scans.source import Level


class Extent:
    """A level-0 mask as seen at the coarser levels: a coarse pixel is marked where any pixel below it is."""

    def __init__(self, mask: Mask, levels: tuple[Level, ...]) -> None:
        mask.check_fits(levels[0].height, levels[0].width)
        self._levels = levels
        self._halves = [mask]
        self._lock = threading.Lock()

    def read(self, level: int, y0: int, y1: int, x0: int, x1: int) -> Bits:
        """Return which pixels of the block are marked."""
        size = self._levels[level]
        times = math.ceil(math.log2(self._levels[0].width / size.width) - 0.01)  # sizes are rounded
        mask = self._halved(times)
        rows = np.arange(y0, y1) * mask.height // size.height
        columns = np.arange(x0, x1) * mask.width // size.width
        block = mask.read(int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1)
        return block[np.ix_(rows - rows[0], columns - columns[0])]

    def blocks(self, side: int) -> set[tuple[int, int]]:
        """Return (row, column) of the blocks of level 0 that may hold marks; `side` is a multiple of TILE."""
        return {(row * TILE // side, column * TILE // side) for row, column in self._halves[0].tiles}

    def _halved(self, times: int) -> Mask:
        with self._lock:
            while len(self._halves) <= times:
                self._halves.append(_half(self._halves[-1]))
            return self._halves[times]


def _half(mask: Mask) -> Mask:
    half = Mask((mask.height + 1) // 2, (mask.width + 1) // 2)
    for row, column in mask.tiles:
        y0, x0 = row * TILE, column * TILE
        fours = mask.read(y0, y0 + TILE, x0, x0 + TILE).reshape(TILE // 2, 2, TILE // 2, 2)
        half.add(y0 // 2, x0 // 2, np.asarray(fours.any(axis=(1, 3))))
    return half
