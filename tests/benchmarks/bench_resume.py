"""Going on: what the journal of a pyramid costs, and how long it takes to find out what is done."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import tifffile

from tests.benchmarks.bench_pyramids import make
from workstation.jobs import Job, finish
from workstation.scans.cache import TILES
from workstation.scans.encoding import Compression
from workstation.scans.pyramid import write_pyramid
from workstation.scans.recalling import Files
from workstation.scans.resuming import resume_pyramid
from workstation.scans.source import ArraySource

SIDE, TIMES = 6000, 5
CASES: tuple[tuple[Compression, int], ...] = (("jpeg", 2), ("jpeg", 0), ("zstd", 2), ("zstd", 0))
"""Blocks that span 2 levels above the finest are usual; very wide scans have blocks of single tiles."""
LIMITS = {2: 1 << 30, 0: 2 * 512 * SIDE * 3}
"""The tile cache for which the writer takes such blocks."""


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as name:
        picture = Path(name) / "picture.tif"
        make(picture, "u1", SIDE)
        source = ArraySource(tifffile.imread(picture))
    print(f"A pyramid of {SIDE} × {SIDE} px RGB with and without a journal, alternating, median of {TIMES}")
    print(
        f"{'':8}{'blocks':>7}{'CPU s':>8}{'with':>7}{'ratio':>8}{'s':>7}{'with':>7}{'ratio':>8}"
        f"{'journal KB':>12}{'quarters MB':>13}{'file MB':>9}{'to go on at 50 %, s':>21}"
    )
    for compression, depth in CASES:
        TILES.limit, usual = LIMITS[depth], TILES.limit
        try:
            with tempfile.TemporaryDirectory() as name:
                print(_line(source, Path(name), compression, depth), flush=True)
        finally:
            TILES.limit = usual


def _line(source: ArraySource, folder: Path, compression: Compression, depth: int) -> str:
    plain, draft = folder / "plain.tif", folder / "kept.tif"
    without, kept = [], []
    for _ in range(TIMES):
        without.append(_spent(lambda: write_pyramid(source, plain, compression=compression)))
        for path in folder.glob("kept.tif*"):
            path.unlink()
        kept.append(_spent(lambda: resume_pyramid(source, draft, compression=compression)))
    cells = f"{compression:8}{1 << depth:>4} × {1 << depth}"
    for part in (0, 1):
        a, b = median(run[part] for run in without), median(run[part] for run in kept)
        ratio = median(after[part] / before[part] for before, after in zip(without, kept, strict=True))
        cells += f"{a:{8 - part}.2f}{b:7.2f}{ratio:8.3f}"
    journal, quarters = (path.stat().st_size for path in (Files(draft).journal, Files(draft).quarters))
    cells += f"{journal / 1e3:12.1f}{quarters / 1e6:13.1f}{draft.stat().st_size / 1e6:9.1f}"
    return cells + f"{_to_go_on(source, draft, compression):21.2f}"


def _spent(job: Callable[[], Job[object]]) -> tuple[float, float]:
    cpu, wall = time.process_time(), time.perf_counter()
    finish(job())
    return time.process_time() - cpu, time.perf_counter() - wall


def _to_go_on(source: ArraySource, draft: Path, compression: Compression) -> float:
    """Stop a pyramid half-way; return the seconds from the next start to its first new block."""
    draft.unlink()
    job = resume_pyramid(source, draft, compression=compression)
    for progress in job:
        if progress.done * 2 >= progress.total:
            break
    job.close()
    started = time.perf_counter()
    job = resume_pyramid(source, draft, compression=compression)
    for progress in job:
        if progress.already:
            break
    taken = time.perf_counter() - started
    job.close()
    return taken
