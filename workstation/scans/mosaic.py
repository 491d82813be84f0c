"""Coarse levels of giant flat scans in tiles: what takes hours to decode is drawn from a few of the tiles."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from workstation.scans.cache import Share
from workstation.scans.computed import TILE, paste, tiles_within
from workstation.scans.crew import spread
from workstation.scans.reduce import halve, halved_size
from workstation.scans.scan import Grid, Strips
from workstation.scans.source import Level, Pixels

EXACT_STEPS = 4
"""Up to 1 : 16 the view of a screen needs no more tiles than can be decoded while somebody waits."""
_Numbers: TypeAlias = np.ndarray[Any, np.dtype[np.intp]]


class MosaicGrid:
    """The level `steps` above `base`, each group of tiles of it in the mean colour of the one in its middle.

    So a view of any level costs as many pixels as one at 1 : 16, however large the scan is.
    """

    strips: Strips = "none"

    def __init__(self, base: Grid, steps: int, share: Share) -> None:
        self._base, self._steps, self._share = base, steps, share
        full = base.level
        height, width = halved_size(full.height, steps), halved_size(full.width, steps)
        self.level = Level(height, width, full.channels, full.dtype, (TILE, TILE))
        self._group = 1 << max(0, steps - EXACT_STEPS)

    def read(self, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        """Return a block, put together from cached tiles."""
        out = np.empty((y1 - y0, x1 - x0, self.level.channels), self.level.dtype)
        for row, column in tiles_within(y0, y1, x0, x1, (TILE, TILE)):
            paste(out, y0, x0, self._tile(row, column), row * TILE, column * TILE)
        return out

    def _tile(self, row: int, column: int) -> Pixels:
        key = (self.level.height, self.level.width, row, column)
        tile = self._share.look(key)
        if tile is None:
            full, side = self._base.level, self._base.level.tile
            rows, y = self._middles(row, self.level.height, full.height, side[0])
            columns, x = self._middles(column, self.level.width, full.width, side[1])
            tile = self._share.keep(key, self._means(rows, columns)[y][:, x])
        return tile

    def _middles(self, at: int, length: int, full: int, side: int) -> tuple[_Numbers, _Numbers]:
        """Return which rows of tiles, or columns, stand for a tile of this level, and which for a pixel."""
        pixels = np.arange(at * TILE, min((at + 1) * TILE, length), dtype=np.intp)
        centres = np.minimum((pixels << self._steps) + (1 << self._steps >> 1), full - 1)
        groups = centres // side // self._group
        middles = np.minimum(groups * self._group + self._group // 2, -(-full // side) - 1)
        found, which = np.unique(middles, return_inverse=True)
        return found, which

    def _means(self, rows: _Numbers, columns: _Numbers) -> Pixels:
        means = np.empty((len(rows), len(columns), self.level.channels), self.level.dtype)

        def fill(at: tuple[int, int]) -> None:
            means[at] = self._mean(int(rows[at[0]]), int(columns[at[1]]))

        spread(fill, [(y, x) for y in range(len(rows)) for x in range(len(columns))])
        return means

    def _mean(self, row: int, column: int) -> Pixels:
        full, (high, wide) = self._base.level, self._base.level.tile
        y, x = row * high, column * wide
        block = self._base.read(y, min(y + high, full.height), x, min(x + wide, full.width))
        while max(block.shape[:2]) > 1:
            block = halve(block)
        return np.asarray(block[0, 0])
