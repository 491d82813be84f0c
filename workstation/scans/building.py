"""The levels of a pyramid while they grow: blocks come in at level 0, encoded tiles go out at all levels."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np

from workstation.errors import CancelledError
from workstation.jobs import STOPPED
from workstation.scans.cache import TILES
from workstation.scans.damaged import refuse_unnamed
from workstation.scans.growing import GrowingFile
from workstation.scans.places import Place
from workstation.scans.reduce import halve, halved_size
from workstation.scans.source import Damage, Metadata, Pixels, TileSource, refuse_passing
from workstation.scans.tables import Layout, Tiled, append_directories

BLOCK_BYTES = 32 << 20
"""No more is read at once by each thread, nor are tiles larger."""


@dataclass(slots=True)
class _Parent:
    """A tile of a coarser level that still lacks some of its quarters."""

    pixels: Pixels
    missing: int


class Building:
    """One pyramid being built; `add` is called once for every superblock, from any thread."""

    def __init__(
        self, source: TileSource, layout: Layout, file: GrowingFile, depth: int | None = None
    ) -> None:
        self._source = source
        self._layout = layout
        self._file = file
        self._levels = empty_levels(source, layout.tile)
        self._depth = self._depth_of_blocks() if depth is None else depth
        self._parents: dict[Place, _Parent] = {}
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._blank: tuple[int, int] | None = None
        self._sound: tuple[Damage, ...] = ()

    @property
    def blocks(self) -> tuple[int, int]:
        """How many superblocks there are, down and across."""
        side = self._layout.tile << self._depth
        return -(-self._levels[0].height // side), -(-self._levels[0].width // side)

    @property
    def done(self) -> frozenset[tuple[int, int]]:
        """The superblocks that an earlier run has written: see keeping.py."""
        return frozenset()

    def settle(self) -> None:
        """Called now and then while superblocks are added."""

    def note(self, place: Place, quarter: Pixels | None) -> None:
        """Called when all tiles of a block are written, with what its parent gets next; None at the top.

        The quarter may be kept: nobody writes into it any more.
        """

    def add(self, row: int, column: int) -> None:
        """Read one superblock and write all tiles that it completes."""
        side, full = self._layout.tile << self._depth, self._levels[0]
        y0, x0 = row * side, column * side
        pixels = self._source.read(0, y0, min(y0 + side, full.height), x0, min(x0 + side, full.width))
        self._refuse_passing()
        self._rise(0, row << self._depth, column << self._depth, self._checked(pixels), self._depth)

    def _refuse_passing(self) -> None:
        """Let no zeros into the file that are not the scan's, or that no name tells from its pixels.

        Whoever tries again may read what could not be read only now.
        """
        damaged = self._source.damaged
        if damaged is not self._sound:  # looked through once, not for every block
            refuse_unnamed(damaged)
            refuse_passing(damaged)
            self._sound = damaged

    def stop(self) -> None:
        """Make all threads stop before their next tile."""
        self._stopped.set()

    def finish(self, metadata: Metadata) -> None:
        """Write the directories of all levels, then the header: from now on the file is a picture."""
        if self._parents:
            raise AssertionError(f"{len(self._parents)} tiles were never completed")
        file = self._file
        file.begin(append_directories(file, file.end, self._layout, self._levels, metadata))

    def _depth_of_blocks(self) -> int:
        """Return how many levels a superblock spans.

        A row of superblocks should fit into half the tile cache: then a source in strips decodes each strip
        once. A source too wide for that even in single tiles is better served by large blocks, but no block
        is larger than BLOCK_BYTES.
        """
        pixel = self._layout.channels * self._layout.dtype.itemsize
        block = self._layout.tile**2 * pixel
        deepest = max((depth for depth in range(3) if block << 2 * depth <= BLOCK_BYTES), default=0)
        row = self._layout.tile * self._levels[0].width * pixel
        fitting = [depth for depth in range(deepest + 1) if row << depth <= TILES.limit // 2]
        return min(max(fitting, default=deepest), len(self._levels) - 1)

    def _checked(self, pixels: Pixels) -> Pixels:
        if pixels.ndim != 3 or pixels.shape[2] != self._layout.channels:
            raise AssertionError(f"a source gave a block of shape {pixels.shape}")
        return np.ascontiguousarray(pixels, self._layout.dtype)

    def _rise(self, level: int, row: int, column: int, pixels: Pixels, depth: int) -> None:
        """Write a block of 2^depth × 2^depth tiles at (row, column), then its halves, up to one tile."""
        blank, begun = _is_blank(pixels), (level, row, column)
        while True:
            self._put_tiles(level, row, column, pixels)
            if level + 1 == len(self._levels):
                return self.note(begun, None)
            pixels = _halved_blank(pixels) if blank else halve(pixels)
            if depth == 0:
                break
            level, row, column, depth = level + 1, row >> 1, column >> 1, depth - 1
        self.note(begun, pixels)
        self._hand_up(level + 1, row, column, pixels)

    def _hand_up(self, level: int, row: int, column: int, quarter: Pixels) -> None:
        """Give the halved tile (row, column) to its parent; go on with the parent once it is whole."""
        key, half = (level, row >> 1, column >> 1), self._layout.tile // 2
        with self._lock:
            parent = self._parents.get(key)
            if parent is None:
                parent = self._parents[key] = self._new_parent(*key)
        y, x = (row & 1) * half, (column & 1) * half
        parent.pixels[y : y + quarter.shape[0], x : x + quarter.shape[1]] = quarter
        with self._lock:
            parent.missing -= 1
            if parent.missing:
                return
            del self._parents[key]
        self._rise(*key, parent.pixels, 0)

    def _new_parent(self, level: int, row: int, column: int) -> _Parent:
        tile, sizes = self._layout.tile, self._levels[level]
        height, width = min(tile, sizes.height - row * tile), min(tile, sizes.width - column * tile)
        quarters = (1 + (height > tile // 2)) * (1 + (width > tile // 2))
        return _Parent(np.empty((height, width, self._layout.channels), self._layout.dtype), quarters)

    def _put_tiles(self, level: int, row: int, column: int, pixels: Pixels) -> None:
        tile = self._layout.tile
        for y in range(0, pixels.shape[0], tile):
            for x in range(0, pixels.shape[1], tile):
                if self._stopped.is_set():
                    raise CancelledError(STOPPED)
                block = pixels[y : y + tile, x : x + tile]
                self._put(level, row + y // tile, column + x // tile, block)

    def _put(self, level: int, row: int, column: int, block: Pixels) -> None:
        tiled = self._levels[level]
        at = row * -(-tiled.width // self._layout.tile) + column
        tiled.offsets[at], tiled.counts[at] = self._written(block)

    def _written(self, block: Pixels) -> tuple[int, int]:
        """Write one tile; all tiles without a single bit set share one place in the file."""
        if _is_blank(block):
            with self._lock:
                if self._blank is None:
                    self._blank = self._append(block)
                return self._blank
        return self._append(block)

    def _append(self, block: Pixels) -> tuple[int, int]:
        data = self._layout.encoding.encode(_filled(block, self._layout.tile))
        return self._file.append(data), len(data)


def _is_blank(block: Pixels) -> bool:
    """Tell whether no bit is set (a minus zero has one); the first row tells most others apart at once."""
    return not block[0].view(np.uint8).any() and not block.view(np.uint8).any()


def _halved_blank(block: Pixels) -> Pixels:
    height, width, channels = block.shape
    return np.zeros((halved_size(height), halved_size(width), channels), block.dtype)


def _filled(block: Pixels, tile: int) -> Pixels:
    """Fill a tile at the right or lower edge by repeating the picture's edge."""
    below, right = tile - block.shape[0], tile - block.shape[1]
    if not below and not right:
        return block
    return np.pad(block, ((0, below), (0, right), (0, 0)), mode="edge")


def tile_that_fits(tile: int, pixel: int) -> int:
    """Return the side of a tile: the one asked for, or less where pixels of so many bytes are too heavy."""
    while tile > 16 and tile**2 * pixel > BLOCK_BYTES:
        tile = tile // 32 * 16
    return tile


def empty_levels(source: TileSource, tile: int) -> list[Tiled]:
    """Return the levels of a pyramid of the source, down to one tile, with room for where tiles will lie."""
    height, width = source.levels[0].height, source.levels[0].width
    levels: list[Tiled] = []
    while True:
        count = -(-height // tile) * -(-width // tile)
        levels.append(Tiled(height, width, np.zeros(count, np.uint64), np.zeros(count, np.uint32)))
        if max(height, width) <= tile:
            return levels
        height, width = halved_size(height), halved_size(width)
