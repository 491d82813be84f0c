"""Levels that lie in a TIFF: by decoded pieces kept in the cache, or straight from the rows of the file."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import nullcontext
from functools import partial

import numpy as np

from workstation.scans.cache import Share
from workstation.scans.computed import only_tile, paste, tiles_within
from workstation.scans.crew import spread
from workstation.scans.damaged import MOST_DAMAGE, DamageLog
from workstation.scans.direct import Room
from workstation.scans.pieces import Pieces
from workstation.scans.rooms import room_apart, zeros_apart
from workstation.scans.samples import Samples
from workstation.scans.scan import Look, Strips
from workstation.scans.source import Level, Pixels
from workstation.scans.undecodable import CUT_OFF, Undecodable

_CHUNK = 512
_READ = 4 << 20
_KNOWN = 1 << 16
_BAND = 4 << 20
_LARGE = 32 << 20
_large = threading.Lock()
"""Tiles above _LARGE bytes are decoded one after the other, or as many threads would fill the memory."""


class PieceGrid:
    """A level of tiles or compressed strips; each is decoded once while the cache holds it."""

    def __init__(self, pieces: Pieces, index: int, damage: DamageLog, share: Share) -> None:
        self._pieces = pieces
        self._index = index
        self._damage = damage
        self._share = share
        self._broken: dict[tuple[int, ...], tuple[str, bool]] = {}
        """Why there are no pixels, and whether that may pass: of these the cache holds but zeros."""
        self.level = level_of(pieces)
        self.strips: Strips = "rows" if pieces.size[1] == pieces.width else "none"

    def read(self, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        """Return a block, one whole piece as it is in the cache; pieces that cannot be decoded are zeros."""
        at = only_tile(y0, y1, x0, x1, self._pieces.size)
        if at and (tile := self._tile(*at)).shape[:2] == (y1 - y0, x1 - x0) and tile.flags.c_contiguous:
            return tile
        out = zeros_apart((y1 - y0, x1 - x0, self.level.channels), self.level.dtype)
        rows, columns = self._pieces.size

        def put(at: tuple[int, int]) -> None:
            paste(out, y0, x0, self._tile(*at), at[0] * rows, at[1] * columns)

        spread(put, tiles_within(y0, y1, x0, x1, self._pieces.size))
        return out

    def _tile(self, row: int, column: int) -> Pixels:
        first = row * self._pieces.across + column
        use = self._use(first)
        tile = self._share.get((self._index, *use), lambda: self._shown(first, use))
        if not any(tile.strides) and (why := self._broken.get(use)):  # perhaps found out by another tile
            self._lose(first, why[0], passing=why[1])
        return tile

    def _use(self, first: int) -> tuple[int, ...]:
        """Return what a piece must have in common with another to be decoded with it."""
        pieces = self._pieces
        offset, count = pieces.place(first)
        if pieces.planes > 1 or not (offset and count):  # planes lie apart, what is absent lies nowhere
            return (-1 - first,)
        (row, column), (high, wide) = divmod(first, pieces.across), pieces.size
        rows, columns = min(high, pieces.height - row * high), min(wide, pieces.width - column * wide)
        return offset, count, rows, columns  # at an edge a piece may hold less

    def _shown(self, first: int, use: tuple[int, ...]) -> Pixels:
        pieces = self._pieces
        with _large if pieces.heaviest > _LARGE else nullcontext():
            try:
                blocks = self._decoded(first, room_apart)
            except Undecodable as error:
                if len(self._broken) < MOST_DAMAGE:
                    self._broken[use] = str(error), error.passing
                self._lose(first, str(error), passing=error.passing)
                shape = pieces.rows(first), pieces.size[1], self.level.channels
                return np.broadcast_to(np.zeros((), self.level.dtype), shape)
            return _converted(
                blocks[0] if len(blocks) == 1 else np.concatenate(blocks, axis=-1), pieces.samples
            )

    def _decoded(self, first: int, room: Room = np.empty) -> list[Pixels]:
        plane = self._pieces.across * self._pieces.down
        if self._pieces.planes > 1:  # they are put together elsewhere
            room = np.empty
        return [self._pieces.decode(first + i * plane, room) for i in range(self._pieces.planes)]

    def has_checksums(self) -> bool:
        """Tell whether any changed bit of a tile would be found."""
        return self._pieces.has_checksums()

    def steps(self) -> int:
        """Return how many tiles there are to look at."""
        return self._pieces.across * self._pieces.down

    def looks(self) -> Iterator[Look]:
        """Yield what decodes each tile and names it where it is damaged; one used twice is decoded once."""
        known: dict[tuple[int, ...], tuple[str, bool] | None] = {}

        def look(first: int) -> None:
            use = self._use(first)
            why = known[use] if use in known else self._why(first)
            if len(known) < _KNOWN and use[0] >= 0:
                known[use] = why
            if why is not None:
                self._lose(first, why[0], passing=why[1])

        for first in range(self.steps()):
            yield Look(first, self._pieces.heaviest, partial(look, first))

    def _lose(self, first: int, reason: str, *, passing: bool) -> None:
        pieces = self._pieces
        box, size = pieces.box(first, 0, pieces.rows(first)), (pieces.height, pieces.width)
        at = divmod(first, pieces.across)
        self._damage.add(self._index, *at, reason, box, size, passing=passing)

    def _why(self, first: int) -> tuple[str, bool] | None:
        """Return why a piece is damaged, and whether that may pass; the error itself would hold its data."""
        with _large if self._pieces.heaviest > _LARGE else nullcontext():
            try:
                self._decoded(first)
            except Undecodable as error:
                return str(error), error.passing
        return None


class RowGrid:
    """A level of uncompressed strips of any size: only the bytes of the block are read."""

    strips: Strips = "none"

    def __init__(self, pieces: Pieces, index: int, damage: DamageLog) -> None:
        self._pieces = pieces
        self._index = index
        self._damage = damage
        self._stored = pieces.samples.stored.newbyteorder(pieces.order)
        self.level = level_of(pieces)

    def read(self, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        """Return a block; rows that the file lacks are zeros in it."""
        pieces, high = self._pieces, self._pieces.size[0]
        planes = np.empty((pieces.planes, y1 - y0, x1 - x0, pieces.channels), self._stored)
        lost = np.zeros(y1 - y0, bool)
        for plane, rows in enumerate(planes):
            for strip in range(y0 // high, -(-y1 // high)):
                top = strip * high
                a, b = max(y0, top), min(y1, top + high)
                held = self._read_rows(plane * pieces.down + strip, a - top, x0, rows[a - y0 : b - y0])
                lost[a - y0 + held : b - y0] = True
        planes[:, lost] = 0
        block = planes[0] if pieces.planes == 1 else np.concatenate(planes, axis=-1)
        pixels = np.ascontiguousarray(
            pieces.samples.to_pixels(block.astype(pieces.samples.stored, copy=False))
        )
        pixels[lost] = 0
        return pixels

    def has_checksums(self) -> bool:
        """Return False: bare samples have none."""
        return False

    def steps(self) -> int:
        """Return how many chunks of bytes the strips have."""
        return self._pieces.down * self._pieces.planes * self._chunks()

    def looks(self) -> Iterator[Look]:
        """Yield what reads each chunk of bytes that the file has; strips that it has not whole are named."""
        pieces = self._pieces
        for index in range(pieces.down * pieces.planes):
            offset, count = pieces.place(index)
            row = pieces.width * pieces.channels * pieces.samples.stored.itemsize
            needed = pieces.rows(index) * row
            held = min(count, max(pieces.file.size - offset, 0), needed)
            if offset and count and held < needed:
                self._lose(index, held // row, CUT_OFF)
            for chunk, at in enumerate(range(0, held if offset else 0, _READ)):
                size = min(_READ, held - at)
                look = partial(self._look, index, offset + at, size)
                yield Look(index * self._chunks() + chunk, size, look)

    def _chunks(self) -> int:
        return -(-self._pieces.nbytes // _READ)

    def _look(self, index: int, offset: int, count: int) -> None:
        try:
            self._pieces.read_at(offset, count)
        except Undecodable as error:
            self._lose(index, 0, str(error), passing=error.passing)

    def _read_rows(self, index: int, first: int, x0: int, out: Pixels) -> int:
        """Fill `out` with rows of one strip from row `first`; return how many of them the file has."""
        pieces = self._pieces
        offset, count = pieces.place(index)
        if offset == 0 or count == 0:
            out[:] = pieces.nodata
            return len(out)
        row = pieces.width * out[0, :1].nbytes
        held = min(count, max(pieces.file.size - offset, 0)) // row
        rows = max(0, min(first + len(out), held) - first)
        if rows < len(out):
            self._lose(index, held, CUT_OFF)
        if not rows:
            return 0
        try:
            self._fill(out[:rows], offset + first * row, row, x0)
        except Undecodable as error:
            self._lose(index, 0, str(error), passing=error.passing)
            return 0
        return rows

    def _lose(self, index: int, held: int, reason: str, *, passing: bool = False) -> None:
        """Name a strip of which only the first `held` rows can be read."""
        pieces = self._pieces
        box, size = pieces.box(index, held, pieces.rows(index)), (pieces.height, pieces.width)
        self._damage.add(self._index, index % pieces.down, 0, reason, box, size, passing=passing)

    def _fill(self, out: Pixels, offset: int, row: int, x0: int) -> None:
        """Read the columns from `x0` of rows that begin at `offset` and are `row` bytes long."""
        width = self._pieces.width
        if out.shape[1] == width:
            self._pieces.read_into(offset, out)
        elif 2 * out.shape[1] >= width:
            whole = np.empty((len(out), width, out.shape[2]), out.dtype)
            self._pieces.read_into(offset, whole)
            out[:] = whole[:, x0 : x0 + out.shape[1]]
        else:
            self._pieces.read_into(offset + x0 * out[0, 0].nbytes, out, step=row)


def _converted(block: Pixels, samples: Samples) -> Pixels:
    """Return the pixels of stored samples, a large tile by bands: conversions take many times their room."""
    rows = max(1, _BAND * len(block) // max(block.nbytes, 1))
    if rows >= len(block):
        return np.ascontiguousarray(samples.to_pixels(block))
    out = room_apart((*block.shape[:2], samples.channels), samples.dtype)
    for y in range(0, len(block), rows):
        out[y : y + rows] = samples.to_pixels(block[y : y + rows])
    return out


def level_of(pieces: Pieces) -> Level:
    """Return what a level of these pieces looks like from outside."""
    rows, columns = pieces.size
    if columns == pieces.width:  # strips: whole ones up to about a chunk, or part of a huge one
        rows = min(_CHUNK // rows * rows if rows < _CHUNK else _CHUNK, pieces.height)
    tile = (rows, min(columns, _CHUNK) if columns == pieces.width else columns)
    return Level(pieces.height, pieces.width, pieces.samples.channels, pieces.samples.dtype, tile)
