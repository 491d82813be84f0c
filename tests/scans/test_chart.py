"""A dense test chart through every kind of profile: how far each colour lies from Little CMS's."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from tests.scans.chart import CHART, exactly, farness, rounded
from tests.scans.inks import ADOBE, D50, D65, PROPHOTO, matrix_profile, press_profile, table_profile
from workstation.scans import link
from workstation.scans.colour import Conversion, Display, conversion
from workstation.scans.lcms import Route
from workstation.scans.link import Linked, link_profile, linked
from workstation.scans.profiles import srgb_profile

MOST = 0.5
PROOF = 0.6
"""Where tables meet tables, at the edge of what a press can print, up to three of 26,000 colours pass 0.5."""
ADOBE_RGB = matrix_profile(ADOBE, D65)
WIDE = matrix_profile(PROPHOTO, D50, 1.8)
DULL = matrix_profile((0.5, 0.35, 0.33, 0.5, 0.2, 0.2), D50, 2.0)
ROUTES = {
    "a matrix on an sRGB screen": (ADOBE_RGB, Display()),
    "a matrix on a wide screen": (ADOBE_RGB, Display(WIDE)),
    "no profile on a wide screen": (None, Display(WIDE)),
    "tables on an sRGB screen": (table_profile(), Display()),
    "no profile on a screen of tables": (None, Display(table_profile())),
    "a proof of a dull printer": (ADOBE_RGB, Display(proof=DULL)),
    "a proof of a press of four inks": (ADOBE_RGB, Display(proof=press_profile())),
    "a proof of a press on a wide screen": (None, Display(WIDE, proof=press_profile())),
}


@cache
def way(name: str) -> tuple[Conversion, Route]:
    icc, display = ROUTES[name]
    return conversion(icc, 3, display), Route(
        icc or srgb_profile(), display.profile or srgb_profile(), proof=display.proof
    )


@pytest.mark.parametrize("name", ROUTES)
def test_sixteen_bits_are_within_half_a_delta_e_of_little_cms(name: str) -> None:
    convert, route = way(name)
    far = farness(convert(CHART), exactly(route, CHART), route.target)
    assert far.max() <= (MOST if route.proof is None else PROOF)
    assert np.quantile(far, 0.999) <= 0.6 * MOST
    assert far.mean() <= 0.02


@pytest.mark.parametrize("name", ROUTES)
def test_eight_bits_are_no_further_off_than_rounding_explains(name: str) -> None:
    convert, route = way(name)
    small = (CHART >> 8).astype(np.uint8)
    exact = exactly(route, small.astype(np.uint16) * 257)
    found = convert(small)
    assert found.dtype == np.uint8
    ours, best = (
        farness(eight.astype(np.uint16) * 257, exact, route.target) for eight in (found, rounded(exact))
    )
    assert (
        np.quantile(ours - best, 0.999) <= MOST
    )  # one step of 8 bits is up to ΔE00 2 in the darks of a wide screen
    assert (ours - best).mean() <= 0.01


def test_a_press_prints_duller_than_a_screen_shows() -> None:
    red = np.array([[[65535, 0, 0]]], np.uint16)
    shown = conversion(None, 3, Display(proof=press_profile()))(red)[0, 0]
    assert shown[0] < 62000
    assert shown[1] > 5000


@pytest.mark.skipif(
    linked(Route(srgb_profile(), WIDE)) is None, reason="Little CMS cannot be called directly here"
)
def test_a_part_of_a_wider_block_is_converted_as_it_lies() -> None:
    work = conversion(table_profile(), 3).work
    assert isinstance(work, Linked)
    wide = np.random.default_rng(5).integers(0, 65536, (40, 90, 4)).astype(np.uint16)
    for block in (wide[..., :3], np.ascontiguousarray(wide[..., :3])[3:30, 11:60]):
        assert np.array_equal(work(block), work(block.copy()))


def test_where_little_cms_cannot_be_called_directly_the_slower_way_is_as_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(link, "_calls", lambda: None)
    route = Route(table_profile(gamma=2.1), srgb_profile())
    convert = conversion(route.source, 3)
    assert convert.work is not None
    assert not isinstance(convert.work, Linked)
    assert farness(convert(CHART), exactly(route, CHART), route.target).max() <= 2 * MOST


def test_a_link_is_a_profile_that_others_can_read() -> None:
    from io import BytesIO

    from PIL import ImageCms

    made = ImageCms.getOpenProfile(BytesIO(link_profile(Route(srgb_profile(), WIDE))))
    assert made.profile.device_class == "link"
    assert made.profile.xcolor_space.strip() == "RGB"
