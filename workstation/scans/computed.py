"""Levels that no file holds: computed from a finer level when somebody looks, and kept in the tile cache."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from workstation.scans.cache import TILES
from workstation.scans.crew import spread
from workstation.scans.reduce import halve, halved_size
from workstation.scans.scan import Grid
from workstation.scans.source import Level, Pixels

TILE = 512
_AT_ONCE = 1 << 20
"""Pixels of a row that are read at once to pick from."""
EXACT_PIXELS = 1 << 31
"""Above this a coarse level takes one pixel of each box, not the mean: the cost of a look is capped."""


class HalvedGrid:
    """The level above `finer`: 2×2 means."""

    def __init__(self, finer: Grid, owner: Hashable) -> None:
        self._finer = finer
        self._owner = owner
        fine = finer.level
        self.level = Level(
            halved_size(fine.height), halved_size(fine.width), fine.channels, fine.dtype, (TILE, TILE)
        )

    def read(self, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        """Return a block, put together from cached tiles, or one of them."""
        at = only_tile(y0, y1, x0, x1, (TILE, TILE))
        if at and (tile := self._tile(*at)).shape[:2] == (y1 - y0, x1 - x0):
            return tile
        out = np.empty((y1 - y0, x1 - x0, self.level.channels), self.level.dtype)
        spread(
            lambda at: paste(out, y0, x0, self._tile(*at), at[0] * TILE, at[1] * TILE),
            tiles_within(y0, y1, x0, x1, (TILE, TILE)),
        )
        return out

    def _tile(self, row: int, column: int) -> Pixels:
        key = (self._owner, self.level.height, self.level.width, row, column)
        tile = TILES.look(key)
        if tile is None:
            tile = halve(self._below(row * TILE * 2, column * TILE * 2))
            tile = TILES.keep(key, tile)
        return tile

    def _below(self, y0: int, x0: int) -> Pixels:
        fine = self._finer.level
        return self._finer.read(y0, min(y0 + 2 * TILE, fine.height), x0, min(x0 + 2 * TILE, fine.width))


class PickedGrid:
    """A coarse level of a giant without a pyramid: the pixel in the middle of each box of `step` px."""

    def __init__(self, base: Grid, step: int) -> None:
        self._base = base
        self._step = step
        full = base.level
        self.level = Level(
            -(-full.height // step), -(-full.width // step), full.channels, full.dtype, (TILE, TILE)
        )

    def read(self, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        """Return a block; only the rows that are picked are read."""
        out = np.empty((y1 - y0, x1 - x0, self.level.channels), self.level.dtype)
        full, step = self._base.level, self._step
        columns = np.minimum(np.arange(x0, x1) * step + step // 2, full.width - 1)
        at_once = max(1, _AT_ONCE // step)

        def pick(y: int) -> None:
            row = min(y * step + step // 2, full.height - 1)
            for first in range(0, len(columns), at_once):
                some = columns[first : first + at_once]
                left, right = int(some[0]), int(some[-1]) + 1
                out[y - y0, first : first + at_once] = self._base.read(row, row + 1, left, right)[
                    0, some - left
                ]

        spread(pick, range(y0, y1))
        return out


def coarser(finest: Grid, previous: Grid, steps: int, owner: Hashable) -> Grid:
    """Return the level above `previous`, which is `steps` - 1 computed levels above the stored `finest`."""
    if finest.level.height * finest.level.width > EXACT_PIXELS:
        return PickedGrid(finest, 1 << steps)
    return HalvedGrid(previous, owner)


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
