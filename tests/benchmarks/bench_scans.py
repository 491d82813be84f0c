"""Scans: random tiles read by us, by tifffile with zarr, and by tifffile's own page decoder, in CPU time.

Every reader reads the same places in the same order, one after the other in one thread, and they take turns.
No place comes twice; our cache holds the tiles of one turn and is full when the first begins.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import tifffile
import zarr

from tests.benchmarks.bench_pyramids import make
from workstation.jobs import finish
from workstation.scans.cache import TILES
from workstation.scans.encoding import Compression
from workstation.scans.opening import open_scan
from workstation.scans.pyramid import write_pyramid

SIDE, TILE, READS, TURNS = 11_000, 512, 60, 5
CASES: tuple[tuple[Compression, str], ...] = (
    ("jpeg", "u1"), ("deflate", "u1"), ("zstd", "u1"), ("deflate", "u2"), ("zstd", "u2"),
)  # fmt: skip
Read = Callable[[int, int], Any]


def main() -> None:
    """Print the table."""
    print(
        f"CPU ms for a random tile of {TILE} px of {SIDE} × {SIDE} px RGB; median of {TURNS} turns of {READS}"
    )
    print(f"{'':12}{'ours':>8}{'zarr':>8}{'decode':>9}{'ours : zarr':>13}{'cached':>9}{'cached : zarr':>15}")
    with tempfile.TemporaryDirectory() as name:
        for compression, dtype in CASES:
            source, target = Path(name) / f"{dtype}.tif", Path(name) / f"{compression}-{dtype}.tif"
            if not source.exists():
                make(source, dtype, SIDE)
            with open_scan(source) as scan:
                finish(write_pyramid(scan, target, compression=compression))
            print(_line(target, f"{compression} {dtype}"), flush=True)


def _line(path: Path, name: str) -> str:
    taken: dict[str, list[float]] = {"ours": [], "zarr": [], "decode": [], "cached": []}
    places = np.random.default_rng(1).permutation((SIDE // TILE) ** 2)
    at = [(int(place) // (SIDE // TILE), int(place) % (SIDE // TILE)) for place in places]
    with ExitStack() as stack:
        own, theirs, page = (stack.enter_context(reader(path)) for reader in (_own, _zarr, _page))
        TILES.limit = (READS + 1) * own(*at[-1]).nbytes
        _milliseconds(own, at[-READS:])
        for turn in range(TURNS):
            part = at[turn * READS : (turn + 1) * READS]
            for reader, read in (("ours", own), ("zarr", theirs), ("decode", page), ("cached", own)):
                taken[reader].append(_milliseconds(read, part))
    ours, zarrs, decode, cached = (median(taken[reader]) for reader in ("ours", "zarr", "decode", "cached"))
    ratios = f"{ours / zarrs:13.2f}{cached:9.3f}{cached / zarrs:15.3f}"
    return f"{name:12}{ours:8.2f}{zarrs:8.2f}{decode:9.2f}" + ratios


@contextmanager
def _own(path: Path) -> Iterator[Read]:
    with open_scan(path) as scan:
        yield lambda row, column: scan.read(
            0, row * TILE, (row + 1) * TILE, column * TILE, (column + 1) * TILE
        )


@contextmanager
def _zarr(path: Path) -> Iterator[Read]:
    with tifffile.imread(path, aszarr=True, level=0) as store:
        array = zarr.open(store, mode="r")
        yield lambda row, column: array[row * TILE : (row + 1) * TILE, column * TILE : (column + 1) * TILE]


@contextmanager
def _page(path: Path) -> Iterator[Read]:
    with tifffile.TiffFile(path) as file:
        page = file.pages.first
        decode, across = page.decode, -(-page.imagewidth // TILE)

        def read(row: int, column: int) -> object:
            index = row * across + column
            file.filehandle.seek(page.dataoffsets[index])
            return decode(file.filehandle.read(page.databytecounts[index]), index)

        yield read


def _milliseconds(read: Read, places: list[tuple[int, int]]) -> float:
    read(*places[0])
    started = time.process_time()
    for place in places[1:]:
        read(*place)
    return (time.process_time() - started) * 1000 / (len(places) - 1)


if __name__ == "__main__":
    main()
