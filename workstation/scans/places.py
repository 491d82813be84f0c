"""Where tiles lie in a pyramid, and which belong together: blocks, their levels, parents and children."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np

from workstation.scans.tables import Tiled

Place: TypeAlias = tuple[int, int, int]
"""Level, row and column of a tile; of a block: its first tile at its finest level."""


class Places:
    """The tiles of one pyramid whose superblocks span `depth` levels above the finest."""

    def __init__(self, levels: Sequence[Tiled], tile: int, depth: int) -> None:
        self.levels = levels
        self.tile = tile
        self.depth = depth

    def is_block(self, place: Place) -> bool:
        """Tell whether a block begins at this place."""
        level, row, column = place
        if not (level == 0 or self.depth < level < len(self.levels)):
            return False
        down, across = self._size(level)
        step = 1 << self.depth if level == 0 else 1
        return row < down and column < across and row % step == 0 and column % step == 0

    def tiles(self, place: Place) -> Iterator[tuple[int, slice, slice]]:
        """Yield level, rows and columns of all tiles of a block, level by level."""
        level, row, column = place
        depth = self.depth if level == 0 else 0
        for up in range(depth + 1):
            down, across = self._size(level + up)
            side, y, x = 1 << (depth - up), row >> up, column >> up
            yield level + up, slice(y, min(y + side, down)), slice(x, min(x + side, across))

    def table(self, level: int, values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Return a level's offsets or byte counts by row and column."""
        return values.reshape(self._size(level))

    def last(self, place: Place) -> Place:
        """Return the one tile of a block's coarsest level."""
        level, row, column = place
        up = self.depth if level == 0 else 0
        return level + up, row >> up, column >> up

    def is_top(self, place: Place) -> bool:
        """Tell whether nothing lies above a tile."""
        return place[0] + 1 == len(self.levels)

    def quarter(self, place: Place) -> tuple[int, int]:
        """Return height and width of what a tile's parent gets of it."""
        level, row, column = place
        above, half = self.levels[level + 1], self.tile // 2
        return min(half, above.height - row * half), min(half, above.width - column * half)

    def _size(self, level: int) -> tuple[int, int]:
        found = self.levels[level]
        return -(-found.height // self.tile), -(-found.width // self.tile)


def parent_of(place: Place) -> Place:
    """Return the tile above."""
    level, row, column = place
    return level + 1, row >> 1, column >> 1


def children_of(place: Place) -> Iterator[Place]:
    """Yield the four tiles below; at the border some are not there."""
    level, row, column = place
    for down in (0, 1):
        for right in (0, 1):
            yield level - 1, 2 * row + down, 2 * column + right
