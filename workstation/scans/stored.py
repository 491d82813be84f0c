"""Levels that lie in a TIFF: by decoded pieces kept in the cache, or straight from the rows of the file."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from workstation.scans.cache import TILES, zeros_apart
from workstation.scans.computed import paste, tiles_within
from workstation.scans.crew import spread
from workstation.scans.pieces import CUT_OFF, Pieces, Undecodable
from workstation.scans.scan import DamageLog
from workstation.scans.source import Level, Pixels

_CHUNK = 512


class PieceGrid:
    """A level of tiles or compressed strips; each is decoded once while the cache holds it."""

    def __init__(self, pieces: Pieces, index: int, damage: DamageLog, owner: Hashable) -> None:
        self._pieces = pieces
        self._index = index
        self._damage = damage
        self._owner = owner
        self.level = level_of(pieces)

    def read(self, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        """Return a block; pieces that cannot be decoded are zeros in it."""
        out = zeros_apart((y1 - y0, x1 - x0, self.level.channels), self.level.dtype)
        rows, columns = self._pieces.size

        def put(at: tuple[int, int]) -> None:
            paste(out, y0, x0, self._tile(*at), at[0] * rows, at[1] * columns)

        spread(put, tiles_within(y0, y1, x0, x1, self._pieces.size))
        return out

    def _tile(self, row: int, column: int) -> Pixels:
        first = row * self._pieces.across + column
        key = (self._owner, self._index, self._pieces.offsets[first], self._pieces.rows(first))
        if self._pieces.planes > 1 or not key[2]:  # planes lie apart; absent pieces all have offset 0
            key = (self._owner, self._index, -1 - first, 0)
        return TILES.get(key, lambda: self._decoded(row, column))

    def _decoded(self, row: int, column: int) -> Pixels:
        pieces = self._pieces
        first, plane = row * pieces.across + column, pieces.across * pieces.down
        try:
            blocks = [pieces.decode(first + i * plane) for i in range(pieces.planes)]
            block = blocks[0] if len(blocks) == 1 else np.concatenate(blocks, axis=-1)
        except Undecodable as error:
            self._damage.add(self._index, row, column, str(error))
            return np.zeros((self._pieces.rows(first), pieces.size[1], self.level.channels), self.level.dtype)
        return np.ascontiguousarray(pieces.samples.to_pixels(block))


class RowGrid:
    """A level of uncompressed strips of any size: only the bytes of the block are read."""

    def __init__(self, pieces: Pieces, index: int, damage: DamageLog) -> None:
        self._pieces = pieces
        self._index = index
        self._damage = damage
        self._stored = pieces.samples.stored.newbyteorder(pieces.order)
        self.level = level_of(pieces)

    def read(self, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        """Return a block; rows that the file lacks are zeros in it."""
        pieces = self._pieces
        raw = np.zeros((y1 - y0, x1 - x0, pieces.planes * pieces.channels), pieces.samples.stored)
        lost = np.zeros(y1 - y0, bool)
        for plane in range(pieces.planes):
            samples = slice(plane, plane + 1) if pieces.planes > 1 else slice(None)
            for strip in range(y0 // pieces.size[0], -(-y1 // pieces.size[0])):
                top = strip * pieces.size[0]
                a, b = max(y0, top), min(y1, top + pieces.size[0])
                got = self._strip_rows(plane, strip, a - top, b - top, x0, x1)
                raw[a - y0 : a - y0 + len(got), :, samples] = got
                lost[a - y0 + len(got) : b - y0] = True
        pixels = np.ascontiguousarray(pieces.samples.to_pixels(raw))
        if lost.any():
            pixels[lost] = 0
        return pixels

    def _strip_rows(self, plane: int, strip: int, first: int, last: int, x0: int, x1: int) -> Pixels:
        """Return rows of one strip, fewer where the file lacks them."""
        pieces = self._pieces
        index = plane * pieces.down + strip
        offset, count = pieces.place(index)
        shape = (last - first, x1 - x0, pieces.channels)
        if offset == 0 or count == 0:
            return np.full(shape, pieces.nodata, pieces.samples.stored)
        row = pieces.width * pieces.channels * pieces.samples.stored.itemsize
        held = min(count, max(pieces.file.size - offset, 0)) // row
        rows = max(0, min(last, held) - first)
        if rows < last - first:
            self._damage.add(self._index, strip, 0, CUT_OFF)
        try:
            return self._rows_at(offset + first * row, rows, row, x0, x1)
        except Undecodable as error:
            self._damage.add(self._index, strip, 0, str(error))
            return np.empty((0, *shape[1:]), self._stored)

    def _rows_at(self, offset: int, rows: int, row: int, x0: int, x1: int) -> Pixels:
        pieces = self._pieces
        pixel = row // pieces.width
        out = np.empty((rows, x1 - x0, pieces.channels), self._stored)
        if 2 * (x1 - x0) >= pieces.width:
            whole = np.frombuffer(pieces.read_at(offset, rows * row), self._stored)
            out[:] = whole.reshape(rows, pieces.width, pieces.channels)[:, x0:x1]
            return out
        for y in range(rows):
            data = pieces.read_at(offset + y * row + x0 * pixel, (x1 - x0) * pixel)
            out[y] = np.frombuffer(data, self._stored).reshape(x1 - x0, pieces.channels)
        return out


def level_of(pieces: Pieces) -> Level:
    """Return what a level of these pieces looks like from outside."""
    rows, columns = pieces.size
    if columns == pieces.width:  # strips: whole ones up to about a chunk, or part of a huge one
        rows = min(_CHUNK // rows * rows if rows < _CHUNK else _CHUNK, pieces.height)
    tile = (rows, min(columns, _CHUNK) if columns == pieces.width else columns)
    return Level(pieces.height, pieces.width, pieces.samples.channels, pieces.samples.dtype, tile)
