from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import imagecodecs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.scans.inks import (
    ADOBE,
    D50,
    D65,
    ECI,
    PROPHOTO,
    grey_profile,
    lab_of,
    matrix_profile,
    table_profile,
)
from workstation.scans.colour import NO_PROFILE, Display, conversion
from workstation.scans.lcms import ProfileError, Route, deep
from workstation.scans.profiles import srgb_profile
from workstation.scans.shaper import Shaper, chart
from workstation.scans.source import Pixels

PROFILES = {
    "Adobe RGB": matrix_profile(ADOBE, D65, 2.19921875),
    "eciRGB": matrix_profile(ECI, D50, 1.8),
    "ProPhoto": matrix_profile(PROPHOTO, D50, 1.8),
    "tables": table_profile(),
}
MOST = 0.5


def reference(block: Pixels, source: bytes, target: bytes) -> Pixels:
    """Return what Little CMS makes of 16-bit samples, without any of its shortcuts."""
    space = "gray" if block.shape[-1] == 1 else "rgb"
    found = imagecodecs.cms_transform(
        block, source, target, colorspace=space, outcolorspace="rgb", outdtype="uint16", intent=1,
        flags=0x2000 | 0x0100,
    )  # fmt: skip
    return np.asarray(found).reshape(*block.shape[:2], 3)


def far(ours: Pixels, theirs: Pixels, display: bytes) -> float:
    """Return the largest ΔE00 between two pictures on a display."""
    from skimage.color import deltaE_ciede2000

    return float(deltaE_ciede2000(lab_of(ours, display), lab_of(theirs, display)).max())


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("other", [None, "ProPhoto", "Adobe RGB"])
def test_sixteen_bit_colours_are_those_of_little_cms(name: str, other: str | None) -> None:
    target = PROFILES[other] if other else srgb_profile()
    shown = conversion(PROFILES[name], 3, Display(PROFILES[other] if other else None))(chart())
    assert shown.dtype == np.uint16
    assert far(shown, reference(chart(), PROFILES[name], target), target) <= MOST


@pytest.mark.parametrize("name", ["Adobe RGB", "eciRGB", "ProPhoto"])
def test_eight_bit_colours_are_those_of_little_cms(name: str) -> None:
    block = (chart() >> 8).astype(np.uint8)
    shown = conversion(PROFILES[name], 3)(block)
    assert shown.dtype == np.uint8
    theirs = reference(block.astype(np.uint16) * 257, PROFILES[name], srgb_profile())
    assert np.abs(shown.astype(float) * 257 - theirs).max() <= 129 + 1  # as near as 8 bits can be
    assert far(shown, np.rint(theirs / 257).astype(np.uint8), srgb_profile()) <= MOST


def test_the_fast_way_is_taken_only_where_it_is_right() -> None:
    assert isinstance(conversion(PROFILES["Adobe RGB"], 3).work, Shaper)
    assert not isinstance(conversion(PROFILES["tables"], 3).work, Shaper)


@pytest.mark.parametrize("intent", range(4))
def test_every_intent_is_that_of_little_cms(intent: int) -> None:
    for name in ("ProPhoto", "tables"):
        found = conversion(PROFILES[name], 3, Display(intent=intent))(chart())
        wanted = deep(Route(PROFILES[name], srgb_profile(), intent), chart(), exact=True)
        assert far(found, wanted, srgb_profile()) <= MOST


@pytest.mark.parametrize("gamma", [1.0, 1.8, 2.2])
def test_grey_follows_its_own_curve_at_every_value(gamma: float) -> None:
    ramp = np.arange(65536, dtype=np.uint16).reshape(256, 256, 1)
    icc = grey_profile(gamma)
    shown = conversion(icc, 1)(ramp)
    assert np.array_equal(shown, reference(ramp, icc, srgb_profile()))
    small = conversion(icc, 1)((ramp >> 8).astype(np.uint8))
    theirs = reference((ramp >> 8).astype(np.uint16) * 257, icc, srgb_profile())
    assert np.abs(small.astype(float) * 257 - theirs).max() <= 129


def test_a_grey_scan_with_a_profile_for_colour_is_shown_as_grey_of_that_profile() -> None:
    grey = np.linspace(0, 65535, 99).astype(np.uint16).reshape(9, 11, 1)
    shown = conversion(PROFILES["ProPhoto"], 1)(grey)
    theirs = reference(np.repeat(grey, 3, axis=2), PROFILES["ProPhoto"], srgb_profile())
    assert np.array_equal(shown, theirs)


@pytest.mark.parametrize("icc", [None, srgb_profile()], ids=["none", "sRGB"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_srgb_on_an_srgb_screen_is_not_touched(icc: bytes | None, channels: int) -> None:
    block = np.random.default_rng(2).integers(0, 65536, (20, 30, channels)).astype(np.uint16)
    found = conversion(icc, channels)
    assert found.work is None
    wanted = block[..., :3] if channels >= 3 else np.repeat(block[..., :1], 3, axis=2)
    assert np.array_equal(found(block), wanted)
    assert found.note == ("" if icc else NO_PROFILE)


def test_other_kinds_of_samples_are_scaled_to_sixteen_bits() -> None:
    convert = conversion(PROFILES["eciRGB"], 3)
    deep_ = convert(np.full((1, 1, 3), 0x8000, np.uint16))
    for block in (np.full((1, 1, 3), 0x80000000, np.uint32), np.full((1, 1, 3), 0x8000 / 65535, np.float32)):
        assert np.array_equal(convert(block), deep_)
    wild = np.array([[[np.nan, np.inf, -np.inf]]], np.float64)
    assert np.array_equal(convert(wild), convert(np.array([[[0, 65535, 0]]], np.uint16)))


def test_many_threads_get_what_one_gets() -> None:
    blocks = [np.random.default_rng(k).integers(0, 256, (64, 64, 3), np.uint8) for k in range(24)]
    for icc in PROFILES.values():
        convert = conversion(icc, 3)
        alone = [convert(block) for block in blocks]
        with ThreadPoolExecutor(8) as crew:
            for ours, wanted in zip(crew.map(convert, blocks), alone, strict=True):
                assert np.array_equal(ours, wanted)


def test_a_soft_proof_shows_only_what_the_print_can_hold() -> None:
    dull = matrix_profile((0.5, 0.35, 0.33, 0.5, 0.2, 0.2), D50, 2.0)
    proof = Display(proof=dull)
    red = np.array([[[65535, 0, 0]]], np.uint16)
    shown, small = (conversion(None, 3, proof)(block) for block in (red, (red >> 8).astype(np.uint8)))
    assert shown[0, 0, 0] < 62000
    assert shown[0, 0, 1] > 5000
    assert np.abs(shown / 257 - small).max() <= 2


HOSTILE = {
    "empty letters": b"x" * 500,
    "cut off": srgb_profile()[:300],
    "tags pointing outside": srgb_profile()[:128] + b"\xff" * 400,
    "short": b"acsp",
    "too large": srgb_profile() + bytes(17 << 20),
    "for ink": srgb_profile()[:16] + b"CMYK" + srgb_profile()[20:],
    "grey for colour": grey_profile(),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_profile_that_cannot_be_followed_is_said_and_taken_as_srgb(kind: str) -> None:
    found = conversion(HOSTILE[kind], 3)
    assert found.note.startswith("its profile ")
    assert found.note.endswith("taken as sRGB")
    block = np.full((2, 2, 3), 77, np.uint8)
    assert np.array_equal(found(block), block)


def test_a_display_whose_profile_cannot_be_followed_is_taken_as_srgb() -> None:
    for icc in (HOSTILE["cut off"], grey_profile()):
        assert conversion(None, 3, Display(icc)).work is None
        assert conversion(None, 3, Display(proof=icc[:40])).work is None


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([*PROFILES, "grey"]),
    st.lists(st.tuples(st.integers(0, 1500), st.integers(0, 255)), min_size=1, max_size=12),
    st.sampled_from([1, 3]),
)
def test_no_damage_to_a_profile_is_more_than_a_wrong_colour(
    name: str, flips: list[tuple[int, int]], channels: int
) -> None:
    icc = bytearray(grey_profile() if name == "grey" else PROFILES[name])
    for place, value in flips:
        icc[place % len(icc)] = value
    for dtype in (np.uint8, np.uint16):
        assert conversion(bytes(icc), channels)(np.zeros((2, 3, channels), dtype)).shape == (2, 3, 3)
    assert conversion(None, channels, Display(bytes(icc)))(np.zeros((2, 3, channels), np.uint8)).size


def test_sixteen_bits_are_not_cut_to_eight_on_the_way() -> None:
    dark = np.repeat(np.arange(1024, dtype=np.uint16)[None, :, None], 3, axis=2)
    for display in (Display(), Display(PROFILES["ProPhoto"])):
        shown = conversion(PROFILES["Adobe RGB"], 3, display)(dark)
        reached = shown[0, -1, 0]  # the toe of sRGB is steeper than a gamma: few values, but all of them
        assert len(np.unique(shown[0, :, 0])) >= 0.9 * min(int(reached), 1024)
        assert reached > 80


def test_a_route_to_a_profile_of_grey_is_refused() -> None:
    with pytest.raises(ProfileError):
        deep(Route(srgb_profile(), grey_profile()), chart())


def test_twelve_bits_in_sixteen_are_converted_as_what_they_are() -> None:
    full = np.linspace(0, 65535, 300).astype(np.uint16).reshape(10, 10, 3)
    twelve = np.rint(full / 65535 * 4095).astype(np.uint16)
    found = conversion(PROFILES["Adobe RGB"], 3, white=4095)(twelve)
    wanted = conversion(PROFILES["Adobe RGB"], 3)(np.rint(twelve / 4095 * 65535).astype(np.uint16))
    assert np.abs(found.astype(int) - wanted).max() <= 1
