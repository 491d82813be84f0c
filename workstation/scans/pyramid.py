"""The one writer of pictures: a tiled TIFF with all its coarser levels, made in one pass over the source.

Superblocks of up to 4 × 4 tiles are read by several threads, each pixel once. The thread that read a block
encodes its tiles, halves it, encodes the tiles of the next level, and hands what is left to the parent tile;
the thread that brings a parent's last part goes on with that. Memory is bounded by the row of unfinished
parents; heavy pixels (many channels) get smaller tiles.
Tiles are written wherever the file ends, the directories after them, the header last.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from workstation.errors import UsageError
from workstation.files import replacing
from workstation.jobs import Job, Progress
from workstation.scans.building import Building, tile_that_fits
from workstation.scans.crew import each, new_crew
from workstation.scans.encoding import Compression, encoding_for
from workstation.scans.growing import GrowingFile
from workstation.scans.source import Metadata, TileSource
from workstation.scans.tables import Layout

TILE = 512
THREADS = max(1, min(os.cpu_count() or 1, 8))
_WIDE = 64
"""With more superblocks in a row than this, they are taken in Z order, which keeps few parents waiting."""


def write_pyramid(
    source: TileSource,
    target: Path,
    *,
    compression: Compression = "zstd",
    tile: int = TILE,
    metadata: Metadata | None = None,
) -> Job[Path]:
    """Write level 0 of `source` as a pyramid; the metadata are the source's own unless others are given.

    A damaged tile of the source is written as the zeros it reads as: look at `source.damaged` afterwards.
    """
    layout = layout_of(source, compression, tile)
    with replacing(target) as temporary:
        file = GrowingFile(temporary)
        try:
            building = Building(source, layout, file)
            yield from build(building, f"Writing {target.name}")
            building.finish(metadata or source.metadata)
        finally:
            file.close()
    return target


def layout_of(source: TileSource, compression: Compression, tile: int) -> Layout:
    """Return how the source's pixels are written, or raise UsageError where they cannot be."""
    if tile < 16 or tile % 16:
        raise UsageError(f"Tiles of {tile} px cannot be written. Use a multiple of 16.")
    level, extra = source.levels[0], source.metadata.extra
    encoding = encoding_for(compression, level.channels, level.dtype)
    if compression == "jpeg" and extra:
        raise UsageError(
            f"JPEG holds 8-bit grey or RGB only, not grey with {len(extra)} further channels. "
            "Use zstd or deflate."
        )
    tile = tile_that_fits(tile, level.channels * level.dtype.itemsize)
    return Layout(level.channels, level.dtype, tile, encoding)


def build(building: Building, what: str) -> Iterator[Progress]:
    """Run all superblocks, a few at a time; stop within a tile when the job is closed."""
    (down, across), before = building.blocks, building.done
    done, total = len(before), down * across
    crew = new_crew(THREADS, "pyramid")
    places = (place for place in _order(down, across) if place not in before)
    try:
        if before:
            yield Progress(done, total, what, done)
        for _ in each(crew, THREADS, lambda place: building.add(*place), places):
            done += 1
            building.settle()
            yield Progress(done, total, what, len(before))
    finally:
        building.stop()
        crew.shutdown(wait=True, cancel_futures=True)


def _order(down: int, across: int) -> Iterator[tuple[int, int]]:
    if across <= _WIDE:
        return ((row, column) for row in range(down) for column in range(across))
    size = 1 << (max(down, across) - 1).bit_length()
    return _z_order(0, 0, size, down, across)


def _z_order(row: int, column: int, size: int, down: int, across: int) -> Iterator[tuple[int, int]]:
    if row >= down or column >= across:
        return
    if size == 1:
        yield row, column
        return
    half = size // 2
    for below in (row, row + half):
        for right in (column, column + half):
            yield from _z_order(below, right, half, down, across)
