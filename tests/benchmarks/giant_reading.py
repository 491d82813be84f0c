"""One reader of a giant in a process of its own: open it, then read random views of its finest level."""

from __future__ import annotations

import json
import re
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import tifffile

from tests.benchmarks.giant_window import dask_levels, spread_of, zarr_levels
from workstation.scans.opening import open_scan
from workstation.scans.source import Pixels

VIEW = (1000, 1600)
VIEWS = 30
TILES = 100
Read = Callable[[int, int, int, int], object]


def own(path: Path) -> tuple[Read, tuple[int, int]]:
    """Return our reader and the picture's size."""
    scan = open_scan(path)
    return lambda *block: scan.read(0, *block), (scan.levels[0].height, scan.levels[0].width)


def by_tifffile(path: Path) -> tuple[Read, tuple[int, int]]:
    """Return a reader of tifffile's first page and the picture's size."""
    file = tifffile.TiffFile(path)
    page = file.pages.first
    decode, across, side = page.decode, -(-page.imagewidth // page.tilewidth), page.tilewidth
    offsets, counts = page.dataoffsets, page.databytecounts

    def read(y0: int, y1: int, x0: int, x1: int) -> Pixels:
        top, left = y0 // side, x0 // side
        down, right = -(-y1 // side), -(-x1 // side)
        out = np.empty(((down - top) * side, (right - left) * side, 3), np.uint8)
        for row in range(top, down):
            for column in range(left, right):
                index = row * across + column
                file.filehandle.seek(offsets[index])
                tile = decode(file.filehandle.read(counts[index]), index, jpegtables=None)[0]
                out[(row - top) * side :, (column - left) * side :][: tile.shape[1], : tile.shape[2]] = tile[
                    0
                ]
        return out[y0 - top * side : y1 - top * side, x0 - left * side : x1 - left * side]

    return read, (page.imagelength, page.imagewidth)


def by_zarr(path: Path) -> tuple[Read, tuple[int, int]]:
    """Return a reader of what tifffile hands over to zarr."""
    level = zarr_levels(path)[0]
    return lambda y0, y1, x0, x1: level[y0:y1, x0:x1], level.shape[:2]


def by_dask(path: Path) -> tuple[Read, tuple[int, int]]:
    """Return a reader of the same through dask."""
    level = dask_levels(path)[0]
    return lambda y0, y1, x0, x1: level[y0:y1, x0:x1].compute(), level.shape[:2]


def main(path: Path, reader: str, within: int) -> None:
    """Print what the reader took as JSON; the process ends after `within` seconds, done or not."""
    signal.alarm(within)
    before, started = _kilobytes(), time.perf_counter()
    read, (height, width) = READERS[reader](path)
    opened = time.perf_counter() - started
    rng = np.random.default_rng(0)
    taken = []
    for _ in range(VIEWS):
        y, x = int(rng.integers(height - VIEW[0])), int(rng.integers(width - VIEW[1]))
        started = time.perf_counter()
        read(y, y + VIEW[0], x, x + VIEW[1])
        taken.append((time.perf_counter() - started) * 1000)
    middle, high, _ = spread_of(taken)
    tiles = [(int(rng.integers(height // 512)), int(rng.integers(width // 512))) for _ in range(TILES)]
    anew, again = (_cpu_of_a_tile(read, tiles) for _ in range(2))
    print(
        json.dumps(
            {
                "open, ms": opened * 1000,
                "a view of 1600 × 1000 px, ms": middle,
                "the same p95, ms": high,
                "a tile, CPU ms": anew,
                "the same tile again, CPU ms": again,
                "memory that it took, MB": (_kilobytes() - before) / 1024,
            }
        )
    )


def _cpu_of_a_tile(read: Read, tiles: list[tuple[int, int]]) -> float:
    """Return the ms of CPU, in all threads, that one tile took."""
    started = time.process_time()
    for row, column in tiles:
        read(row * 512, row * 512 + 512, column * 512, column * 512 + 512)
    return (time.process_time() - started) / len(tiles) * 1000


READERS = {"own": own, "tifffile": by_tifffile, "zarr": by_zarr, "dask": by_dask}


def _kilobytes() -> int:
    return int(re.findall(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text())[0])


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
