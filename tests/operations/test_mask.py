"""Masks: sparse, of any size, the same however they came about."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstation.errors import MaskError
from workstation.operations.mask import Mask, mask_from
from workstation.scans.source import ArraySource


@given(st.integers(-30, 1200), st.integers(-30, 1200), st.integers(1, 700), st.integers(1, 700))
def test_what_is_written_is_read_back_and_the_rest_stays_unmarked(y: int, x: int, h: int, w: int) -> None:
    truth = np.zeros((1100, 1300), bool)
    mask = Mask(1100, 1300)
    mask.write(y, x, np.ones((h, w), bool))
    truth[max(y, 0) : max(y + h, 0), max(x, 0) : max(x + w, 0)] = True
    assert np.array_equal(mask.read(0, 1100, 0, 1300), truth)
    assert mask.area == truth.sum()


def test_a_gigapixel_mask_keeps_only_the_tiles_that_are_marked() -> None:
    mask = Mask(900_000, 700_000)
    mask.add(812_345, 600_001, np.ones((5, 5), bool))
    assert len(mask.tiles) == 1
    assert mask.any(812_000, 813_000, 600_000, 601_000)
    assert not mask.any(0, 100_000, 0, 700_000)


def test_removing_all_marks_leaves_no_tile_and_the_hash_of_an_empty_mask() -> None:
    mask = Mask(600, 600)
    mask.add(500, 500, np.ones((50, 50), bool))
    mask.remove(490, 490, np.ones((80, 80), bool))
    assert mask.tiles == ()
    assert mask.sha256() == Mask(600, 600).sha256()


def test_a_copy_is_not_touched_by_later_strokes() -> None:
    mask = Mask(600, 600)
    mask.add(10, 10, np.ones((5, 5), bool))
    before = mask.copy()
    mask.add(100, 100, np.ones((5, 5), bool))
    assert before.area == 25
    assert mask.area == 50


def test_the_hash_tells_masks_of_other_size_or_place_apart() -> None:
    hashes = set()
    for height, y in ((600, 1), (601, 1), (600, 2)):
        mask = Mask(height, 600)
        mask.add(y, 1, np.ones((2, 2), bool))
        hashes.add(mask.sha256())
    assert len(hashes) == 3


def test_a_picture_marks_where_any_of_its_samples_is_not_zero() -> None:
    picture = np.zeros((700, 900, 3), np.uint8)
    picture[600:610, 800:820, 2] = 7
    mask = mask_from(ArraySource(picture))
    assert mask.area == 200
    assert mask.read(600, 610, 800, 820).all()


def test_a_mask_of_another_size_is_refused_in_one_sentence() -> None:
    with pytest.raises(MaskError, match="600 × 500 px, its picture 601 × 500 px"):
        Mask(500, 600).check_fits(500, 601)


def test_a_mask_of_the_whole_picture_shares_its_full_tiles() -> None:
    mask = Mask.whole(5_000, 6_000)
    mask.remove(100, 100, np.ones((10, 20), bool))
    assert mask.area == 5_000 * 6_000 - 200
    assert len({id(tile) for tile in mask._tiles.values()}) <= 1 + 1 + 10 + 12


def test_joined_masks_are_marked_where_either_was_and_both_stay_as_they_were() -> None:
    a, b = Mask(700, 700), Mask(700, 700)
    a.add(10, 10, np.ones((20, 20), bool))
    b.add(20, 20, np.ones((600, 5), bool))
    joined = a.join(b).read(0, 700, 0, 700)
    assert np.array_equal(joined, a.read(0, 700, 0, 700) | b.read(0, 700, 0, 700))
    assert (a.area, b.area) == (400, 3000)
    with pytest.raises(MaskError):
        a.join(Mask(700, 701))
