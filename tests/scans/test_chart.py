"""A dense test chart through every kind of profile: how far each colour lies from Little CMS's."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from tests.scans.chart import CHART, exactly, farness, rounded
from tests.scans.inks import ADOBE, D50, D65, PROPHOTO, matrix_profile, press_profile, table_profile
from workstation.scans.colour import Conversion, Display, conversion
from workstation.scans.lattice import Lattice, lattice_of
from workstation.scans.lcms import Route
from workstation.scans.profiles import srgb_profile

MOST = 0.5
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
    assert far.max() <= MOST
    assert np.quantile(far, 0.999) <= 0.8 * MOST
    assert far.mean() <= 0.02


@pytest.mark.parametrize("name", ROUTES)
def test_eight_bits_are_within_half_a_delta_e_before_they_are_rounded_and_then_the_nearest(name: str) -> None:
    convert, route = way(name)
    small = (CHART >> 8).astype(np.uint8)
    same = small.astype(np.uint16) * 257
    exact, unrounded, found = exactly(route, same), convert(same), convert(small)
    assert found.dtype == np.uint8
    assert farness(unrounded, exact, route.target).max() <= MOST
    assert np.abs(found - unrounded / 257).max() <= 0.53
    ours, best = (
        farness(eight.astype(np.uint16) * 257, exact, route.target) for eight in (found, rounded(exact))
    )
    assert (ours - best).mean() <= 0.01


def test_a_press_prints_duller_than_a_screen_shows() -> None:
    red = np.array([[[65535, 0, 0]]], np.uint16)
    shown = conversion(None, 3, Display(proof=press_profile()))(red)[0, 0]
    assert shown[0] < 62000
    assert shown[1] > 5000


@pytest.mark.parametrize("shape", [(40, 60, 3), (1, 40_000, 3), (40_000, 1, 3), (0, 9, 3)])
def test_a_block_of_any_shape_is_converted_colour_by_colour(shape: tuple[int, ...]) -> None:
    work = conversion(table_profile(), 3).work
    assert isinstance(work, Lattice)
    for dtype in (np.uint8, np.uint16):
        wide = np.random.default_rng(5).integers(0, np.iinfo(dtype).max, (*shape[:2], 4), dtype, True)
        found = work(wide[..., :3])
        assert found.dtype == dtype
        few = np.ascontiguousarray(wide[..., :3].reshape(-1, 1, 3)[::97])
        assert np.array_equal(found.reshape(-1, 1, 3)[::97], work(few))


def test_the_nodes_of_a_lattice_are_what_little_cms_says_and_black_and_white_among_them() -> None:
    route = Route(table_profile(), srgb_profile())
    ends = np.array([[[a, b, c] for a in (0, 65535) for b in (0, 65535) for c in (0, 65535)]], np.uint16)
    found = lattice_of(route)(ends)
    assert np.abs(found.astype(int) - exactly(route, ends)).max() <= 1
