"""Writing pyramids: ours and libvips' take turns, each in a process of its own; then every level is checked.

Medians of several runs. The picture is soft forms with fine noise, uncompressed in strips, so that both
programmes read the same; both write tiles of 512, the same predictor and the same level of compression.
(Of JPEG, libvips stores red, green and blue at this quality, where we store luminance and colour.) Both are
timed until their bytes lie on the disk: ours always waits for that, after libvips `sync` does. Each writes a
new file: libvips would empty an old one first and go on in its memory, while ours is written beside the old
one, and in a virtual machine new memory takes a third of all the time. This process reads no picture itself:
a new process counts the memory of the one that started it.
`python -m tests.benchmarks.bench_pyramids 6000 1` does the same with a smaller picture, once.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median

import numpy as np
import tifffile

from tests.benchmarks.processes import Run, run
from workstation.jobs import finish
from workstation.scans.encoding import encoding_for
from workstation.scans.opening import Scan, open_scan
from workstation.scans.pyramid import write_pyramid
from workstation.scans.source import Pixels, blocks

SIDE, RUNS = 20_000, 5
CASES = (("jpeg", "u1"), ("deflate", "u1"), ("zstd", "u1"), ("deflate", "u2"), ("zstd", "u2"))
BAND = 1000
OURSELVES: list[object] = [sys.executable, "-m", "tests.benchmarks.bench_pyramids"]


def main(side: int = SIDE, runs: int = RUNS) -> None:
    """Print the table, then the memory at twice the side."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _make(folder, side)
        print(f"Writing a pyramid of {side} × {side} px RGB, tiles of 512; median of {runs}, alternating")
        print(f"{'':12}{'ours: s':>9}{'CPU s':>8}{'MB':>6}{'file MB':>9}", end="")
        print(f"{'vips: s':>10}{'CPU s':>8}{'MB':>6}{'file MB':>9}{'s ratio':>9}{'CPU ratio':>11}  levels")
        for compression, dtype in CASES:
            print(_both(folder, compression, dtype, runs), flush=True)
        _make(folder, 2 * side)
        print(f"\nMemory of ours at {2 * side} × {2 * side} px, once")
        for compression, dtype in CASES:
            target = folder / "ours.tif"
            taken = run([*OURSELVES, "write", folder / f"{dtype}.tif", target, compression])
            print(
                f"{compression + ' ' + dtype:12}{taken.wall:9.1f}{taken.cpu:8.1f}{taken.megabytes:6.0f}",
                flush=True,
            )


def _make(folder: Path, side: int) -> None:
    for dtype in ("u1", "u2"):
        run([*OURSELVES, "make", folder / f"{dtype}.tif", dtype, side])


def make(target: Path, dtype: str, side: int) -> None:
    """Write large soft forms with fine noise, in the whole range of the type, band by band."""
    rng, top = np.random.default_rng(0), np.iinfo(dtype).max
    out = tifffile.memmap(target, shape=(side, side, 3), dtype=dtype, photometric="rgb", metadata=None)
    for top_row in range(0, side, BAND):
        y, x = np.mgrid[top_row : min(top_row + BAND, side), :side].astype(np.float32)
        for channel in range(3):
            forms = (
                np.sin(y / (300 + 90 * channel))
                + np.cos(x / (170 + 50 * channel))
                + np.sin((x + y) / 11) / 10
            )
            forms += rng.standard_normal(forms.shape, np.float32) * 0.03
            out[top_row : top_row + BAND, :, channel] = np.clip((forms + 2.5) / 5, 0, 1) * top
        out.flush()


def _both(folder: Path, compression: str, dtype: str, runs: int) -> str:
    source, ours, theirs = folder / f"{dtype}.tif", folder / "ours.tif", folder / "vips.tif"
    taken: list[Run] = []
    vips: list[Run] = []
    for _ in range(runs):
        ours.unlink(missing_ok=True)
        theirs.unlink(missing_ok=True)
        taken.append(run([*OURSELVES, "write", source, ours, compression]))
        if shutil.which("vips"):
            vips.append(run(_vips(source, theirs, compression)))
    line = f"{compression + ' ' + dtype:12}" + _columns(taken, ours, 9)
    if vips:
        line += _columns(vips, theirs, 10)
        line += f"{_median(taken, 'wall') / _median(vips, 'wall'):9.2f}"
        line += f"{_median(taken, 'cpu') / _median(vips, 'cpu'):11.2f}"
    else:
        line += "   (vips is not installed)"
    run([*OURSELVES, "check", source, ours, compression])  # ends the benchmark where a pixel is wrong
    return line + "  exact"


def _columns(taken: list[Run], file: Path, width: int) -> str:
    wall, cpu, memory = (_median(taken, name) for name in ("wall", "cpu", "megabytes"))
    return f"{wall:{width}.1f}{cpu:8.1f}{memory:6.0f}{file.stat().st_size / 1e6:9.0f}"


def _median(taken: list[Run], name: str) -> float:
    return median(getattr(one, name) for one in taken)


def _vips(source: Path, target: Path, compression: str) -> list[object]:
    words = ["vips", "tiffsave", source, target, "--tile", "--pyramid", "--subifd", "--bigtiff"]
    words += ["--tile-width", "512", "--tile-height", "512", "--compression", compression]
    if compression == "jpeg":
        words += ["--Q", "90"]
    else:
        words += ["--predictor", "horizontal", *(["--level", "3"] if compression == "zstd" else [])]
    return ["sh", "-c", '"$@" && sync "$0"', target, *words]


def _is_exact(source: Path, target: Path, compression: str) -> bool:
    """Compare every pixel of every level with plain numpy means of the level below, tile by tile."""
    with open_scan(source) as before, open_scan(target) as after:
        if compression == "jpeg":
            return _is_exact_jpeg(before, after)
        first = all(
            np.array_equal(before.read(0, *block), after.read(0, *block))
            for block in blocks(after.levels[0], 2048)
        )
        return first and all(
            np.array_equal(after.read(k, *block), _means(after, k - 1, *block))
            for k in range(1, len(after.levels))
            for block in blocks(after.levels[k], 1024)
        )


def _is_exact_jpeg(before: Scan, after: Scan) -> bool:
    """Compare the first two levels with what the codec makes of the exact tiles."""
    import imagecodecs

    encode = encoding_for("jpeg", 3, np.dtype("u1")).encode
    for y0, y1, x0, x1 in blocks(after.levels[0], 1024):
        for level, exact in (
            (0, before.read(0, y0, y1, x0, x1)),
            (1, _halved(before.read(0, y0, y1, x0, x1))),
        ):
            top, left = y0 >> level, x0 >> level
            for y in range(0, exact.shape[0], 512):
                for x in range(0, exact.shape[1], 512):
                    part = exact[y : y + 512, x : x + 512]
                    h, w = part.shape[:2]
                    full = np.pad(part, ((0, 512 - h), (0, 512 - w), (0, 0)), mode="edge")
                    coded = imagecodecs.jpeg8_decode(encode(full), colorspace="ycbcr", outcolorspace="rgb")
                    found = after.read(level, top + y, top + y + h, left + x, left + x + w)
                    if not np.array_equal(found, coded[:h, :w]):
                        return False
    return True


def _means(scan: Scan, level: int, y0: int, y1: int, x0: int, x1: int) -> Pixels:
    full = scan.levels[level]
    return _halved(scan.read(level, 2 * y0, min(2 * y1, full.height), 2 * x0, min(2 * x1, full.width)))


def _halved(pixels: Pixels) -> Pixels:
    """Return 2×2 means by the plainest numpy: the edge repeated, halves rounded up."""
    high, wide = pixels.shape[0] + 1 & ~1, pixels.shape[1] + 1 & ~1
    even = np.pad(pixels, ((0, high - pixels.shape[0]), (0, wide - pixels.shape[1]), (0, 0)), mode="edge")
    four = even.astype(np.uint32).reshape(high // 2, 2, wide // 2, 2, -1)
    return ((four.sum(axis=(1, 3)) + 2) // 4).astype(pixels.dtype)


def _work(words: list[str]) -> None:
    """Do one part of the measurement in this process."""
    if words[0] == "make":
        make(Path(words[1]), words[2], int(words[3]))
    elif words[0] == "write":
        with open_scan(Path(words[1])) as scan:
            finish(write_pyramid(scan, Path(words[2]), compression=words[3]))  # type: ignore[arg-type]
    elif words[0] == "check":
        if not _is_exact(Path(words[1]), Path(words[2]), words[3]):
            raise SystemExit(f"{words[2]} is not what it should be")
    else:
        main(int(words[0]), int(words[1]))


if __name__ == "__main__":
    _work(sys.argv[1:])
