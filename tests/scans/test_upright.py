"""Pictures stored on their side or mirrored are shown upright, at every level and in every block."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from tests.scans.pictures import levels_of, picture
from tests.scans.test_opening import whole
from workstation.jobs import finish
from workstation.scans.opening import describe, open_scan
from workstation.scans.pyramid import write_pyramid
from workstation.scans.source import Pixels

ALL = range(1, 9)


def turned(pixels: Pixels, orientation: int) -> Pixels:
    """Return what Pillow shows."""
    image = Image.fromarray(pixels)
    image.getexif()[274] = orientation
    return np.asarray(ImageOps.exif_transpose(image))


def save(path: Path, pixels: Pixels, orientation: int, **options: Any) -> Path:
    tags = [(274, 3, 1, orientation, True)]
    tifffile.imwrite(path, pixels, photometric="rgb", metadata=None, extratags=tags, **options)
    return path


@pytest.mark.parametrize("orientation", ALL)
@pytest.mark.parametrize("options", [{"rowsperstrip": 11}, {"tile": (64, 48), "compression": "zlib"}])
def test_a_tiff_is_shown_as_pillow_turns_it(
    tmp_path: Path, orientation: int, options: dict[str, Any]
) -> None:
    pixels = picture(211, 177)
    path = save(tmp_path / "s.tif", pixels, orientation, **options)
    expected = turned(pixels, orientation)
    assert np.array_equal(whole(path), expected)
    page = describe(path).pages[0]
    assert (page.height, page.width, page.orientation) == (*expected.shape[:2], orientation)


@pytest.mark.parametrize("orientation", ALL)
@pytest.mark.parametrize("name", ["s.png", "s.jpg"])
def test_a_small_picture_is_shown_as_pillow_turns_it(tmp_path: Path, orientation: int, name: str) -> None:
    exif = Image.Exif()
    exif[274] = orientation
    Image.fromarray(picture(90, 130)).save(tmp_path / name, exif=exif)
    with Image.open(tmp_path / name) as image:
        expected = np.asarray(ImageOps.exif_transpose(image))
    assert np.array_equal(whole(tmp_path / name), expected)


@settings(max_examples=60, deadline=None)
@given(data=st.data(), orientation=st.sampled_from(ALL))
def test_any_block_is_that_part_of_the_upright_whole(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, orientation: int
) -> None:
    pixels = picture(101, 77)
    path = save(tmp_path_factory.mktemp("block") / "s.tif", pixels, orientation, tile=(32, 16))
    expected = turned(pixels, orientation)
    height, width = expected.shape[:2]
    y0, x0 = data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))
    y1, x1 = data.draw(st.integers(y0 + 1, height)), data.draw(st.integers(x0 + 1, width))
    with open_scan(path) as scan:
        assert np.array_equal(scan.read(0, y0, y1, x0, x1), expected[y0:y1, x0:x1])


@pytest.mark.parametrize("orientation", [3, 6])
def test_coarser_levels_are_halves_of_the_upright_picture(tmp_path: Path, orientation: int) -> None:
    pixels = picture(701, 1203)
    with open_scan(save(tmp_path / "s.tif", pixels, orientation, tile=(128, 128))) as scan:
        for index, expected in enumerate(levels_of(turned(pixels, orientation), 3)):
            level = scan.levels[index]
            assert np.array_equal(scan.read(index, 0, level.height, 0, level.width), expected)


def test_a_pyramid_of_a_turned_scan_is_stored_upright(tmp_path: Path) -> None:
    pixels = picture(90, 130)
    with open_scan(save(tmp_path / "s.tif", pixels, 8)) as scan:
        finish(write_pyramid(scan, tmp_path / "p.tif", tile=64))
    assert np.array_equal(whole(tmp_path / "p.tif"), turned(pixels, 8))
    assert describe(tmp_path / "p.tif").pages[0].orientation == 1


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_without_a_meaning_is_upright(tmp_path: Path, orientation: int) -> None:
    pixels = picture(20, 30)
    assert np.array_equal(whole(save(tmp_path / "s.tif", pixels, orientation)), pixels)
