"""SHA-256 of the pixels of every tile of a scan, as decoded: by them it is told later which tiles changed.

The pixels of a tile are hashed row by row, with the samples of a pixel side by side in little-endian order,
so that neither compression nor layout matter. A tile of which something cannot be decoded has another hash
than one that is black there. Tiles too small to be worth a hash each count as one with
those around them, and so do those of a scan that has more than a quarter of a million: the C2PA library takes
over four times as much memory as all hashes together.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from workstation.errors import ScanError
from workstation.jobs import Job, Progress
from workstation.scans.crew import THREADS, each, new_crew
from workstation.scans.damaged import refuse_unnamed
from workstation.scans.opening import pages_to_read_once
from workstation.scans.scan import Scan
from workstation.scans.source import Box, Damage, Level, refuse_passing

MOST_TILES, SMALLEST_SIDE = 1 << 18, 128
HASH_BYTES = 32
_BYTES_AT_ONCE = 16 << 20
_Band: TypeAlias = tuple[int, int, int]
"""A run of tiles: their row, the first column and the end."""


@dataclass(frozen=True, slots=True)
class TiledPage:
    """One page of a file, cut into tiles."""

    index: int
    height: int
    width: int
    channels: int
    dtype: str
    tile: tuple[int, int]
    """Rows and columns of a tile; the last ones of a row or column may have fewer."""
    made_from: str | None = None
    """See PageInfo."""

    @property
    def down(self) -> int:
        """The number of tiles in a column."""
        return -(-self.height // self.tile[0])

    @property
    def across(self) -> int:
        """The number of tiles in a row."""
        return -(-self.width // self.tile[1])

    @property
    def count(self) -> int:
        """The number of tiles."""
        return self.down * self.across

    def box(self, row: int, column: int) -> Box:
        """Return where a tile lies."""
        y, x = row * self.tile[0], column * self.tile[1]
        return y, min(y + self.tile[0], self.height), x, min(x + self.tile[1], self.width)


@dataclass(frozen=True, slots=True)
class TileHashes:
    """The tiles of all pages of a file, and their hashes: page by page, row by row, 32 bytes each."""

    pages: tuple[TiledPage, ...]
    hashes: bytes

    def by_page(self) -> dict[int, tuple[TiledPage, bytes]]:
        """Return every page and its hashes, by the number of the page in the file."""
        found, start = dict[int, tuple[TiledPage, bytes]](), 0
        for page in self.pages:
            end = start + page.count * HASH_BYTES
            found[page.index], start = (page, self.hashes[start:end]), end
        return found


class TooMuchError(ScanError):
    """A file unpacks to more pixels than were to be read."""


def hash_tiles(
    path: Path, cut_as: tuple[TiledPage, ...] = (), most_bytes: float = math.inf
) -> Job[TileHashes]:
    """Decode every tile of every page of a TIFF once, in constant memory, and hash its pixels.

    `cut_as` tells how pages are cut where somebody has cut them before; a page of another size is cut anew.
    Raises ScanError where the file is no TIFF that can be read, or where it cannot be read just now, and
    TooMuchError before it decodes more than `most_bytes`.
    """
    cuts = {told.index: told for told in cut_as}
    pages: list[TiledPage] = []
    found: list[bytes] = []
    budget = MOST_TILES
    crew = new_crew(THREADS, "hash")
    try:
        for scan in pages_to_read_once(path):
            most_bytes -= _bytes_of(scan.levels[0])
            if most_bytes < 0:
                raise TooMuchError(f"{path} unpacks to far more than it has bytes.")
            page = tiled(scan, budget)
            known = cuts.get(page.index)
            if known is not None and (known.height, known.width) == (page.height, page.width):
                page = _cut_as(page, known)
            hashes = bytearray(page.count * HASH_BYTES)
            bands = list(_bands(scan.levels[0], page, scan.grid(0).strips == "rows"))

            def work(
                band: _Band, scan: Scan = scan, page: TiledPage = page, into: bytearray = hashes
            ) -> None:
                _hash_band(scan, page, band, into)

            what = f"hashing the tiles of page {page.index + 1} of {path.name}"
            for done, _ in enumerate(each(crew, THREADS, work, bands), 1):
                yield Progress(done, len(bands), what)
            _mark_damage(scan, page, hashes)
            pages.append(page)
            found.append(bytes(hashes))
            budget = max(budget - page.count, 1)
    finally:
        crew.shutdown(wait=True, cancel_futures=True)
    return TileHashes(tuple(pages), b"".join(found))


def tiled(scan: Scan, most: int = MOST_TILES) -> TiledPage:
    """Return how a page is cut: by its own tiles, or by as many of them as make at most `most` tiles."""
    level = scan.levels[0]
    rows, columns = (side * -(-SMALLEST_SIDE // side) for side in level.tile)
    while -(-level.height // rows) * -(-level.width // columns) > most:
        rows, columns = rows * 2, columns * 2
    dtype = level.dtype.newbyteorder("<").str
    sizes = level.height, level.width, level.channels
    return TiledPage(scan.page.index, *sizes, dtype, (rows, columns), scan.page.made_from)


def _cut_as(page: TiledPage, known: TiledPage) -> TiledPage:
    sizes = page.height, page.width, page.channels
    return TiledPage(page.index, *sizes, page.dtype, known.tile, page.made_from)


def _bands(level: Level, page: TiledPage, in_rows: bool) -> Iterator[_Band]:
    """Yield runs of tiles, for one thread each."""
    tile_bytes = page.tile[0] * page.tile[1] * level.channels * level.dtype.itemsize
    run = page.across if in_rows else max(1, _BYTES_AT_ONCE // tile_bytes)
    for row in range(page.down):
        for column in range(0, page.across, run):
            yield row, column, min(column + run, page.across)


def _hash_band(scan: Scan, page: TiledPage, band: _Band, into: bytearray) -> None:
    row, first, end = band
    top, bottom, left, _ = page.box(row, first)
    right = page.box(row, end - 1)[3]
    digests = [hashlib.sha256() for _ in range(first, end)]
    level = scan.levels[0]
    rows = max(1, _BYTES_AT_ONCE // max(1, (right - left) * level.channels * level.dtype.itemsize))
    for y in range(top, bottom, rows):
        block = scan.read(0, y, min(y + rows, bottom), left, right)
        for at, digest in enumerate(digests):
            part = block[:, at * page.tile[1] : (at + 1) * page.tile[1]]
            digest.update(_plain(part))
    for at, digest in enumerate(digests):
        start = (row * page.across + first + at) * HASH_BYTES
        into[start : start + HASH_BYTES] = digest.digest()


def _mark_damage(scan: Scan, page: TiledPage, hashes: bytearray) -> None:
    """Have every tile with pixels that cannot be decoded, and are zeros only for want of better, say so."""
    refuse_passing(scan.damaged)
    refuse_unnamed(scan.damaged, scan.path)
    for damage in scan.damaged:
        if damage.level:
            continue
        y0, y1, x0, x1 = _place_of(damage, scan.levels[0])
        told = f"damaged {y0} {y1} {x0} {x1}\n".encode()
        for row in range(y0 // page.tile[0], -(-min(y1, page.height) // page.tile[0])):
            for column in range(x0 // page.tile[1], -(-min(x1, page.width) // page.tile[1])):
                at = slice(start := (row * page.across + column) * HASH_BYTES, start + HASH_BYTES)
                hashes[at] = hashlib.sha256(told + hashes[at]).digest()


def _place_of(damage: Damage, level: Level) -> Box:
    if damage.box is not None:
        return damage.box
    (rows, columns), row, column = level.tile, damage.row, damage.column
    return row * rows, (row + 1) * rows, column * columns, (column + 1) * columns


def _bytes_of(level: Level) -> int:
    return level.height * level.width * level.channels * level.dtype.itemsize


def _plain(pixels: np.ndarray[Any, Any]) -> Any:
    return np.ascontiguousarray(pixels, pixels.dtype.newbyteorder("<")).data
