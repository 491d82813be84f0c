"""Scans with a colour profile are compared by it."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.comparison.pictures import painted
from workstation.comparison.difference import DifferenceSource
from workstation.comparison.encoding import encoding_of
from workstation.scans.profiles import srgb_profile
from workstation.scans.source import ArraySource, Metadata, Pixels


def profile(tags: dict[bytes, bytes], space: bytes = b"RGB ") -> bytes:
    """Build the part of an ICC profile that is read here."""
    offset, table, data = 132 + 12 * len(tags), b"", b""
    for name, body in tags.items():
        table += struct.pack(">4sII", name, offset + len(data), len(body))
        data += body
    header = bytes(16) + space + b"XYZ " + bytes(12) + b"acsp" + bytes(88)
    return header + struct.pack(">I", len(tags)) + table + data


def curv(*values: int) -> bytes:
    return b"curv" + bytes(4) + struct.pack(f">I{len(values)}H", len(values), *values)


def para(form: int, *values: float) -> bytes:
    fixed = [round(value * 65536) for value in values]
    return b"para" + bytes(4) + struct.pack(f">HH{len(fixed)}i", form, 0, *fixed)


def xyz(*values: float) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(value * 65536) for value in values))


COLUMNS = {
    b"rXYZ": xyz(0.4360747, 0.2225045, 0.0139322),
    b"gXYZ": xyz(0.3850649, 0.7168786, 0.0971045),
    b"bXYZ": xyz(0.1430804, 0.0606169, 0.7141733),
}


def with_curve(curve: bytes) -> bytes:
    return profile({**COLUMNS, b"rTRC": curve, b"gTRC": curve, b"bTRC": curve})


def read(picture: Pixels, icc: bytes | None) -> ArraySource:
    return ArraySource(picture, Metadata(icc=icc))


def test_the_srgb_profile_changes_nothing() -> None:
    icc = srgb_profile()
    source = DifferenceSource(read(painted(30, 30), icc), read(painted(30, 30), None))
    assert source.encodings[0].name == "sRGB built-in"
    assert source.values(0, 0, 30, 0, 30).max() < 0.05


def test_the_same_numbers_in_two_profiles_are_two_colours() -> None:
    icc = with_curve(curv(round(1.8 * 256)))
    source = DifferenceSource(read(painted(30, 30), icc), read(painted(30, 30), None))
    assert source.values(0, 0, 30, 0, 30).mean() > 3


@pytest.mark.parametrize(
    ("curve", "light"),
    [
        (curv(), lambda x: x),
        (curv(round(2.2 * 256)), lambda x: x ** (round(2.2 * 256) / 256)),
        (curv(0, 16384, 65535), lambda x: np.interp(x, [0, 0.5, 1], [0, 16384 / 65535, 1])),
        (para(0, 2.0), lambda x: x**2),
        (para(1, 2.0, 1.25, -0.25), lambda x: np.where(x >= 0.2, (1.25 * x - 0.25) ** 2, 0)),
        (para(2, 2.0, 0.75, 0.0, 0.25), lambda x: (0.75 * x) ** 2 + 0.25),
        (para(3, 2.0, 0.9, 0.1, 0.1, 0.25), lambda x: np.where(x >= 0.25, (0.9 * x + 0.1) ** 2, 0.1 * x)),
        (
            para(4, 2.0, 0.75, 0.125, 0.125, 0.25, 0.125, 0.0625),
            lambda x: np.where(x >= 0.25, (0.75 * x + 0.125) ** 2 + 0.125, 0.125 * x + 0.0625),
        ),
    ],
)
def test_every_form_of_curve_is_followed(curve: bytes, light: object) -> None:
    steps = np.arange(256, dtype=np.uint8)[None, :, None].repeat(3, 2)
    found = encoding_of(read(steps, with_curve(curve))).linear(steps)[0, 0]
    assert callable(light)
    assert np.abs(found - light(np.arange(256) / 255)).max() < 2e-5


def test_a_grey_profile_is_followed() -> None:
    grey = np.arange(256, dtype=np.uint8)[None, :, None]
    icc = profile({b"kTRC": curv(round(2.0 * 256))}, b"GRAY")
    assert np.abs(encoding_of(read(grey, icc)).linear(grey)[1, 0] - (np.arange(256) / 255) ** 2).max() < 1e-6


def test_a_profile_of_tables_is_said_not_to_be_followed() -> None:
    assert "cannot be followed" in encoding_of(read(painted(4, 4), profile({b"A2B0": bytes(64)}))).name


@settings(deadline=None)
@given(st.binary(max_size=400), st.integers(0, 500), st.binary(max_size=8))
def test_a_damaged_profile_never_stops_the_comparison(junk: bytes, place: int, change: bytes) -> None:
    good = with_curve(para(3, 2.4, 0.947, 0.052, 0.077, 0.04))
    for icc in (junk, good[:place], good[:place] + change + good[place + len(change) :]):
        found = encoding_of(read(painted(4, 4), icc)).linear(painted(4, 4))
        assert np.isfinite(found).all()


@pytest.mark.parametrize("bits", [9, 12, 15])
@pytest.mark.parametrize("icc", [None, with_curve(curv(round(1.8 * 256)))])
def test_a_picture_of_odd_depth_is_its_copy_of_eight_bits(bits: int, icc: bytes | None) -> None:
    picture, white = painted(30, 30), (1 << bits) - 1
    deeper = np.rint(picture * (white / 255)).astype(np.uint16)
    deep = ArraySource(deeper, Metadata(icc=icc, white=white))
    assert DifferenceSource(deep, read(picture, icc)).values(0, 0, 30, 0, 30).max() < 0.5


def test_the_same_samples_under_two_whites_are_two_colours() -> None:
    samples = painted(30, 30).astype(np.uint16)
    one, other = (ArraySource(samples, Metadata(white=white)) for white in (255, 1023))
    assert DifferenceSource(one, other).values(0, 0, 30, 0, 30).mean() > 10
