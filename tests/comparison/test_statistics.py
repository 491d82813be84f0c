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
from workstation.scans.source import ArraySource


def test_the_streamed_numbers_are_those_of_all_pixels_at_once() -> None:
    a, b = painted(1100, 1300), noisy(painted(1100, 1300), 9)
    source = DifferenceSource(ArraySource(a), ArraySource(b))
    found = finish(statistics(source))
    whole = source.values(0, 0, 1100, 0, 1300).astype(np.float64)
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
