"""A convolution of halo 24 over a giant picture: streamed through the renderer's tiles, and in one piece.

The one piece needs tens of bytes of memory a pixel, so the picture is made, and the memory of the streaming
is measured, in processes of their own, before this one reads a pixel: a new process counts the memory of the
one that started it.
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from tests.benchmarks.bench_pyramids import make
from tests.benchmarks.processes import run
from workstation.jobs import finish
from workstation.operations.operation import Operation, State, Window
from workstation.operations.render import treated, whole
from workstation.operations.treatment import Step, Treatment
from workstation.scans.opening import open_scan
from workstation.scans.pyramid import write_pyramid
from workstation.scans.source import Pixels, blocks

SIDE, HALO = 20_000, 24
OURSELVES: list[object] = [sys.executable, "-m", "tests.benchmarks.bench_streaming"]


@dataclass(frozen=True)
class Convolve(Operation):
    """Convolve with a kernel of 49 × 49: a bell less a wider one, which is never flat."""

    name: ClassVar[str] = "convolve-for-the-benchmark"

    def halo(self, state: State) -> int:
        """Return the kernel's reach."""
        return HALO

    def apply(self, window: Window, state: State) -> Pixels:
        """Convolve each channel in floats; the picture's own border is mirrored."""
        from scipy.ndimage import correlate1d

        reach = np.arange(-HALO, HALO + 1)
        out = np.empty_like(window.pixels)
        for channel in range(out.shape[2]):
            plane = window.pixels[..., channel].astype(np.float32)
            total = np.zeros_like(plane)
            for width, share in ((5.0, 1.6), (11.0, -0.6)):
                bell = np.exp(-0.5 * (reach / width) ** 2)
                bell /= bell.sum()
                down = correlate1d(plane, bell, 0, mode="mirror")
                total += share * correlate1d(down, bell, 1, mode="mirror")
            out[..., channel] = np.clip(np.rint(total), 0, 255)
        return out


TREATMENT = Treatment((Step(Convolve()),))


def main(side: int = SIDE) -> None:
    """Print how long both took and how many pixels differ."""
    with tempfile.TemporaryDirectory() as name:
        source, target = Path(name) / "scan.tif", Path(name) / "streamed.tif"
        run([*OURSELVES, "make", source, side])
        print(f"A convolution of 49 × 49 over {side} × {side} px RGB")
        taken = run([*OURSELVES, "stream", source, target])
        took = f"{taken.wall:8.1f} s {taken.cpu:8.1f} CPU s {taken.megabytes:7.0f} MB"
        print(f"streamed, written as a pyramid {took}")
        started = time.perf_counter()
        with open_scan(source) as scan, open_scan(target) as streamed:
            truth = whole(scan.read(0, 0, side, 0, side), TREATMENT)
            print(f"in one piece, in memory        {time.perf_counter() - started:8.1f} s", flush=True)
            different = sum(
                int((streamed.read(0, y0, y1, x0, x1) != truth[y0:y1, x0:x1]).any(axis=-1).sum())
                for y0, y1, x0, x1 in blocks(streamed.levels[0], 2048)
            )
            print(f"pixels that differ             {different:8} of {side * side}")


def _stream(source: Path, target: Path) -> None:
    with open_scan(source) as scan:
        result, _ = treated(scan, TREATMENT)
        finish(write_pyramid(result, target, compression="zstd"))


def _work(words: list[str]) -> None:
    """Do one part of the measurement in this process."""
    if words[0] == "make":
        make(Path(words[1]), "u1", int(words[2]))
    elif words[0] == "stream":
        _stream(Path(words[1]), Path(words[2]))
    else:
        main(int(words[0]))


if __name__ == "__main__":
    _work(sys.argv[1:])
