"""Builds the coarser levels that a scan lacks, beside all other work, and keeps them for every later look.

The one-pass writer does it, given the scan at half its size: level 0 is read once and not written again.
Strips hold whole rows, so a band of them is decoded first, each strip once, and then cut into tiles.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np

from workstation.errors import ScanError, TooLargeError
from workstation.files import replacing
from workstation.jobs import Job, Progress
from workstation.portable import locked, unclaim_and_remove
from workstation.scans.building import Building
from workstation.scans.cache import Share, TileCache
from workstation.scans.computed import halved_block
from workstation.scans.crew import each, new_crew
from workstation.scans.damaged import refuse_unnamed
from workstation.scans.encoding import encoding_for
from workstation.scans.growing import GrowingFile
from workstation.scans.kept import (
    About,
    Run,
    check_room,
    describe_kept,
    make_room,
    place_of_levels,
    run_to_keep,
    use_kept,
)
from workstation.scans.pyramid import THREADS
from workstation.scans.reduce import halved_size
from workstation.scans.scan import Grid, Scan
from workstation.scans.source import Damage, Level, Metadata, Pixels, check_block
from workstation.scans.stacking import Looking
from workstation.scans.tables import Layout
from workstation.scans.tiff import open_tiff

_TILES = (512, 256, 128, 64, 32, 16)
_ROOM, _MOST_ROOM = 64 << 20, 256 << 20
"""Memory that building levels should take and may take, beside the cache and what is being decoded."""
_PLACE_BYTES = 16
"""Where a tile lies and how long it is, with its share of the levels above."""
_CHUNK_BYTES = 8 << 20
_CACHE_BYTES = 32 << 20
_WAIT_S = 0.2
_SAMPLES, _STRIDE, _SAMPLE = 16, 7, (32, 512)
"""So many parts, of so many rows and columns, tell how well a scan can be encoded; they lie criss-cross."""
_WHAT = "keeping coarser levels"


class _Halves:
    """The level above `finer` as the writer's source."""

    def __init__(self, finer: Grid, tile: int) -> None:
        full = finer.level
        size = (halved_size(full.height), halved_size(full.width))
        self.levels = (Level(*size, full.channels, full.dtype, (tile, tile)),)
        self.metadata, self.damaged = Metadata(), ()
        self._finer = finer
        self._band: Pixels | None = None
        self._y0 = self._x0 = 0

    def read(self, level: int, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        """Return a block: from the band where there is one, else from the finer level."""
        check_block(self.levels[level], y0, y1, x0, x1)
        if self._band is not None:
            return self._band[y0 - self._y0 : y1 - self._y0, x0 - self._x0 : x1 - self._x0].copy()
        return halved_block(self._finer, y0, y1, x0, x1)

    def close(self) -> None:
        """Nothing to give back: the scan is its owner's."""

    def band(self, start: int, stop: int) -> Iterator[tuple[int, int, int, int]]:
        """Begin a band along the strips; yield the blocks of it that `fill` brings, none without strips."""
        here, lie = self.levels[0], self._finer.strips
        if lie == "none":
            return
        length = here.width if lie == "rows" else here.height
        part = max(1, _CHUNK_BYTES // (4 * length * here.channels * here.dtype.itemsize))
        place = (start, stop, 0, here.width) if lie == "rows" else (0, here.height, start, stop)
        self._y0, self._x0 = place[0], place[2]
        shape = (place[1] - place[0], place[3] - place[2], here.channels)
        self._band = np.empty(shape, here.dtype)
        for at in range(start, stop, part):
            end = min(at + part, stop)
            yield (at, end, 0, here.width) if lie == "rows" else (0, here.height, at, end)

    def fill(self, block: tuple[int, int, int, int]) -> None:
        """Bring a part of the band."""
        assert self._band is not None
        y0, y1, x0, x1 = block
        self._band[y0 - self._y0 : y1 - self._y0, x0 - self._x0 : x1 - self._x0] = halved_block(
            self._finer, *block
        )


def build_levels(scan: Scan) -> Job[bool]:
    """Build the levels that a scan lacks, keep them, and let the open scan read them; False where none lacks.

    Where another process builds them already, this waits for it and uses what it made.
    """
    yield Progress(0, 0, _WHAT)
    run = run_to_keep(scan)
    if run is None:
        return False
    target = place_of_levels(scan.path, scan.page.index)
    lock = target.with_suffix(".lock")
    handle = yield from _turn(lock)
    try:
        if not use_kept(scan):
            yield from _build(scan, run, target)
            use_kept(scan)
    finally:
        if handle is not None:
            unclaim_and_remove(handle, lock)
    return True


def _turn(lock: Path) -> Generator[Progress, None, int | None]:
    """Wait until no other process builds these levels; return the lock, None where locks do not work."""
    while True:
        try:
            return locked(lock)
        except BlockingIOError:
            yield Progress(0, 0, "another window builds them")
            time.sleep(_WAIT_S)
        except OSError:
            with suppress(OSError):
                lock.unlink()
            return None


def _build(scan: Scan, run: Run, target: Path) -> Job[None]:
    identity = _identity(scan)
    with _own(scan) as own, replacing(target) as temporary:
        finer = own.grid(run.first - 1)
        source, layout = _plan(finer, scan.path.name)
        check_room(_bytes(source, layout), scan.path.name)
        file = GrowingFile(temporary)
        try:
            building = Building(source, layout, file, depth=0)
            yield from _fill(source, building, finer, lambda: make_room(file.end, scan.path.name))
            about = About(str(scan.path.absolute()), scan.page.index, identity, run.first, _damage(own))
            if _identity(own) != identity or _now(scan) != identity:
                raise ScanError(f"{scan.path} was changed since it was opened. Open it again.")
            words = Metadata(description=describe_kept(about))
            make_room(file.end, scan.path.name)
            building.finish(words)
        finally:
            file.close()


def _plan(finer: Grid, name: str) -> tuple[_Halves, Layout]:
    """Choose the largest tiles that need little memory; of a scan too wide for that those that need least."""
    tile = next((tile for tile in _TILES if _room(finer, tile) <= _ROOM), None)
    tile = tile or min(_TILES, key=lambda tile: _room(finer, tile))
    if _room(finer, tile) > _MOST_ROOM:
        raise TooLargeError(
            f"{name} is too wide or too large to build its coarser levels beside other work. "
            "Write it as a pyramid instead."
        )
    level = finer.level
    encoding = encoding_for("zstd", level.channels, level.dtype)
    return _Halves(finer, tile), Layout(level.channels, level.dtype, tile, encoding)


def _room(finer: Grid, tile: int) -> int:
    """Return the memory for a band of strips, the unfinished tiles above it, and the places of all tiles."""
    level = finer.level
    height, width = halved_size(level.height), halved_size(level.width)
    row = (height if finer.strips == "columns" else width) * level.channels * level.dtype.itemsize
    places = -(-height // tile) * -(-width // tile) * _PLACE_BYTES
    return 2 * tile * row + places


def _fill(
    source: _Halves, building: Building, finer: Grid, make_room_for_more: Callable[[], None]
) -> Job[None]:
    """Bring tile after tile, band by band, in threads that let all others go first."""
    level, by_column = source.levels[0], finer.strips == "columns"
    bands, tiles = reversed(building.blocks) if by_column else building.blocks
    most, tile = level.width if by_column else level.height, level.tile[0]
    crew = new_crew(THREADS, "levels", in_background=True)
    try:
        for band in range(bands):
            make_room_for_more()
            parts = source.band(band * tile, min((band + 1) * tile, most))
            for _ in each(crew, THREADS, source.fill, parts):
                yield Progress(band * tiles, bands * tiles, _WHAT)
            places = [(at, band) if by_column else (band, at) for at in range(tiles)]
            for done, _ in enumerate(each(crew, THREADS, lambda at: building.add(*at), places), 1):
                yield Progress(band * tiles + done, bands * tiles, _WHAT)
    finally:
        building.stop()
        crew.shutdown(wait=True, cancel_futures=True)


def _own(scan: Scan) -> Scan:
    """Open the scan once more: with a small cache of its own, the picture on the screen keeps its own."""
    looking = Looking(stored=Share(TileCache(_CACHE_BYTES)))
    return Scan(scan.path, open_tiff(scan.path, scan.page.index, looking))


def _now(scan: Scan) -> str:
    """Return what stands at the scan's place now."""
    with _own(scan) as own:
        return _identity(own)


def _identity(scan: Scan) -> str:
    assert scan.identity is not None
    try:
        return scan.identity()
    except OSError as error:
        raise ScanError(
            f"{scan.path} could not be read everywhere: {error.strerror}. Try it again later."
        ) from error


def _damage(own: Scan) -> tuple[Damage, ...]:
    refuse_unnamed(own.damaged, own.path)
    passing = next((damage for damage in own.damaged if damage.passing), None)
    if passing is not None:
        raise ScanError(f"{own.path} could not be read everywhere: {passing.reason}. Try it again later.")
    return own.damaged


def _bytes(source: _Halves, layout: Layout) -> int:
    """Return about how many bytes the levels will take: as well as small parts all over can be encoded."""
    level = source.levels[0]
    high, wide = min(_SAMPLE[0], level.height), min(_SAMPLE[1], level.width)
    raw = encoded = 0
    for part in range(_SAMPLES):
        y = (level.height - high) * part // (_SAMPLES - 1)
        x = (level.width - wide) * (part * _STRIDE % _SAMPLES) // (_SAMPLES - 1)
        block = source.read(0, y, y + high, x, x + wide)
        raw, encoded = raw + block.nbytes, encoded + len(layout.encoding.encode(block))
    whole = level.height * level.width * level.channels * level.dtype.itemsize * 4 // 3
    places = -(-level.height // layout.tile) * -(-level.width // layout.tile) * _PLACE_BYTES
    return whole * encoded // raw + places + (1 << 16)
