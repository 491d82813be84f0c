"""Millimetres, metres and texels agree."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.exhibits.test_glb import JPEG, read
from workstation.errors import ExhibitError
from workstation.exhibits.frame import Frame, check_shape, fitted
from workstation.exhibits.glb import Plane, Scene, glb

sides = st.floats(20, 5000)
shares = st.floats(0, 1)


@settings(deadline=None)
@given(sides, sides, st.integers(16, 9000), shares, shares)
def test_a_hotspots_millimetres_land_on_its_texel_by_way_of_the_written_file(
    width: float, height: float, pixels: int, across: float, down: float
) -> None:
    frame = fitted(width, height, (pixels, round(pixels * height / width) or 1), 4096)
    x_mm, y_mm = across * width, down * height
    x, y, _ = frame.metres(x_mm, y_mm)
    # As a viewer does it: the point's place between the corners, carried over to their texture coordinates.
    document, binary = read(glb(Scene("s", width / 1000, height / 1000, [Plane("p", b"", JPEG, frame.used)])))
    attributes = document["meshes"][0]["primitives"][0]["attributes"]
    (left, bottom), (right, top) = corners(document, binary, attributes["POSITION"])
    (u0, v1), (u1, v0) = corners(document, binary, attributes["TEXCOORD_0"])
    u = u0 + (x - left) / (right - left) * (u1 - u0)
    v = v0 + (top - y) / (top - bottom) * (v1 - v0)
    found = u * frame.texture[0], v * frame.texture[1]
    assert found == pytest.approx(frame.texel(x_mm, y_mm), abs=0.01)
    assert found == pytest.approx((across * frame.picture[0], down * frame.picture[1]), abs=0.01)


def corners(document: dict, binary: bytes, accessor: int) -> tuple[tuple[float, float], tuple[float, float]]:  # type: ignore[type-arg]
    """Return the first two numbers of the lower left and the upper right corner."""
    found = document["accessors"][accessor]
    size = int(found["type"][-1])
    start = document["bufferViews"][found["bufferView"]]["byteOffset"]
    rows = [struct.unpack_from(f"<{size}f", binary, start + 4 * size * index) for index in range(4)]
    return (rows[0][0], rows[0][1]), (rows[2][0], rows[2][1])


@given(sides, sides, st.integers(16, 100_000), st.integers(64, 4096))
def test_textures_are_powers_of_two_and_the_picture_keeps_its_shape(
    width: float, height: float, pixels: int, largest: int
) -> None:
    frame = fitted(width, height, (pixels, pixels), largest)
    for used, side in zip(frame.picture, frame.texture, strict=True):
        assert side & (side - 1) == 0
        assert side / 2 < used <= side
    assert max(frame.picture) == min(largest, pixels)
    short, long = sorted(frame.picture)
    assert abs(short - long * min(width, height) / max(width, height)) <= max(0.5, 1)


def test_the_corners_of_the_painting_are_the_corners_of_the_scene() -> None:
    frame = Frame(920, 737, (2048, 1641), (2048, 2048))
    assert frame.metres(0, 0, 0.002) == pytest.approx((-0.46, 0.3685, 0.002))
    assert frame.metres(920, 737) == pytest.approx((0.46, -0.3685, 0))
    assert frame.texel(920, 737) == (2048, 1641)


def test_a_picture_of_another_shape_is_refused_in_one_sentence() -> None:
    check_shape(920, 737, (9200, 7410), "scan.tif")
    with pytest.raises(ExhibitError, match=r"scan.tif is 9200 × 7600 px.*-3.0 %.*Measure"):
        check_shape(920, 737, (9200, 7600), "scan.tif")
