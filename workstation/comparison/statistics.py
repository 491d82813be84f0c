"""How much two pictures differ, in a few numbers: counted block by block, so that size does not matter."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from workstation.comparison.difference import DifferenceSource
from workstation.errors import MaskError
from workstation.jobs import Job, Progress

BLOCK = 512
BINS_PER_UNIT = 200
HIGHEST = 200
"""No two colours of a picture differ by more; the last bin would hold them."""
LIMITS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Statistics:
    """ΔE00 over all compared pixels; median and 95th percentile to within 0.005."""

    pixels: int
    mean: float
    median: float
    p95: float
    largest: float
    above: tuple[tuple[int, float], ...]
    """(ΔE00, share of the pixels that differ by more)."""

    def values(self) -> dict[str, Any]:
        """Return the numbers as plain JSON values."""
        above = {str(limit): round(share, 6) for limit, share in self.above}
        names = ("mean", "median", "p95", "largest")
        return {
            "pixels": self.pixels,
            **{name: round(getattr(self, name), 4) for name in names},
            "above": above,
        }


class _Tally:
    """What has been counted so far."""

    def __init__(self) -> None:
        self.bins = np.zeros(HIGHEST * BINS_PER_UNIT, np.int64)
        self.total = 0.0
        self.largest = 0.0
        self.above = np.zeros(len(LIMITS), np.int64)

    def add(self, values: npt.NDArray[np.float32]) -> None:
        found = values[~np.isnan(values)]
        if not found.size:
            return
        places = np.minimum(found * BINS_PER_UNIT, self.bins.size - 1).astype(np.int64)
        self.bins += np.bincount(places, minlength=self.bins.size)
        self.total += float(found.sum(dtype=np.float64))
        self.largest = max(self.largest, float(found.max()))
        self.above += [int((found > limit).sum()) for limit in LIMITS]

    def statistics(self) -> Statistics:
        pixels = int(self.bins.sum())
        if not pixels:
            raise MaskError(
                "The mask marks no pixel, so there is nothing to compare. Mark a part of the picture."
            )
        shares = tuple((limit, int(n) / pixels) for limit, n in zip(LIMITS, self.above, strict=True))
        return Statistics(
            pixels, self.total / pixels, self._quantile(0.5), self._quantile(0.95), self.largest, shares
        )

    def _quantile(self, share: float) -> float:
        """Return the value below which `share` of the pixels lie: exactly 0 where most do not differ."""
        counted = np.cumsum(self.bins)
        place = int(np.searchsorted(counted, share * counted[-1]))
        return 0.0 if place == 0 else min((place + 0.5) / BINS_PER_UNIT, self.largest)


def statistics(source: DifferenceSource) -> Job[Statistics]:
    """Count the differences at full resolution."""
    blocks = list(_blocks(source))
    tally = _Tally()
    for done, values in enumerate(_read_ahead(source, blocks), 1):
        tally.add(values)
        yield Progress(done, len(blocks), "Measuring the difference")
    return tally.statistics()


def _blocks(source: DifferenceSource) -> Iterator[tuple[int, int, int, int]]:
    level = source.levels[0]
    rows, columns = range(-(-level.height // BLOCK)), range(-(-level.width // BLOCK))
    places = product(rows, columns) if source.extent is None else sorted(source.extent.blocks(BLOCK))
    for row, column in places:
        y0, x0 = row * BLOCK, column * BLOCK
        yield y0, min(y0 + BLOCK, level.height), x0, min(x0 + BLOCK, level.width)


def _read_ahead(
    source: DifferenceSource, blocks: list[tuple[int, int, int, int]]
) -> Iterator[npt.NDArray[np.float32]]:
    """Yield the blocks in order while others are computed: a few at a time, so that memory stays bounded."""
    workers = min(os.cpu_count() or 1, 8)
    waiting: deque[Future[npt.NDArray[np.float32]]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        try:
            for block in blocks:
                waiting.append(pool.submit(source.values, 0, *block))
                if len(waiting) > workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)
