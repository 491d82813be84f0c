"""A picture stored lying on its side or mirrored (TIFF and EXIF tag 274) is turned upright while it is read.

Everything after the reader sees one picture, the right way up: masks, treatments, pyramids, exports. The scan
is not changed. Only the rows and columns in `Damage` stay those of the file; its `box` is upright.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from workstation.scans.orientation import MIRRORED, ON_ITS_SIDE, UPSIDE_DOWN
from workstation.scans.scan import Grid, Look, StoredGrid, Strips
from workstation.scans.source import Pixels


def orientation_of(value: Any) -> int:
    """Return 1 to 8; whatever else a file says counts as 1, upright."""
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def upright(grid: StoredGrid, orientation: int) -> StoredGrid:
    """Return a level the right way up."""
    return grid if orientation == 1 else UprightGrid(grid, orientation)


def turned(grid: Grid, orientation: int) -> Grid:
    """Return a level that does not lie in the file the right way up."""
    return grid if orientation == 1 else TurnedGrid(grid, orientation)


class TurnedGrid:
    """A level whose rows and columns are turned or mirrored on every read."""

    def __init__(self, lying: Grid, orientation: int) -> None:
        self._lying = lying
        self._mirrored = orientation in MIRRORED
        self._upside_down = orientation in UPSIDE_DOWN
        self._on_its_side = orientation in ON_ITS_SIDE
        level = lying.level
        if self._on_its_side:
            tile = (level.tile[1], level.tile[0])
            level = replace(level, height=level.width, width=level.height, tile=tile)
        self.level = level
        across: Strips = "columns" if lying.strips == "rows" else lying.strips
        self.strips: Strips = across if self._on_its_side else lying.strips

    def read(self, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        """Return a block of the upright picture."""
        if self._mirrored:
            x0, x1 = self.level.width - x1, self.level.width - x0
        if self._upside_down:
            y0, y1 = self.level.height - y1, self.level.height - y0
        if self._on_its_side:
            block = self._lying.read(x0, x1, y0, y1).swapaxes(0, 1)
        else:
            block = self._lying.read(y0, y1, x0, x1)
        rows = slice(None, None, -1 if self._upside_down else 1)
        columns = slice(None, None, -1 if self._mirrored else 1)
        return np.ascontiguousarray(block[rows, columns])


class UprightGrid(TurnedGrid):
    """A level of the file, turned."""

    def __init__(self, stored: StoredGrid, orientation: int) -> None:
        super().__init__(stored, orientation)
        self._stored = stored

    def has_checksums(self) -> bool:
        """Return what holds of the level as it is stored."""
        return self._stored.has_checksums()

    def steps(self) -> int:
        """Return the steps of the level as it is stored."""
        return self._stored.steps()

    def looks(self) -> Iterator[Look]:
        """Yield the looks at the level as it is stored."""
        return self._stored.looks()
