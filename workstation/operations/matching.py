"""Compares two pictures sample by sample, tile by tile: whether they are the same, and where they are not."""

from __future__ import annotations

import hashlib
import math
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from workstation.jobs import Job, Progress
from workstation.operations.mask import TILE, Bits, Mask
from workstation.scans.crew import new_crew
from workstation.scans.pyramid import THREADS
from workstation.scans.source import Box, Level, Pixels, TileSource

STRIP = 4
"""Tiles that are read at once: with their surroundings they cost less together."""
MOST_TILES = 200
"""So many differing tiles are told one by one; the mask shows all."""
MOST_PARTIAL = 2048
"""Tiles of the mask that are kept pixel by pixel (64 MiB); a further one counts as a whole."""
Pair: TypeAlias = tuple[Pixels, Pixels]


@dataclass(frozen=True, slots=True)
class TileDifference:
    """One tile in which the two differ."""

    row: int
    column: int
    box: Box
    """The smallest box that holds the differing pixels: rows from, to, columns from, to."""
    pixels: int
    largest: float
    """In samples; infinite where a number stands against none."""


@dataclass(slots=True)
class Match:
    """What was found; grows while the pictures are read."""

    mask: Mask
    """The pixels that differ."""
    largest: float = 0.0
    pixels: int = 0
    tiles: list[TileDifference] = field(default_factory=list)
    """The first ones, in reading order."""
    tiles_different: int = 0
    box: Box | None = None
    """The smallest box that holds all differing pixels."""
    low: float = math.inf
    high: float = -math.inf
    """The least and the greatest finite sample of the first picture."""
    hashes: tuple[str, str] = ("", "")
    """Of the pixels of both, as render.pixels_hash has them."""


def match(first: TileSource, second: TileSource, check: Callable[[], None]) -> Job[Match]:
    """Compare the full resolution of two pictures of the same size and type, in constant memory.

    `check` is called after each strip of tiles and may raise an error that stops the work.
    """
    level = first.levels[0]
    found, hashes = Match(Mask(level.height, level.width)), _Hashes(level)
    strips = [
        (y, min(y + TILE, level.height), x, min(x + STRIP * TILE, level.width))
        for y in range(0, level.height, TILE)
        for x in range(0, level.width, STRIP * TILE)
    ]
    crew = new_crew(THREADS, "replay")
    try:
        yield Progress(0, len(strips), "comparing")
        for done, (box, pair) in enumerate(_ahead(crew, first, second, strips), 1):
            check()
            _add(found, hashes, box, pair)
            yield Progress(done, len(strips), "comparing")
    finally:
        crew.shutdown(cancel_futures=True)
    found.hashes = hashes.hexdigests()
    return found


def _ahead(
    crew: ThreadPoolExecutor, first: TileSource, second: TileSource, boxes: list[Box]
) -> Iterator[tuple[Box, Pair]]:
    """Yield the pairs of blocks in order, while a few more are being read."""
    waiting: deque[tuple[Box, Future[Pair]]] = deque()
    for box in boxes:
        waiting.append((box, crew.submit(_pair, first, second, box)))
        if len(waiting) > THREADS:
            place, future = waiting.popleft()
            yield place, future.result()
    while waiting:
        place, future = waiting.popleft()
        yield place, future.result()


def _pair(first: TileSource, second: TileSource, box: Box) -> Pair:
    return first.read(0, *box), second.read(0, *box)


class _Hashes:
    """The hashes of two pictures, which are one as long as the pictures are the same."""

    def __init__(self, level: Level) -> None:
        head = f"{level.width} {level.height} {level.channels} {level.dtype.str[1:]}\n"
        self._one = hashlib.sha256(head.encode())
        self._other: hashlib._Hash | None = None

    def add(self, a: Pixels, b: Pixels, same: bool) -> None:
        if not same and self._other is None:
            self._other = self._one.copy()
        self._one.update(_bytes(a))
        if self._other is not None:
            self._other.update(_bytes(b))

    def hexdigests(self) -> tuple[str, str]:
        return self._one.hexdigest(), (self._other or self._one).hexdigest()


def _bytes(block: Pixels) -> bytes:
    return np.ascontiguousarray(block, block.dtype.newbyteorder("<")).tobytes()


def _add(found: Match, hashes: _Hashes, strip: Box, pair: Pair) -> None:
    y0, _, x0, x1 = strip
    for left in range(x0, x1, TILE):
        a, b = (block[:, left - x0 : left - x0 + TILE] for block in pair)
        differs = differing(a, b)
        is_same = not differs.any()
        hashes.add(a, b, is_same)
        if a.dtype.kind == "f":
            _measure(found, a)
        if not is_same:
            _note(found, y0, left, differs, largest_difference(a[differs], b[differs]))


def differing(a: Pixels, b: Pixels) -> Bits:
    """Return the pixels, (h, w), of which any sample has other bits; a NaN equals itself."""
    if a.dtype.kind == "f":
        a, b = (np.ascontiguousarray(block).view(f"u{block.itemsize}") for block in (a, b))
    return np.asarray((a != b).any(axis=-1))


def largest_difference(a: Pixels, b: Pixels) -> float:
    """Return the largest difference of two samples; infinite where only one of the two is a number."""
    if a.dtype.kind != "f":
        wide = np.int64 if a.itemsize <= 4 else np.float64
        return float((np.maximum(a, b).astype(wide) - np.minimum(a, b).astype(wide)).max())
    known = np.isfinite(a) & np.isfinite(b)
    if (~known & ~_same(a, b)).any():
        return math.inf
    apart = np.abs(a[known].astype(np.float64) - b[known].astype(np.float64))
    return float(apart.max(initial=0.0))


def _same(a: Pixels, b: Pixels) -> npt.NDArray[np.bool_]:
    return np.asarray((a == b) | (np.isnan(a) & np.isnan(b)))


def _measure(found: Match, block: Pixels) -> None:
    finite = block[np.isfinite(block)]
    if finite.size:
        found.low, found.high = min(found.low, float(finite.min())), max(found.high, float(finite.max()))


def _note(found: Match, top: int, left: int, differs: Bits, largest: float) -> None:
    rows, columns = np.flatnonzero(differs.any(1)), np.flatnonzero(differs.any(0))
    box = (top + int(rows[0]), top + int(rows[-1]) + 1, left + int(columns[0]), left + int(columns[-1]) + 1)
    count = int(np.count_nonzero(differs))
    found.largest, found.pixels = max(found.largest, largest), found.pixels + count
    found.tiles_different += 1
    if len(found.tiles) < MOST_TILES:
        found.tiles.append(TileDifference(top // TILE, left // TILE, box, count, largest))
    found.box = box if found.box is None else _joined(found.box, box)
    whole = found.tiles_different > MOST_PARTIAL
    found.mask.write(top, left, np.ones_like(differs) if whole else differs)


def _joined(a: Box, b: Box) -> Box:
    return min(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), max(a[3], b[3])
