"""A mask of any size: kept in tiles, and only where something is marked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from workstation.errors import MaskError
from workstation.scans.source import TileSource, blocks

TILE = 512
Bits: TypeAlias = npt.NDArray[np.bool_]
Packed: TypeAlias = npt.NDArray[np.uint8]
"""A tile with eight pixels to the byte; never edited in place."""
FULL: Packed = np.packbits(np.ones((TILE, TILE), bool), axis=1)
"""Shared by all tiles that are marked throughout."""


class Mask:
    """Where an operation may act, in level-0 pixels of its scan. What nobody marked costs nothing."""

    def __init__(self, height: int, width: int) -> None:
        self.height = height
        self.width = width
        self._tiles: dict[tuple[int, int], Packed] = {}

    @classmethod
    def from_array(cls, marked: npt.NDArray[np.generic]) -> Mask:
        """Mark where a (height, width) array is not zero."""
        mask = cls(*marked.shape[:2])
        mask.write(0, 0, marked != 0)
        return mask

    @classmethod
    def whole(cls, height: int, width: int) -> Mask:
        """Mark every pixel."""
        mask = cls(height, width)
        for top in range(0, height, TILE):
            for left in range(0, width, TILE):
                mask.write(top, left, _unpacked(FULL))
        return mask

    @property
    def tiles(self) -> tuple[tuple[int, int], ...]:
        """The (row, column) of every tile with a marked pixel, in reading order."""
        return tuple(sorted(self._tiles))

    @property
    def area(self) -> int:
        """The number of marked pixels."""
        return sum(int(np.bitwise_count(tile).sum()) for tile in self._tiles.values())

    def read(self, y0: int, y1: int, x0: int, x1: int) -> Bits:
        """Return the block as booleans; what lies outside the picture is not marked."""
        block = np.zeros((y1 - y0, x1 - x0), bool)
        for row, column in self._within(y0, y1, x0, x1):
            tile = self._tiles.get((row, column))
            if tile is not None:
                _copy(_unpacked(tile), row * TILE, column * TILE, block, y0, x0)
        return block

    def any(self, y0: int, y1: int, x0: int, x1: int) -> bool:
        """Tell whether a pixel of the block is marked, without building the block where tiles are empty."""
        if not any(key in self._tiles for key in self._within(y0, y1, x0, x1)):
            return False
        return bool(self.read(y0, y1, x0, x1).any())

    def write(self, y0: int, x0: int, marked: Bits) -> None:
        """Replace the block at (y0, x0); parts outside the picture are cut off."""
        marked = marked[: max(self.height - y0, 0), : max(self.width - x0, 0)]
        if y0 < 0 or x0 < 0:
            marked, y0, x0 = marked[max(-y0, 0) :, max(-x0, 0) :], max(y0, 0), max(x0, 0)
        if not marked.size:
            return
        for row, column in self._within(y0, y0 + marked.shape[0], x0, x0 + marked.shape[1]):
            self._write_tile(row, column, y0, x0, marked)

    def add(self, y0: int, x0: int, marked: Bits) -> None:
        """Mark further pixels of the block at (y0, x0)."""
        here = self.read(y0, y0 + marked.shape[0], x0, x0 + marked.shape[1])
        self.write(y0, x0, here | marked)

    def remove(self, y0: int, x0: int, marked: Bits) -> None:
        """Unmark pixels of the block at (y0, x0)."""
        here = self.read(y0, y0 + marked.shape[0], x0, x0 + marked.shape[1])
        self.write(y0, x0, np.logical_and(here, ~marked))

    def join(self, other: Mask) -> Mask:
        """Return a mask that is marked where either of the two, of one size, is."""
        other.check_fits(self.height, self.width)
        joined = self.copy()
        for place, tile in other._tiles.items():
            joined._tiles[place] = tile | self._tiles[place] if place in self._tiles else tile
        return joined

    def copy(self) -> Mask:
        """Return a mask that shares its tiles until one of the two is changed (tiles are never edited)."""
        twin = Mask(self.height, self.width)
        twin._tiles = dict(self._tiles)
        return twin

    def sha256(self) -> str:
        """Return a hash of size and marked pixels, the same however the mask came about."""
        digest = hashlib.sha256(f"mask {self.width} {self.height}\n".encode())
        for row, column in self.tiles:
            digest.update(f"{row} {column}\n".encode() + self._tiles[row, column].tobytes())
        return digest.hexdigest()

    def check_fits(self, height: int, width: int) -> None:
        """Raise MaskError unless the mask is as large as the picture."""
        if (self.height, self.width) != (height, width):
            raise MaskError(
                f"The mask is {self.width} × {self.height} px, its picture {width} × {height} px. "
                "Use a mask made for this picture."
            )

    def _within(self, y0: int, y1: int, x0: int, x1: int) -> Iterator[tuple[int, int]]:
        last_row, last_column = (self.height - 1) // TILE, (self.width - 1) // TILE
        for row in range(max(y0, 0) // TILE, min((y1 - 1) // TILE, last_row) + 1):
            for column in range(max(x0, 0) // TILE, min((x1 - 1) // TILE, last_column) + 1):
                yield row, column

    def _write_tile(self, row: int, column: int, y0: int, x0: int, marked: Bits) -> None:
        old = self._tiles.get((row, column))
        tile = np.zeros((TILE, TILE), bool) if old is None else _unpacked(old)
        top, left = row * TILE, column * TILE
        a, b = max(y0, top), min(y0 + marked.shape[0], top + TILE)
        c, d = max(x0, left), min(x0 + marked.shape[1], left + TILE)
        tile[a - top : b - top, c - left : d - left] = marked[a - y0 : b - y0, c - x0 : d - x0]
        if tile.any():
            self._tiles[row, column] = FULL if tile.all() else np.packbits(tile, axis=1)
        else:
            self._tiles.pop((row, column), None)


def _unpacked(tile: Packed) -> Bits:
    return np.unpackbits(tile, axis=1).view(bool)


def _copy(tile: Bits, top: int, left: int, block: Bits, y0: int, x0: int) -> None:
    a, b = max(y0, top), min(y0 + block.shape[0], top + tile.shape[0])
    c, d = max(x0, left), min(x0 + block.shape[1], left + tile.shape[1])
    block[a - y0 : b - y0, c - x0 : d - x0] = tile[a - top : b - top, c - left : d - left]


def mask_from(source: TileSource) -> Mask:
    """Read a mask from a picture: every pixel with a sample that is not zero is marked."""
    level = source.levels[0]
    mask = Mask(level.height, level.width)
    for place in blocks(level, TILE):
        mask.write(place[0], place[2], np.asarray(source.read(0, *place).any(axis=-1)))
    return mask
