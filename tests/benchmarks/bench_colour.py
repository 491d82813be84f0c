"""How long the colours of a tile take, and how far they lie from Little CMS.

python -m tests.benchmarks.bench_colour
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from statistics import median

import numpy as np
from skimage.color import deltaE_ciede2000

from tests.scans.inks import (
    ADOBE,
    D50,
    D65,
    ECI,
    PROPHOTO,
    grey_profile,
    lab_of,
    matrix_profile,
    table_profile,
)
from tests.scans.pictures import picture
from workstation.scans.colour import Display, conversion
from workstation.scans.lcms import Route, deep, srgb
from workstation.scans.shaper import chart
from workstation.scans.source import Pixels

TILE, ROUNDS = 512, 30
PAIRS: dict[str, tuple[bytes | None, int, Display]] = {
    "Adobe RGB → sRGB": (matrix_profile(ADOBE, D65), 3, Display()),
    "eciRGB → sRGB": (matrix_profile(ECI, D50, 1.8), 3, Display()),
    "ProPhoto → sRGB": (matrix_profile(PROPHOTO, D50, 1.8), 3, Display()),
    "no profile → a wide screen": (None, 3, Display(matrix_profile(ADOBE, D65, 2.2))),
    "grey, gamma 1.8 → sRGB": (grey_profile(1.8), 1, Display()),
    "tables → sRGB": (table_profile(), 3, Display()),
    "Adobe RGB → soft proof → sRGB": (matrix_profile(ADOBE, D65), 3, Display(proof=table_profile())),
}


def main() -> None:
    """Print the table."""
    print(
        f"a tile of {TILE} px, processor time, median of {ROUNDS}; ΔE00 from Little CMS at 16 bit on a chart"
    )
    print(
        f"{'':32} {'first ms':>9} {'8-bit ms':>9} {'16-bit ms':>9} {'max 8':>7} {'max 16':>7} {'mean 16':>8}"
    )
    for name, (icc, channels, display) in PAIRS.items():
        start = time.perf_counter()
        convert = conversion(icc, channels, display)
        first = time.perf_counter() - start
        tiles = (picture(TILE, TILE, channels, dtype) for dtype in (np.uint8, np.uint16))
        eight, sixteen = (_cpu(partial(convert, tile)) for tile in tiles)
        small, large = _distances(
            convert, Route(icc or srgb(), display.profile or srgb(), proof=display.proof), channels
        )
        print(
            f"{name:32} {1e3 * first:9.0f} {1e3 * eight:9.2f} {1e3 * sixteen:9.2f} {small.max():7.3f} "
            f"{large.max():7.3f} {large.mean():8.4f}"
        )


def _distances(convert: Callable[[Pixels], Pixels], route: Route, channels: int) -> tuple[Pixels, Pixels]:
    """Return how far 8 and 16 bits lie from the exact way; of 8 bits, from its outcome rounded to 8 bits."""
    block = chart()[..., :channels]
    small = (block >> 8).astype(np.uint8)
    exact = deep(route, block, exact=True)
    rounded = np.rint(deep(route, small.astype(np.uint16) * 257, exact=True) / 257).astype(np.uint8)
    return _distance(convert(small), rounded, route.target), _distance(convert(block), exact, route.target)


def _distance(ours: Pixels, theirs: Pixels, icc: bytes) -> Pixels:
    return np.asarray(deltaE_ciede2000(lab_of(ours, icc), lab_of(theirs, icc)))


def _cpu(work: Callable[[], object]) -> float:
    """Return what a tile takes of the processor: this machine may have other work."""
    times = []
    for _ in range(ROUNDS):
        start = time.thread_time()
        work()
        times.append(time.thread_time() - start)
    return median(times)


if __name__ == "__main__":
    main()
