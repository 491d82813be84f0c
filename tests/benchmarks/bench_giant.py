"""Giant scans in a running window: how soon they are there, how smoothly they move, what memory they take.

Each window and each reader runs in a process of its own; all of them take turns. tifffile alone reads through
its own pages, with the tiles of a view one after the other, as it does without zarr. In the window tifffile +
zarr and dask stand in our canvas in place of our arrays; of them fewer steps are taken.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks.giants import NIGHT_WATCH, PANORAMA, Giant, make_giant

RUNS = 3
OURSELVES = [sys.executable, "-W", "ignore", "-m"]
READERS = (("ours", "own"), ("tifffile", "tifffile"), ("+ zarr", "zarr"), ("dask", "dask"))
OTHERS = ("zarr", "dask")
WITHIN = 240
"""Seconds after which a window of others is given up."""
READING = (
    "open, ms",
    "a view of 1600 × 1000 px, ms",
    "the same p95, ms",
    "a tile, CPU ms",
    "the same tile again, CPU ms",
    "memory that it took, MB",
)
BUDGETS = {
    "first picture, s": "0.8",
    "pan, ms": "p95 150",
    "zoom, ms": "p95 150",
    "view seen before, ms": "60",
    "random view, ms": "",
    "event loop blocked by a step, ms": "40",
    "the same by a mere repaint, ms": "(what Qt and the screen take)",
    "CPU of the window's thread, a step, ms": "",
    "memory after all views, MB": "600",
}


def main() -> None:
    """Print both tables for both scans."""
    with tempfile.TemporaryDirectory() as name:
        for giant in (NIGHT_WATCH, PANORAMA):
            path = Path(name) / "giant.tif"
            started = time.perf_counter()
            make_giant(path, giant.width, giant.height)
            made = time.perf_counter() - started
            print(f"{giant.name}: {giant.width} × {giant.height} px, made in {made:.1f} s, load {_load()}")
            _print_window(path)
            _print_readers(path, giant)


def _print_window(path: Path) -> None:
    window = "tests.benchmarks.giant_window"
    found = [_child(window, path, screen=True) for _ in range(RUNS)]
    others = {name: _child(window, path, name, str(WITHIN), screen=True) for name in OTHERS}
    print(
        f"  {'in the window (median of ' + str(RUNS) + ')':38}{'median':>9}{'p95':>9}{'worst':>9}   budget"
        + _names()
    )
    for row, budget in BUDGETS.items():
        figures = [run[row] for run in found]
        middle, high, worst = (median(figure[i] for figure in figures) for i in range(3))
        if middle == worst:
            print(f"  {row:38}{middle:9.2f}{'':18}   {budget:16}{_cells(others, row)}")
        else:
            print(f"  {row:38}{middle:9.0f}{high:9.0f}{worst:9.0f}   {budget:16}{_cells(others, row)}")


def _names() -> str:
    return f"{'':10}" + "".join(f"{name + ': median p95':>20}" for name in OTHERS)


def _cells(others: dict[str, dict[str, Any]], row: str) -> str:
    """Return median and 95th percentile of the others."""
    cells = []
    for found in others.values():
        middle, high, _ = found.get(row, (None, None, None))
        given_up = f"over {WITHIN} s"
        cells.append(
            given_up if middle is None else f"{middle:.4g}" + (f" {high:.4g}" if high != middle else "")
        )
    return "".join(f"{cell:>20}" for cell in cells)


def _print_readers(path: Path, giant: Giant) -> None:
    found: dict[str, list[Any]] = {reader: [] for _, reader in READERS}
    given_up = f"> {WITHIN} s"
    for _ in range(RUNS):
        for _, reader in READERS:
            if found[reader][-1:] == [{}]:
                continue  # once is enough
            found[reader].append(_child("tests.benchmarks.giant_reading", path, reader, str(WITHIN)))
    print(
        f"  {'without a window (median of ' + str(RUNS) + ')':36}"
        + "".join(f"{name:>10}" for name, _ in READERS)
    )
    for row in READING:
        cells = ([run[row] for run in found[reader] if run] for _, reader in READERS)
        print(
            f"  {row:36}" + "".join(f"{median(cell):10.2f}" if cell else f"{given_up:>10}" for cell in cells),
            flush=True,
        )


def _child(module: str, path: Path, *words: str, screen: bool = False) -> dict[str, Any]:
    prefix = (
        ["xvfb-run", "-a", "-s", "-screen 0 1600x1000x24"] if screen and not os.environ.get("DISPLAY") else []
    )
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [*prefix, *OURSELVES, module, str(path), *words],
            env={**os.environ, "WORKSTATION_HOME": home},
            check=False,
            capture_output=True,
            text=True,
        )
    if done.returncode in (-signal.SIGALRM, 128 + signal.SIGALRM) or "come to rest" in done.stderr:
        return {}  # it was given up
    done.check_returncode()
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


if __name__ == "__main__":
    main()
