"""The numbers of a comparison equal those of the whole map, however large it is."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from tests.comparison.pictures import noisy, painted
from workstation.comparison.difference import DifferenceSource
from workstation.comparison.statistics import statistics
from workstation.errors import CancelledError, MaskError
from workstation.jobs import finish
from workstation.operations.mask import Mask
from workstation.scans.source import ArraySource, Damage, Level, Metadata, Pixels


def test_the_streamed_numbers_are_those_of_all_pixels_at_once() -> None:
    a, b = painted(1030, 1100), noisy(painted(1030, 1100), 9)
    source = DifferenceSource(ArraySource(a), ArraySource(b))
    found = finish(statistics(source))
    whole = source.values(0, 0, 1030, 0, 1100).astype(np.float64)
    assert found.pixels == whole.size
    assert found.mean == pytest.approx(whole.mean(), rel=1e-9)
    assert found.median == pytest.approx(np.median(whole), abs=0.005)
    assert found.p95 == pytest.approx(np.quantile(whole, 0.95), abs=0.005)
    assert found.largest == whole.max()
    assert dict(found.above) == {limit: (whole > limit).mean() for limit in (1, 2, 5)}


def test_equal_pictures_give_zeros() -> None:
    picture = ArraySource(painted(50, 50))
    found = finish(statistics(DifferenceSource(picture, picture)))
    assert (found.mean, found.median, found.p95, found.largest) == (0, 0, 0, 0)
    assert all(share == 0 for _, share in found.above)


def test_with_a_mask_only_its_pixels_count_and_only_they_are_read() -> None:
    marked = np.zeros((1500, 1500), bool)
    marked[1200:1300, 1200:1300] = True
    a, b = painted(1500, 1500), noisy(painted(1500, 1500), 9)
    source = DifferenceSource(ArraySource(a), ArraySource(b), mask=Mask.from_array(marked))
    steps: list[int] = []
    found = finish(statistics(source), lambda progress: steps.append(progress.total))
    part = DifferenceSource(ArraySource(a), ArraySource(b)).values(0, 1200, 1300, 1200, 1300)
    assert found.pixels == 10_000
    assert found.mean == pytest.approx(part.mean(dtype=np.float64), rel=1e-9)
    assert steps == [1]


class Endless:
    """A scan of 925,000 × 775,000 px, computed as it is read, that counts what is asked of it."""

    def __init__(self, colour: int) -> None:
        self.levels = (Level(775_000, 925_000, 3, np.dtype(np.uint8), (512, 512)),)
        self.metadata = Metadata()
        self.damaged: tuple[Damage, ...] = ()
        self.colour, self.pixels = colour, 0

    def read(self, level: int, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        self.pixels += (y1 - y0) * (x1 - x0)
        return np.full((y1 - y0, x1 - x0, 3), self.colour, np.uint8)

    def close(self) -> None:
        """Nothing to give back."""


def test_of_a_giant_scan_only_what_the_mask_marks_is_read() -> None:
    mask = Mask(775_000, 925_000)
    mask.write(700_000, 900_000, np.ones((300, 300), bool))
    a, b = Endless(100), Endless(110)
    found = finish(statistics(DifferenceSource(a, b, mask=mask)))
    assert found.pixels == 90_000
    assert found.median == pytest.approx(found.largest, abs=0.005)
    assert a.pixels == b.pixels <= 4 * 1024 * 1024


def test_an_empty_mask_is_told_in_one_sentence() -> None:
    picture = ArraySource(painted(50, 50))
    with pytest.raises(MaskError, match="marks no pixel"):
        finish(statistics(DifferenceSource(picture, picture, mask=Mask(50, 50))))


def test_a_stopped_count_leaves_no_thread_behind() -> None:
    picture = ArraySource(np.zeros((1024, 1024 * 12, 3), np.uint8))
    before = threading.active_count()
    with pytest.raises(CancelledError):
        finish(statistics(DifferenceSource(picture, picture)), stopped=lambda: True)
    assert threading.active_count() == before


def test_the_numbers_are_plain_json_values() -> None:
    a, b = ArraySource(painted(40, 40)), ArraySource(noisy(painted(40, 40), 9))
    values = finish(statistics(DifferenceSource(a, b))).values()
    assert set(values) == {"pixels", "mean", "median", "p95", "largest", "above"}
    assert set(values["above"]) == {"1", "2", "5"}
