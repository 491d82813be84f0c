"""A tile source as it is seen: in the display's colours, each tile converted once and then kept."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from workstation.scans.cache import TileCache
from workstation.scans.colour import Conversion, Display, conversion, is_plain, shown_dtype
from workstation.scans.computed import paste, tiles_within
from workstation.scans.crew import spread
from workstation.scans.hatch import damage_seen
from workstation.scans.source import Box, Damage, Level, Metadata, Pixels, TileSource, colours_of

TILE = 512
CONVERTED = TileCache(96 << 20)
"""The converted tiles of all scans: a view that is seen again costs nothing."""


class Way:
    """How a source is seen for the time being; tiles kept under another way are never seen."""

    def __init__(self, source: TileSource, display: Display) -> None:
        self._source, self.display = source, display
        self.plain = is_plain(source.metadata.icc, display)
        self.colours = colours_of(source)
        self.levels = tuple(self._level(level) for level in source.levels)

    @property
    def kind(self) -> tuple[np.dtype[Any], bool]:
        """What the samples are like: their type, and whether they are colours."""
        return self.levels[0].dtype, not self.plain or self.colours == 3

    @cached_property
    def conversion(self) -> Conversion:
        """How the samples are converted; worked out by whoever reads first, which is never the window."""
        metadata = self._source.metadata
        return conversion(metadata.icc, self.colours, self.display, metadata.white)

    def _level(self, level: Level) -> Level:
        if self.plain:
            return level
        return Level(level.height, level.width, 3, shown_dtype(level), (TILE, TILE))


class Shown:
    """A source through a display. Only what looks at pixels reads it, never what works on them."""

    def __init__(self, source: TileSource, display: Display) -> None:
        self.source = source
        self._way = Way(source, display)

    @property
    def levels(self) -> tuple[Level, ...]:
        """The resolutions as they are seen."""
        return self._way.levels

    @property
    def metadata(self) -> Metadata:
        """What travels with the pixels; converted ones are colours and nothing else."""
        metadata = self.source.metadata
        return metadata if self._way.plain else replace(metadata, extra=())

    @property
    def damaged(self) -> tuple[Damage, ...]:
        """The tiles found damaged so far."""
        return self.source.damaged

    def damage_seen(self, level: int, block: Box) -> set[Box]:
        """Return where a block of a level shows damage, in that level's pixels."""
        return damage_seen(self.source, level, block)

    @property
    def conversion(self) -> Conversion:
        """How the samples are converted now."""
        return self._way.conversion

    def read(self, level: int, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        """Return a block in the display's colours."""
        way = self._way  # one for the whole block, whatever happens meanwhile
        if way.plain:
            return self.source.read(level, y0, y1, x0, x1)
        here = way.levels[level]
        out = np.empty((y1 - y0, x1 - x0, here.channels), here.dtype)
        missing: list[tuple[int, int]] = []
        for at in tiles_within(y0, y1, x0, x1, (TILE, TILE)):
            tile = CONVERTED.look((way, level, *at))
            if tile is None:
                missing.append(at)
            else:
                paste(out, y0, x0, tile, at[0] * TILE, at[1] * TILE)
        spread(lambda run: self._fetch(out, y0, x0, way, level, run), _runs(missing))
        return out

    def see_through(self, display: Display) -> bool:
        """Change the display; False, and nothing changes, where the samples would be of another kind."""
        way = Way(self.source, display)
        if way.kind != self._way.kind:
            return False
        before, self._way = self._way, way
        CONVERTED.forget(before)
        return True

    def forget(self) -> None:
        """Convert anew: the source's pixels are others now."""
        self.see_through(self._way.display)

    def close(self) -> None:
        """Give the converted tiles back; the source is its owner's."""
        CONVERTED.forget(self._way)

    def _fetch(self, out: Pixels, y0: int, x0: int, way: Way, level: int, run: tuple[int, int, int]) -> None:
        """Read a run of tiles of one row at once, convert and keep them."""
        row, first, end = run
        here = self.source.levels[level]
        top, left = row * TILE, first * TILE
        bottom, right = min(top + TILE, here.height), min(end * TILE, here.width)
        block = self.source.read(level, top, bottom, left, right)
        for column in range(first, end):
            part = block[:, (column - first) * TILE : (column - first + 1) * TILE]
            tile = way.conversion(part[..., : way.colours])
            CONVERTED.keep((way, level, row, column), tile)
            paste(out, y0, x0, tile, top, column * TILE)


def _runs(tiles: list[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """Return neighbours in a row as (row, first column, end column)."""
    runs: list[tuple[int, int, int]] = []
    for row, column in tiles:
        if runs and runs[-1][0] == row and runs[-1][2] == column:
            runs[-1] = (row, runs[-1][1], column + 1)
        else:
            runs.append((row, column, column + 1))
    return runs
