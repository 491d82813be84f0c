"""How fast CIEDE2000 is computed, in megapixels per second of processor time, against scikit-image.

python -m tests.benchmarks.bench_comparison
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import torch

from models.colour import ciede2000, lab_from_srgb
from workstation.comparison.difference import DifferenceSource
from workstation.comparison.statistics import statistics
from workstation.jobs import finish
from workstation.scans.source import ArraySource, Pixels

SIDE = 1024
ROUNDS = 3


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)  # else idle threads that wait are counted as work
    a, b = _pictures()
    print(f"CIEDE2000, {SIDE} × {SIDE} px, best of {ROUNDS}, Mpx per second of processor time")
    for name, work in _works(a, b).items():
        print(f"  {name:<52} {_speed(work):6.2f}")


def _pictures() -> tuple[Pixels, Pixels]:
    draw = np.random.default_rng(0)
    a = draw.integers(0, 256, (SIDE, SIDE, 3), np.uint8)
    return a, np.asarray((a + draw.normal(0, 6, a.shape)).clip(0, 255), np.uint8)


def _works(a: Pixels, b: Pixels) -> dict[str, Callable[[], object]]:
    from skimage.color import deltaE_ciede2000, rgb2lab

    first, second = (lab_from_srgb(torch.from_numpy(x / np.float32(255))) for x in (a, b))
    one, other = first.numpy().astype(np.float64), second.numpy().astype(np.float64)
    source = DifferenceSource(ArraySource(a), ArraySource(b))
    equal = DifferenceSource(ArraySource(a), ArraySource(a))
    return {
        "ours, from CIELAB, 32 bit": lambda: ciede2000(first, second),
        "ours, from CIELAB, 64 bit": lambda: ciede2000(first.double(), second.double()),
        "scikit-image, from CIELAB, 64 bit": lambda: deltaE_ciede2000(one, other),
        "ours, from 8-bit sRGB (DifferenceSource.values)": lambda: source.values(0, 0, SIDE, 0, SIDE),
        "ours, from 8-bit sRGB to false colours (read)": lambda: source.read(0, 0, SIDE, 0, SIDE),
        "ours, from 8-bit sRGB with statistics": lambda: finish(statistics(source)),
        "ours, two equal pictures": lambda: equal.values(0, 0, SIDE, 0, SIDE),
        "scikit-image, from 8-bit sRGB": lambda: deltaE_ciede2000(rgb2lab(a), rgb2lab(b)),
    }


def _speed(work: Callable[[], object]) -> float:
    work()
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return SIDE * SIDE / 1e6 / min(times)


if __name__ == "__main__":
    main()
