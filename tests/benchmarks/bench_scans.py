"""Scans: writing pyramids against libvips, and reading random tiles against tifffile.

Each writer runs in a process of its own, so that its time and memory are its own; the pictures are made in
further ones, because a new process counts the memory of the one that started it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tifffile

from workstation.jobs import finish
from workstation.scans.opening import open_scan
from workstation.scans.pyramid import write_pyramid
from workstation.scans.source import Pixels

SIDE = 6000
CASES = (("jpeg", "u1"), ("deflate", "u1"), ("zstd", "u1"), ("deflate", "u2"))
READS = 400
OURSELVES: list[object] = [sys.executable, "-m", "tests.benchmarks.bench_scans"]


@dataclass(frozen=True)
class Run:
    """What one process took."""

    wall: float
    cpu: float
    megabytes: float


def main() -> None:
    """Print both tables."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for dtype in ("u1", "u2"):
            _run([*OURSELVES, "make", folder / f"{dtype}.tif", dtype])
        print(f"Writing a pyramid of {SIDE} × {SIDE} px RGB, tiles of 512")
        print(f"{'':14}{'ours: s':>9}{'CPU s':>8}{'MB':>7}{'vips: s':>10}{'CPU s':>8}{'MB':>7}{'s ratio':>9}")
        for compression, dtype in CASES:
            print(_writing(folder, compression, dtype), flush=True)
        print(f"\nReading {READS} random tiles of 512 px, ms a tile")
        for compression in ("jpeg", "deflate", "zstd"):
            print(_reading(folder / f"{compression}-u1.tif"), flush=True)


def painting_like(dtype: str) -> Pixels:
    """Return large soft forms with fine noise, in the whole range of the type."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    top = np.iinfo(dtype).max
    picture = np.empty((SIDE, SIDE, 3), dtype)
    for channel in range(3):
        forms = (
            np.sin(y / (300 + 90 * channel)) + np.cos(x / (170 + 50 * channel)) + np.sin((x + y) / 11) * 0.1
        )
        forms += rng.normal(scale=0.03, size=(SIDE, SIDE)).astype(np.float32)
        picture[..., channel] = np.clip((forms + 2.5) / 5, 0, 1) * top
    return picture


def _writing(folder: Path, compression: str, dtype: str) -> str:
    source, target = folder / f"{dtype}.tif", folder / f"{compression}-{dtype}.tif"
    ours = _run([*OURSELVES, "write", source, target, compression])
    line = f"{compression + ' ' + dtype:14}{ours.wall:9.1f}{ours.cpu:8.1f}{ours.megabytes:7.0f}"
    if shutil.which("vips") is None:
        return line + "   (vips is not installed)"
    theirs = _run(_vips(source, folder / "vips.tif", compression))
    ratio = ours.wall / theirs.wall
    return line + f"{theirs.wall:10.1f}{theirs.cpu:8.1f}{theirs.megabytes:7.0f}{ratio:9.2f}"


def _vips(source: Path, target: Path, compression: str) -> list[object]:
    words = ["vips", "tiffsave", source, target, "--tile", "--pyramid", "--subifd", "--bigtiff"]
    words += ["--tile-width", "512", "--tile-height", "512", "--compression", compression]
    if compression == "jpeg":
        return [*words, "--Q", "90"]
    return [*words, "--predictor", "horizontal", *(["--level", "3"] if compression == "zstd" else [])]


def _run(words: list[object]) -> Run:
    started = time.perf_counter()
    process = subprocess.Popen([str(word) for word in words])
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{words[0]} failed")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def _reading(path: Path) -> str:
    places = np.random.default_rng(1).integers(0, SIDE // 512, (READS, 2)) * 512
    with open_scan(path) as scan:
        ours = _milliseconds(lambda y, x: scan.read(0, y, y + 512, x, x + 512), np.unique(places, axis=0))
        again = _milliseconds(lambda y, x: scan.read(0, y, y + 512, x, x + 512), places)
    with tifffile.TiffFile(path) as file:
        page = file.pages.first
        to_pixels = page.decode  # taken once: the first time it reads in the file
        across = -(-page.imagewidth // 512)

        def decode(y: int, x: int) -> object:
            index = y // 512 * across + x // 512
            file.filehandle.seek(page.dataoffsets[index])
            return to_pixels(file.filehandle.read(page.databytecounts[index]), index)

        theirs = _milliseconds(decode, places)
    return (
        f"{path.stem:14} ours {ours:5.2f}, from the cache {again:5.2f}, tifffile's page.decode {theirs:5.2f}"
    )


def _milliseconds(read: object, places: Pixels) -> float:
    started = time.perf_counter()
    for y, x in places.tolist():
        read(y, x)  # type: ignore[operator]
    return (time.perf_counter() - started) * 1000 / len(places)


def _work(words: list[str]) -> None:
    """Do one part of the measurement in this process."""
    if words[0] == "make":
        tifffile.imwrite(words[1], painting_like(words[2]), photometric="rgb", metadata=None)
        return
    with open_scan(Path(words[1])) as scan:
        finish(write_pyramid(scan, Path(words[2]), compression=words[3]))  # type: ignore[arg-type]


if __name__ == "__main__":
    _work(sys.argv[1:])
