"""Large flat scans: how soon they are seen, how smoothly they move when seen small, before and after their
coarser levels are kept; what building those takes, against libvips writing a pyramid of the same scan.

python -m tests.benchmarks.bench_levels [SIDE]
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from workstation.scans.source import Pixels

SIDE = 8000
CASES = (("none", None, 64), ("deflate", "zlib", 1), ("deflate", "zlib", 128), ("lzw", "lzw", 8))
"""Name, compression and rows of a strip: libtiff makes thin strips by itself, libvips such of 128 rows."""
ROWS = {
    "first picture, s": ("first", 2),
    "pan seen small, median ms": ("median", 0),
    "pan seen small, p95 ms": ("p95", 0),
    "event loop blocked by a step, p95 ms": ("blocked", 0),
    "memory of the window, MB": ("memory", 0),
}


def main(side: int = SIDE) -> None:
    """Print one table a kind of file."""
    with tempfile.TemporaryDirectory() as name:
        path, pixels = Path(name) / "flat.tif", _make_pixels(Path(name) / "pixels", side)
        for kind, compression, rows in CASES:
            _make(path, pixels, compression, rows)
            load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
            print(f"{side} × {side} px RGB, {kind}, strips of {rows} rows, {_megabytes(path):.0f} MB, {load}")
            _print_case(path, Path(name))


def _print_case(path: Path, folder: Path) -> None:
    home = folder / "home"
    shutil.rmtree(home, ignore_errors=True)
    found = {
        "sketch": _window(path, home, "alone"),
        "building": _window(path, folder / "home-2", "beside"),
    }
    shutil.rmtree(folder / "home-2")
    built = _timed(lambda: _ours(home, "-m", "workstation", "levels", "build", path))
    kept = json.loads(_ours(home, "-m", "workstation", "levels", "list", "--json"))["levels"]
    found["kept"] = _window(path, home, "alone")
    exact = json.loads(_ours(folder / "home-3", "-m", __spec__.name, "exact", path))
    print(f"  {'in the window':38}" + "".join(f"{name:>10}" for name in found))
    for row, (key, digits) in ROWS.items():
        print(f"  {row:38}" + "".join(f"{run[key]:10.{digits}f}" for run in found.values()))
    print(f"  the whole scan computed exactly, as before there were kept levels: {exact:.2f} s")
    print(f"  the command builds levels in {built}, {sum(one['bytes'] for one in kept) / 1e6:.0f} MB")
    print(f"  {_vips(path, folder / 'vips.tif')}", flush=True)


def _window(path: Path, home: Path, how: str) -> dict[str, Any]:
    screen = ["xvfb-run", "-a", "-s", "-screen 0 1600x1000x24"] if not os.environ.get("DISPLAY") else []
    answer: dict[str, Any] = json.loads(
        _ours(home, "-W", "ignore", "-m", "tests.benchmarks.levels_window", path, how, before=screen)
    )
    return answer


def _ours(home: Path, *words: object, before: list[str] | None = None) -> str:
    command = [*(before or []), sys.executable, *map(str, words)]
    environment = {**os.environ, "WORKSTATION_HOME": str(home)}
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    text = done.stdout.strip()
    return text if text.endswith("}") and text.startswith("{") else text.splitlines()[-1]


def _vips(path: Path, target: Path) -> str:
    if shutil.which("vips") is None:
        return "(vips is not installed)"
    words = ["vips", "tiffsave", path, target, "--tile", "--pyramid", "--subifd", "--bigtiff"]
    words += ["--tile-width", "512", "--tile-height", "512", "--compression", "zstd", "--level", "3"]
    took = _timed(lambda: subprocess.run([*map(str, words), "--predictor", "horizontal"], check=True))
    return f"vips writes a pyramid of it in {took}, {_megabytes(target):.0f} MB"


def _timed(work: Callable[[], object]) -> str:
    """Return how long the processes that `work` starts take, by the clock and of the processors."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    work()
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return (
        f"{wall:.1f} s ({after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime:.1f} s of CPU)"
    )


def _make_pixels(path: Path, side: int) -> Pixels:
    """Return large soft forms with fine noise, in a file instead of in memory."""
    pixels = np.memmap(path, np.uint8, "w+", shape=(side, side, 3))
    across = np.cos(np.arange(side, dtype=np.float32)[:, None] / (170 + 50 * np.arange(3, dtype=np.float32)))
    grain = np.random.default_rng(0).normal(scale=0.03, size=(64, side, 3)).astype(np.float32)
    for top in range(0, side, 64):
        y = np.arange(top, min(top + 64, side), dtype=np.float32)
        down = np.sin(y[:, None] / (300 + 90 * np.arange(3, dtype=np.float32)))[:, None]
        shifted = np.roll(grain, top, axis=1)[: len(y)]
        pixels[top : top + 64] = np.clip((down + across + shifted + 2.5) / 5, 0, 1) * 255
    return pixels


def _make(path: Path, pixels: Pixels, compression: str | None, rows: int) -> None:
    tifffile.imwrite(
        path,
        pixels,
        photometric="rgb",
        rowsperstrip=rows,
        compression=compression,
        predictor=compression is not None,
        metadata=None,
    )


def _megabytes(path: Path) -> float:
    return path.stat().st_size / 1e6


def _exact(path: Path) -> float:
    """Return the seconds that a view of the whole scan takes without kept levels."""
    from workstation.scans.cache import ON_SCREEN, TILES
    from workstation.scans.opening import open_scan
    from workstation.scans.source import coarsest_below

    TILES.limit = ON_SCREEN
    with open_scan(path) as scan:
        level = coarsest_below(scan, 1 << 22)
        started = time.perf_counter()
        scan.read(level, 0, scan.levels[level].height, 0, scan.levels[level].width)
        return time.perf_counter() - started


if __name__ == "__main__":
    if sys.argv[1:2] == ["exact"]:
        print(_exact(Path(sys.argv[2])))
    else:
        main(*map(int, sys.argv[1:]))
