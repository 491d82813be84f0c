"""Coarse levels of giant flat scans in tiles: what takes hours to decode is drawn from a few of the tiles."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any, TypeAlias

import numpy as np

from workstation.scans.cache import Share
from workstation.scans.computed import ComputedGrid
from workstation.scans.crew import spread
from workstation.scans.reduce import halve
from workstation.scans.scan import Grid
from workstation.scans.source import Pixels

EXACT_STEPS = 4
"""Up to 1 : 16 the view of a screen needs no more tiles than can be decoded while somebody waits."""
_Numbers: TypeAlias = np.ndarray[Any, np.dtype[np.intp]]


class MosaicGrid(ComputedGrid):
    """The level `steps` above `base`, each group of tiles of it in the mean colour of the one in its middle.

    So a view of any level costs as many pixels as one at 1 : 16, however large the scan is. Where that tile
    is damaged some others are tried: it may be the only one, and its black would stand for all of them.
    """

    def __init__(self, base: Grid, steps: int, share: Share, is_damaged: Callable[[int, int], bool]) -> None:
        super().__init__(base.level, steps, share)
        self._base, self._steps, self._is_damaged = base, steps, is_damaged
        self._group = 1 << max(0, steps - EXACT_STEPS)

    def _made(self, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        full, side = self._base.level, self._base.level.tile
        rows, y = self._middles(y0, y1, full.height, side[0])
        columns, x = self._middles(x0, x1, full.width, side[1])
        return self._means(rows, columns)[y][:, x]

    def _middles(self, start: int, stop: int, full: int, side: int) -> tuple[_Numbers, _Numbers]:
        """Return which rows of tiles, or columns, stand for a tile of this level, and which for a pixel."""
        pixels = np.arange(start, stop, dtype=np.intp)
        centres = np.minimum((pixels << self._steps) + (1 << self._steps >> 1), full - 1)
        groups = centres // side // self._group
        middles = np.minimum(groups * self._group + self._group // 2, -(-full // side) - 1)
        found, which = np.unique(middles, return_inverse=True)
        return found, which

    def _means(self, rows: _Numbers, columns: _Numbers) -> Pixels:
        means = np.empty((len(rows), len(columns), self.level.channels), self.level.dtype)

        def fill(at: tuple[int, int]) -> None:
            means[at] = self._colour(int(rows[at[0]]), int(columns[at[1]]))

        spread(fill, [(y, x) for y in range(len(rows)) for x in range(len(columns))])
        return means

    def _colour(self, row: int, column: int) -> Pixels:
        """Return the colour of the group whose middle tile is this one."""
        for tile in self._tries(row, column):
            mean = self._mean(*tile)
            if mean.any() or not self._is_damaged(*tile):
                return mean
        return np.zeros(self.level.channels, self.level.dtype)

    def _tries(self, row: int, column: int) -> list[tuple[int, int]]:
        """Return the middle tile of a group, then one of each quarter, then the corners."""
        full, group = self._base.level, self._group
        parts = group // 4, group * 3 // 4, 0, group - 1
        rows, columns = (
            [min(at - at % group + part, -(-size // side) - 1) for part in parts]
            for at, size, side in ((row, full.height, full.tile[0]), (column, full.width, full.tile[1]))
        )
        quarters, corners = product(rows[:2], columns[:2]), product(rows[2:], columns[2:])
        return list(dict.fromkeys([(row, column), *quarters, *corners]))

    def _mean(self, row: int, column: int) -> Pixels:
        full, (high, wide) = self._base.level, self._base.level.tile
        y, x = row * high, column * wide
        block = self._base.read(y, min(y + high, full.height), x, min(x + wide, full.width))
        while max(block.shape[:2]) > 1:
            block = halve(block)
        return np.asarray(block[0, 0])
