"""Twenty real paintings through the whole flow by the command line; the fills against OpenCV's, in PSNR."""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.benchmarks.flow import Case, damaged, exhibited, psnr, studio, treated
from tests.benchmarks.paintings import paintings

COUNT = 20
RADII = (3, 5)


def main() -> None:
    """Print one row a kind of damage: PSNR in the mask, and on how many paintings ours is the highest."""
    files = paintings()
    if not files:
        return
    chosen = [files[index * len(files) // COUNT] for index in range(COUNT)]
    print("PSNR inside the mask, dB (16 bit; OpenCV works on 8 bit and gets its better radius per painting)")
    print("damage     n    ours   Telea  Navier-Stokes  ours - best  ours best on")
    for kind in ("narrow", "compact"):
        rows = [_row(painting, kind, seed) for seed, painting in enumerate(chosen)]
        ours, telea, stokes = (mean(row[index] for row in rows) for index in range(3))
        wins = sum(row[0] > max(row[1:]) for row in rows)
        scores = f"{ours:7.2f} {telea:7.2f} {stokes:14.2f} {ours - max(telea, stokes):+12.2f}"
        print(f"{kind:8} {len(rows):3} {scores} {wins:10}/{len(rows)}", flush=True)


def _row(painting: Path, kind: str, seed: int) -> tuple[float, float, float]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        studio(folder)
        case = damaged(painting, folder, kind, seed)
        restored = treated(case, folder)
        exhibited(case, folder)
        return (
            psnr(case.truth, restored, case.mask),
            _opencv(case, "INPAINT_TELEA"),
            _opencv(case, "INPAINT_NS"),
        )


def _opencv(case: Case, method: str) -> float:
    """Return the better of two radii; cv2 fills 8-bit pictures only."""
    import cv2

    picture = (case.truth >> 8).astype(np.uint8)
    mask = case.mask.astype(np.uint8)
    fills: list[npt.NDArray[Any]] = [
        cv2.inpaint(picture, mask, radius, getattr(cv2, method)) for radius in RADII
    ]
    return max(psnr(case.truth, fill.astype(np.uint16) * 257, case.mask) for fill in fills)
