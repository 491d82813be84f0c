"""Levels that no file holds: computed from a finer level when somebody looks, and kept in the tile cache."""

from __future__ import annotations

import numpy as np

from workstation.scans.cache import Share
from workstation.scans.crew import spread
from workstation.scans.reduce import halve, halved_size, narrow
from workstation.scans.scan import Grid, Strips
from workstation.scans.source import Level, Pixels

TILE = 512
EXACT_PIXELS = 1 << 31
"""Above this coarse levels are sketches, not the exact mean: the cost of a look is capped."""
LARGE_PIXELS = 1 << 26
"""Above this whoever only looks is better served by a sketch, until the exact levels are kept."""
SKETCHED_PIXELS = 1 << 22
"""The levels above one so small are made from it: to see a whole scan, its file is gone through once."""
_BAND = 16
_PART_BYTES = 4 << 20
"""So much of the finer level is held at once to sketch a part of this one."""
_ROWS_BYTES = 1 << 20
"""So much of a level above strips is made at once: four times as much of the finer one is held meanwhile."""
_LOOK_BYTES = 512 << 20
"""To sketch a whole level, so much is read of the finer one; at least one row of each box."""


class ComputedGrid:
    """A level `steps` above a finer one, made part by part when somebody looks, and kept."""

    strips: Strips = "none"

    def __init__(self, full: Level, steps: int, share: Share) -> None:
        height, width = halved_size(full.height, steps), halved_size(full.width, steps)
        self.level = Level(height, width, full.channels, full.dtype, (TILE, TILE))
        self._share = share
        self._side = (TILE, TILE)

    @property
    def in_rows(self) -> bool:
        """Whether its parts are as wide as the level."""
        return self._side[1] >= self.level.width

    def read(self, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        """Return a block, put together from cached parts, or one of them."""
        rows, columns = self._side
        at = only_tile(y0, y1, x0, x1, self._side)
        if at and (tile := self._tile(*at)).shape[:2] == (y1 - y0, x1 - x0):
            return tile
        out = np.empty((y1 - y0, x1 - x0, self.level.channels), self.level.dtype)
        spread(
            lambda at: paste(out, y0, x0, self._tile(*at), at[0] * rows, at[1] * columns),
            tiles_within(y0, y1, x0, x1, self._side),
        )
        return out

    def _tile(self, row: int, column: int) -> Pixels:
        key = (self.level.height, self.level.width, row, column)
        tile = self._share.look(key)
        if tile is None:
            y0, x0 = row * self._side[0], column * self._side[1]
            y1, x1 = min(y0 + self._side[0], self.level.height), min(x0 + self._side[1], self.level.width)
            tile = self._share.keep(key, self._made(y0, y1, x0, x1))
        return tile

    def _made(self, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        raise NotImplementedError


class HalvedGrid(ComputedGrid):
    """The level above `finer`: 2×2 means; above strips in whole rows, so that each strip is decoded once."""

    def __init__(self, finer: Grid, share: Share) -> None:
        super().__init__(finer.level, 1, share)
        self._finer = finer
        if finer.strips == "rows" or (isinstance(finer, ComputedGrid) and finer.in_rows):
            row = self.level.width * self.level.channels * self.level.dtype.itemsize
            self._side = (max(1, min(TILE, _ROWS_BYTES // row)), self.level.width)

    def _made(self, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        return halved_block(self._finer, y0, y1, x0, x1)


class SketchGrid(ComputedGrid):
    """The level `steps` above `base`, drawn from a part of its rows: the first look at a large flat scan.

    Of each box up to four rows, evenly spread, are averaged over all their columns. So a weave shows no moiré
    and grain no noise that single pixels would show, and of thin strips only a part is decoded. A level that
    would cost more than _LOOK_BYTES so gets two rows of each box, or one. Only where all rows of its boxes
    are taken, which have up to 4 × 4 px, is it what halving gives.
    """

    def __init__(self, base: Grid, steps: int, share: Share) -> None:
        super().__init__(base.level, steps, share)
        self._base, self._steps = base, steps
        full, here = base.level, self.level
        self._pixel = full.channels * full.dtype.itemsize
        # A strip that is decoded gives all its columns.
        across = here.width if base.strips == "rows" else TILE
        self._side = (max(1, min(_BAND, _PART_BYTES // (across * self._pixel))), across)
        cost = here.height * full.width * self._pixel
        most = 4 if 4 * cost <= _LOOK_BYTES else 2 if 2 * cost <= _LOOK_BYTES else 1
        self._rows = min(1 << steps, most)

    def _made(self, top: int, bottom: int, left: int, right: int) -> Pixels:
        """Draw a band part by part: rows may be so wide that a few of them would fill the memory."""
        part = max(1, _PART_BYTES // (self._rows * self._pixel) >> self._steps)
        out = np.empty((bottom - top, right - left, self.level.channels), self.level.dtype)
        draw = self._halved if self._rows == 1 << self._steps else self._picked
        for y in range(top, bottom):
            for x in range(left, right, part):
                end = min(x + part, right)
                last = min(end << self._steps, self._base.level.width)
                out[y - top, x - left : end - left] = draw(y, x << self._steps, last)
        return out

    def _halved(self, y: int, x0: int, x1: int) -> Pixels:
        """Return a part of a row from all rows of its boxes."""
        step = 1 << self._steps
        block = self._base.read(y * step, min((y + 1) * step, self._base.level.height), x0, x1)
        for _ in range(self._steps):
            block = halve(block)
        return np.asarray(block[0])

    def _picked(self, y: int, x0: int, x1: int) -> Pixels:
        """Return a part of a row from some rows of its boxes, each reduced across as soon as it is read."""
        last, step, count = self._base.level.height - 1, 1 << self._steps, self._rows
        offsets = [(2 * i + 1) * step // (2 * count) for i in range(count)]
        rows = [min(y * step + offset, last) for offset in offsets]
        block = np.concatenate([narrow(self._base.read(row, row + 1, x0, x1), self._steps) for row in rows])
        while len(block) > 1:
            block = halve(np.repeat(block, 2, axis=1))
        return np.asarray(block[0])


def halved_block(finer: Grid, y0: int, y1: int, x0: int, x1: int) -> Pixels:
    """Return a block of the level above `finer`."""
    full = finer.level
    return halve(finer.read(2 * y0, min(2 * y1, full.height), 2 * x0, min(2 * x1, full.width)))


def tiles_within(y0: int, y1: int, x0: int, x1: int, tile: tuple[int, int]) -> list[tuple[int, int]]:
    """Return the (row, column) of every tile that a block touches."""
    rows = range(y0 // tile[0], -(-y1 // tile[0]))
    columns = range(x0 // tile[1], -(-x1 // tile[1]))
    return [(row, column) for row in rows for column in columns]


def only_tile(y0: int, y1: int, x0: int, x1: int, tile: tuple[int, int]) -> tuple[int, int] | None:
    """Return (row, column) where a block begins with a tile and ends in it, so that it may be the tile."""
    row, column = y0 // tile[0], x0 // tile[1]
    begins = y0 == row * tile[0] and x0 == column * tile[1]
    return (row, column) if begins and y1 - y0 <= tile[0] and x1 - x0 <= tile[1] else None


def paste(out: Pixels, y0: int, x0: int, tile: Pixels, top: int, left: int) -> None:
    """Copy the part of a tile at (top, left) that lies in the block at (y0, x0)."""
    a, b = max(y0, top), min(y0 + out.shape[0], top + tile.shape[0])
    c, d = max(x0, left), min(x0 + out.shape[1], left + tile.shape[1])
    if a < b and c < d:
        out[a - y0 : b - y0, c - x0 : d - x0] = tile[a - top : b - top, c - left : d - left]
