"""The difference map: right numbers at every place, level and kind of picture."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.comparison.pictures import Levels, noisy, painted
from workstation.comparison.difference import DifferenceSource
from workstation.comparison.extent import Extent
from workstation.comparison.palette import NOT_COMPARED, palette
from workstation.errors import MaskError, ScanError, UsageError
from workstation.operations.mask import Mask
from workstation.scans.source import ArraySource, Level, Metadata


def test_the_map_holds_what_scikit_image_finds_for_every_pixel() -> None:
    import torch
    from skimage.color import deltaE_ciede2000

    from models.colour import lab_from_srgb

    a, b = painted(60, 80), noisy(painted(60, 80), 12)
    found = DifferenceSource(ArraySource(a), ArraySource(b)).values(0, 0, 60, 0, 80)
    labs = [lab_from_srgb(torch.from_numpy(picture / 255)).numpy() for picture in (a, b)]
    assert np.abs(found - deltaE_ciede2000(*labs)).max() < 2e-3


def test_sixteen_bits_and_floats_give_the_same_difference_as_eight() -> None:
    a, b = painted(40, 50), noisy(painted(40, 50), 12)
    eight = DifferenceSource(ArraySource(a), ArraySource(b)).values(0, 0, 40, 0, 50)
    wide = [ArraySource(picture.astype(np.uint16) * 257) for picture in (a, b)]
    floating = [ArraySource((picture / 255).astype(np.float32)) for picture in (a, b)]
    assert np.array_equal(DifferenceSource(*wide).values(0, 0, 40, 0, 50), eight)
    assert np.abs(DifferenceSource(*floating).values(0, 0, 40, 0, 50) - eight).max() < 1e-3


@settings(deadline=None)
@given(st.integers(0, 39), st.integers(0, 49), st.integers(1, 40), st.integers(1, 50))
def test_any_block_equals_the_same_block_of_the_whole_map(y: int, x: int, high: int, wide: int) -> None:
    source = DifferenceSource(ArraySource(painted(40, 50)), ArraySource(noisy(painted(40, 50), 9)))
    y1, x1 = min(y + high, 40), min(x + wide, 50)
    assert np.array_equal(source.read(0, y, y1, x, x1), source.read(0, 0, 40, 0, 50)[y:y1, x:x1])


def test_equal_pictures_differ_nowhere_and_are_drawn_in_the_first_colour() -> None:
    source = DifferenceSource(ArraySource(painted(20, 30)), ArraySource(painted(20, 30)))
    assert not source.values(0, 0, 20, 0, 30).any()
    assert (source.read(0, 0, 20, 0, 30) == palette()[0]).all()


def test_the_scale_says_which_difference_gets_the_last_colour() -> None:
    black, white = np.zeros((4, 4, 3), np.uint8), np.full((4, 4, 3), 255, np.uint8)
    grey = np.full((4, 4, 3), 20, np.uint8)
    strong = DifferenceSource(ArraySource(black), ArraySource(white))
    assert strong.values(0, 0, 4, 0, 4) == pytest.approx(100, abs=1e-3)
    assert (strong.read(0, 0, 4, 0, 4) == palette()[255]).all()
    value = float(DifferenceSource(ArraySource(black), ArraySource(grey)).values(0, 0, 1, 0, 1)[0, 0])
    half = DifferenceSource(ArraySource(black), ArraySource(grey), scale=value * 255 / 100)
    assert (half.read(0, 0, 1, 0, 1) == palette()[100]).all()


def test_where_one_picture_is_grey_only_lightness_is_compared() -> None:
    colour = painted(20, 20)
    grey = np.full((20, 20, 1), 119, np.uint8)
    source = DifferenceSource(ArraySource(colour), ArraySource(grey))
    assert source.measure == "lightness"
    assert source.quantity.startswith("Lightness")
    assert source.metadata.description == "Lightness difference ΔE00 from 0 to 10 in false colours"
    twin = np.full((20, 20, 1), 128, np.uint8)
    as_colours = DifferenceSource(ArraySource(np.repeat(grey, 3, 2)), ArraySource(np.repeat(twin, 3, 2)))
    assert as_colours.measure == "colour"
    as_greys = DifferenceSource(ArraySource(grey), ArraySource(twin)).values(0, 0, 20, 0, 20)
    assert as_greys == pytest.approx(as_colours.values(0, 0, 20, 0, 20), abs=1e-4)


def test_transparency_is_left_out() -> None:
    a, b = painted(20, 20), noisy(painted(20, 20), 9)
    alpha = np.full((20, 20, 1), 7, np.uint8)
    with_alpha = DifferenceSource(ArraySource(np.dstack([a, alpha])), ArraySource(b))
    plain = DifferenceSource(ArraySource(a), ArraySource(b))
    assert np.array_equal(with_alpha.read(0, 0, 20, 0, 20), plain.read(0, 0, 20, 0, 20))


def test_outside_the_mask_nothing_is_compared() -> None:
    marked = np.zeros((600, 700), bool)
    marked[100:300, 550:700] = True
    a, b = painted(600, 700), noisy(painted(600, 700), 9)
    source = DifferenceSource(ArraySource(a), ArraySource(b), mask=Mask.from_array(marked))
    whole = DifferenceSource(ArraySource(a), ArraySource(b)).values(0, 0, 600, 0, 700)
    found = source.values(0, 0, 600, 0, 700)
    assert np.array_equal(np.isnan(found), ~marked)
    assert np.array_equal(found[marked], whole[marked])
    assert (source.read(0, 0, 600, 0, 700)[~marked] == NOT_COMPARED).all()


def test_coarser_levels_exist_as_far_as_both_pictures_have_them() -> None:
    a, b = painted(64, 96), noisy(painted(64, 96), 30)
    source = DifferenceSource(Levels(a, 4), Levels(b, 3))
    assert [(level.height, level.width) for level in source.levels] == [(64, 96), (32, 48), (16, 24)]
    coarse = DifferenceSource(ArraySource(Levels(a, 3).whole(2)), ArraySource(Levels(b, 3).whole(2)))
    assert np.array_equal(source.values(2, 0, 16, 0, 24), coarse.values(0, 0, 16, 0, 24))


@settings(deadline=None)
@given(st.integers(1, 90), st.integers(1, 90), st.integers(0, 3))
def test_a_mark_is_seen_at_every_level(y: int, x: int, level: int) -> None:
    marked = np.zeros((91, 91), bool)
    marked[y, x] = True
    picture = painted(91, 91)
    source = DifferenceSource(Levels(picture, 4), Levels(picture, 4), mask=Mask.from_array(marked))
    size = source.levels[level].height
    compared = ~np.isnan(source.values(level, 0, size, 0, size))
    assert compared.sum() == 1
    assert compared[min(y >> level, size - 1), min(x >> level, size - 1)]


@settings(deadline=None)
@given(st.integers(0, 89), st.integers(0, 89), st.sampled_from([1, 1.3, 2, 2.7, 3, 4, 5.5]))
def test_a_mark_is_seen_at_levels_of_any_ratio(y: int, x: int, ratio: float) -> None:
    marked = np.zeros((90, 90), bool)
    marked[y, x] = True
    side = int(90 / ratio)
    levels = tuple(Level(n, n, 3, np.dtype(np.uint8), (32, 32)) for n in (90, side))
    seen = Extent(Mask.from_array(marked), levels).read(1, 0, side, 0, side)
    assert 1 <= seen.sum() <= 9
    near = np.argwhere(seen).mean(axis=0) * 90 / side
    assert np.abs(near - (y, x)).max() < 2 * ratio + 2


def test_pictures_of_two_sizes_are_refused_in_one_sentence() -> None:
    with pytest.raises(UsageError, match=r"50 × 40 px and 51 × 40 px.*Register"):
        DifferenceSource(ArraySource(painted(40, 50)), ArraySource(painted(40, 51)))


def test_what_cannot_be_compared_is_refused_in_one_sentence() -> None:
    picture = ArraySource(painted(8, 8))
    with pytest.raises(UsageError, match="5 channels"):
        DifferenceSource(picture, ArraySource(np.zeros((8, 8, 5), np.uint8)))
    with pytest.raises(ScanError, match="int32"):
        DifferenceSource(picture, ArraySource(np.zeros((8, 8, 3), np.int32))).read(0, 0, 8, 0, 8)
    with pytest.raises(UsageError, match="scale"):
        DifferenceSource(picture, picture, scale=0)
    with pytest.raises(UsageError, match="scale"):
        DifferenceSource(picture, picture, scale=float("nan"))
    with pytest.raises(MaskError, match="mask is 9 × 8"):
        DifferenceSource(picture, picture, mask=Mask(8, 9))


def test_not_a_number_in_a_float_scan_is_taken_as_black() -> None:
    a = np.full((4, 4, 3), np.nan, np.float32)
    source = DifferenceSource(ArraySource(a), ArraySource(np.zeros((4, 4, 3), np.float32)))
    assert not source.values(0, 0, 4, 0, 4).any()


def test_millimetres_travel_with_the_map() -> None:
    a = ArraySource(painted(8, 8), Metadata(pixels_per_mm=20.0, icc=b"not carried on"))
    source = DifferenceSource(a, ArraySource(noisy(painted(8, 8), 4)))
    assert source.metadata.pixels_per_mm == 20.0
    assert source.metadata.icc is None
