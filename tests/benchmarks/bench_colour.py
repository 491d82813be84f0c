"""How long the colours of a tile take, and how far they lie from Little CMS.

python -m tests.benchmarks.bench_colour
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from statistics import median

import numpy as np

from tests.scans.chart import dense, exactly, farness, rounded
from tests.scans.inks import (
    ADOBE,
    D50,
    D65,
    PROPHOTO,
    grey_profile,
    matrix_profile,
    press_profile,
    table_profile,
)
from tests.scans.pictures import picture
from workstation.scans.colour import Display, conversion
from workstation.scans.lcms import Route
from workstation.scans.profiles import srgb_profile
from workstation.scans.source import Pixels

TILE, ROUNDS = 512, 30
ADOBE_RGB, WIDE = matrix_profile(ADOBE, D65), matrix_profile(PROPHOTO, D50, 1.8)
PAIRS: dict[str, tuple[bytes | None, int, Display]] = {
    "matrix → sRGB": (ADOBE_RGB, 3, Display()),
    "matrix → a wide screen": (ADOBE_RGB, 3, Display(WIDE)),
    "no profile → a wide screen": (None, 3, Display(WIDE)),
    "grey → sRGB": (grey_profile(1.8), 1, Display()),
    "tables → sRGB": (table_profile(), 3, Display()),
    "matrix → a screen of tables": (ADOBE_RGB, 3, Display(table_profile())),
    "matrix → proof of 4 inks → sRGB": (ADOBE_RGB, 3, Display(proof=press_profile())),
    "tables → proof of 4 inks → wide": (table_profile(), 3, Display(WIDE, proof=press_profile())),
}


def main() -> None:
    """Print the table."""
    print(
        f"a tile of {TILE} px, processor time, best and median of {ROUNDS}; ΔE00 from Little CMS without\n"
        "shortcuts on a chart of 17³, 1024 greys and 20,000 by chance; of 8 bits also what rounding costs"
    )
    print(
        f"{'':32} {'first ms':>9} {'8-bit ms':>12} {'16-bit ms':>12} {'ΔE 8 mean/max':>15} {'rounding':>15} "
        f"{'ΔE 16 mean/99.9 %/max':>22}"
    )
    for name, (icc, channels, display) in PAIRS.items():
        start = time.perf_counter()
        convert = conversion(icc, channels, display)
        convert(picture(TILE, TILE, channels))
        first = time.perf_counter() - start
        tiles = (picture(TILE, TILE, channels, dtype) for dtype in (np.uint8, np.uint16))
        eight, sixteen = (_cpu(partial(convert, tile)) for tile in tiles)
        route = Route(icc or srgb_profile(), display.profile or srgb_profile(), proof=display.proof)
        print(
            f"{name:32} {1e3 * first:9.0f} {eight:>12} {sixteen:>12} {_distances(convert, route, channels)}"
        )


def _distances(convert: Callable[[Pixels], Pixels], route: Route, channels: int) -> str:
    block = dense()[..., :channels]
    small = (block >> 8).astype(np.uint8)
    exact = exactly(route, small.astype(np.uint16) * 257)
    eights = (
        farness(found.astype(np.uint16) * 257, exact, route.target)
        for found in (convert(small), rounded(exact))
    )
    words = [f"{far.mean():7.4f} {far.max():7.3f}" for far in eights]
    far = farness(convert(block), exactly(route, block), route.target)
    return f"{words[0]} {words[1]} {far.mean():8.4f} {np.quantile(far, 0.999):6.3f} {far.max():6.3f}"


def _cpu(work: Callable[[], object]) -> str:
    """Say what a tile takes of the processor: this machine may have other work."""
    times = []
    for _ in range(ROUNDS):
        start = time.thread_time()
        work()
        times.append(time.thread_time() - start)
    return f"{1e3 * min(times):.1f} / {1e3 * median(times):.1f}"


if __name__ == "__main__":
    main()
