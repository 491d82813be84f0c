from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.scans.inks import D50, PROPHOTO, matrix_profile
from tests.scans.pictures import picture
from workstation.scans.colour import Display, conversion
from workstation.scans.shown import Shown
from workstation.scans.source import ArraySource, Metadata, Pixels
from workstation.scans.thumbnail import display, thumbnail

ADOBE = matrix_profile()
PIXELS = picture(700, 1300, 3, np.uint16, seed=4)


class Counted(ArraySource):
    """A picture that counts how many of its pixels were read."""

    count = 0

    def read(self, level: int, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        self.count += (y1 - y0) * (x1 - x0)
        return super().read(level, y0, y1, x0, x1)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 699), st.integers(1, 700), st.integers(0, 1299), st.integers(1, 1300))
def test_any_block_is_the_converted_block(y0: int, height: int, x0: int, width: int) -> None:
    y1, x1 = min(y0 + height, 700), min(x0 + width, 1300)
    shown = Shown(ArraySource(PIXELS, Metadata(icc=ADOBE)), Display())
    wanted = conversion(ADOBE, 3)(PIXELS[y0:y1, x0:x1])
    for _ in range(2):
        assert np.array_equal(shown.read(0, y0, y1, x0, x1), wanted)
    shown.close()


def test_a_view_that_is_seen_again_is_not_read_again() -> None:
    source = Counted(PIXELS, Metadata(icc=ADOBE))
    shown = Shown(source, Display())
    shown.read(0, 10, 600, 20, 1200)
    once = source.count
    shown.read(0, 10, 600, 20, 1200)
    shown.read(0, 0, 300, 700, 900)
    assert source.count == once
    shown.forget()
    shown.read(0, 10, 600, 20, 1200)
    assert source.count == 2 * once
    shown.close()


def test_pixels_that_changed_are_seen_after_forgetting() -> None:
    source = ArraySource(PIXELS.copy(), Metadata(icc=ADOBE))
    shown = Shown(source, Display())
    shown.read(0, 0, 700, 0, 1300)
    source._pixels[:] = 0
    shown.forget()
    assert not shown.read(0, 0, 700, 0, 1300).any()
    shown.close()


def test_another_display_is_seen_through_at_once_where_the_samples_stay_of_their_kind() -> None:
    screen = Display(matrix_profile(PROPHOTO, D50, 1.8))
    shown = Shown(ArraySource(PIXELS), Display())
    assert np.array_equal(shown.read(0, 0, 700, 0, 1300), PIXELS)
    assert shown.see_through(screen)
    wanted = conversion(None, 3, screen)(PIXELS)
    assert not np.array_equal(wanted, PIXELS)
    assert np.array_equal(shown.read(0, 0, 700, 0, 1300), wanted)
    assert shown.see_through(Display())
    assert np.array_equal(shown.read(0, 0, 700, 0, 1300), PIXELS)
    shown.close()


def test_a_grey_scan_cannot_become_colours_in_place() -> None:
    grey = picture(60, 70, 1, np.uint8)
    shown = Shown(ArraySource(grey), Display())
    assert not shown.see_through(Display(ADOBE))
    assert np.array_equal(shown.read(0, 0, 60, 0, 70), grey)


def test_where_nothing_is_known_of_scan_and_screen_the_samples_are_shown_as_they_are() -> None:
    grey = picture(60, 70, 1, np.uint16)
    shown = Shown(ArraySource(grey), Display())
    assert shown.levels[0].channels == 1
    assert np.array_equal(shown.read(0, 0, 60, 0, 70), grey)


def test_only_the_look_changes_never_the_source() -> None:
    source = ArraySource(PIXELS, Metadata(icc=ADOBE))
    before = source.read(0, 0, 700, 0, 1300)
    Shown(source, Display()).read(0, 0, 700, 0, 1300)
    assert np.array_equal(source.read(0, 0, 700, 0, 1300), before)


def test_a_small_picture_is_in_srgb() -> None:
    from io import BytesIO

    from PIL import Image

    green = np.full((40, 40, 3), (60, 180, 60), np.uint8)
    seen = np.asarray(Image.open(BytesIO(thumbnail(ArraySource(green, Metadata(icc=ADOBE)), 40, 95))))
    wanted = conversion(ADOBE, 3)(green)
    assert wanted[0, 0, 0] < 20
    assert np.abs(seen.astype(int) - wanted).max() <= 6


def test_a_picture_of_sixteen_bits_becomes_eight_by_rounding() -> None:
    assert display(np.array([[[0], [128], [129], [65535]]], np.uint16)).tolist() == [[0, 0, 1, 255]]
