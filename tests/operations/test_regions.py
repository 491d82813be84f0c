"""Regions of a mask: the same as labelling the whole picture at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from workstation.operations.mask import Mask
from workstation.operations.regions import Region, Regions


def labelled_at_once(marked: npt.NDArray[np.bool_]) -> set[tuple[int, int, int, int, int]]:
    """Label the whole picture with scipy: the reference."""
    square = np.ones((3, 3), bool)
    labels, count = ndimage.label(ndimage.binary_dilation(marked, square), square)
    own = np.where(marked, labels, 0)
    found = set()
    for label in range(1, count + 1):
        ys, xs = np.nonzero(own == label)
        found.add((int(ys.min()), int(ys.max()) + 1, int(xs.min()), int(xs.max()) + 1, len(ys)))
    return found


def measured(region: Region) -> tuple[int, int, int, int, int]:
    return region.y0, region.y1, region.x0, region.x1, region.area


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 1090), st.integers(0, 1290), st.integers(1, 400), st.integers(1, 3), st.booleans()
        ),
        max_size=12,
    )
)
def test_streamed_regions_are_those_of_the_whole_picture(
    strokes: list[tuple[int, int, int, int, bool]],
) -> None:
    marked = np.zeros((1100, 1300), bool)
    for y, x, length, width, flat in strokes:
        marked[y : y + (width if flat else length), x : x + (length if flat else width)] = True
    regions = Regions(Mask.from_array(marked))
    assert {measured(region) for region in regions.all} == labelled_at_once(marked)
    together = np.zeros_like(marked)
    for region in regions.all:
        own = regions.read(region, 0, 1100, 0, 1300)
        assert own.sum() == region.area
        assert not (together & own).any()
        together |= own
    assert np.array_equal(together, marked)


@pytest.mark.parametrize(("dy", "dx"), [(1, 1), (1, -1), (3, 0), (0, 3), (3, -3)])
def test_marks_that_meet_at_a_corner_of_four_tiles_are_one_region(dy: int, dx: int) -> None:
    marked = np.zeros((1024, 1024), bool)
    marked[510, 511] = True
    marked[510 + dy, 511 + dx] = True
    assert len(Regions(Mask.from_array(marked)).all) == 1


def test_marks_four_pixels_apart_are_two_regions_in_reading_order() -> None:
    marked = np.zeros((100, 100), bool)
    marked[50, 20] = marked[50, 24] = True
    first, second = Regions(Mask.from_array(marked)).all
    assert (first.x0, second.x0) == (20, 24)


def test_a_crack_across_many_tiles_of_a_giant_mask_is_one_region() -> None:
    mask = Mask(200_000, 300_000)
    mask.add(100_000, 0, np.ones((2, 20_000), bool))
    (crack,) = Regions(mask).all
    assert measured(crack) == (100_000, 100_002, 0, 20_000, 40_000)
