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
from workstation.scans.lcms import Route, deep
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
        "shortcuts on a chart of 17³, 1024 greys and 20,000 by chance; of 8 bits before they are rounded.\n"
        "rounding: how far its exact colours lie from themselves, once rounded to 8 bits (in the dark one\n"
        "step is up to ΔE00 2). bytes: how many of ours are not its own, and by how many steps at most.\n"
        "own way: how far Little CMS with its usual shortcuts lies from itself without, in 16 bits."
    )
    print(
        f"{'':32} {'first ms':>9} {'8-bit ms':>12} {'16-bit ms':>12} {'ΔE 16 mean/99.9 %/max':>22} "
        f"{'ΔE 8 mean/max':>15} {'rounding':>9} {'bytes':>11} {'own way':>9}"
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
    same = small.astype(np.uint16) * 257
    exact, deeper = exactly(route, same), exactly(route, block)
    far, far8, best = (
        farness(ours, theirs, route.target)
        for ours, theirs in (
            (convert(block), deeper),
            (convert(same), exact),
            (rounded(exact).astype(np.uint16) * 257, exact),
        )
    )
    steps = np.abs(convert(small).astype(int) - rounded(exact))
    own = farness(deep(route, block), deeper, route.target)
    bytes_off = f"{(steps > 0).mean():7.1%} {steps.max():3}"
    return (
        f"{far.mean():8.4f} {np.quantile(far, 0.999):6.3f} {far.max():6.3f} "
        f"{far8.mean():8.4f} {far8.max():6.3f} {best.max():9.3f} {bytes_off} {own.max():9.3f}"
    )


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
