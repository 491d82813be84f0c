"""YCbCr without JPEG, packed in units of pixels that share their colour."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.scans.pictures import picture
from tests.scans.test_damage import classic
from tests.scans.test_opening import whole
from workstation.errors import ScanError
from workstation.scans.opening import open_scan
from workstation.scans.source import Pixels


def units_of(ycbcr: Pixels, across: int, down: int) -> bytes:
    """Return YCbCr as TIFF 6 packs it: the lumas of a unit, then the Cb and Cr of its first pixel."""
    height, width = ycbcr.shape[:2]
    packed = bytearray()
    for y in range(0, height, down):
        for x in range(0, width, across):
            for row in range(y, y + down):
                for column in range(x, x + across):
                    packed.append(ycbcr[min(row, height - 1), min(column, width - 1), 0])
            packed += bytes(ycbcr[y, x, 1:])
    return bytes(packed)


def packed_tiff(path: Path, ycbcr: Pixels, across: int, down: int, press: bool = False) -> Path:
    """Write one strip of such units."""
    height, width = ycbcr.shape[:2]
    data = units_of(ycbcr, across, down)
    data = zlib.compress(data) if press else data
    entries = [
        (256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 8 if press else 1),
        (262, 3, 1, 6), (273, 4, 1, 200), (277, 3, 1, 3), (278, 4, 1, height), (279, 4, 1, len(data)),
        (530, 3, 2, across | down << 16),
    ]  # fmt: skip
    head = classic(entries)
    path.write_bytes(head.ljust(200, b"\0") + data)
    return path


@pytest.mark.parametrize("sharing", [(2, 2), (2, 1), (4, 2), (1, 2), (4, 4), (1, 1)])
@pytest.mark.parametrize("size", [(32, 48), (33, 49), (3, 1)])
@pytest.mark.parametrize("press", [False, True])
def test_shared_colour_is_spread_over_its_pixels(
    tmp_path: Path, sharing: tuple[int, int], size: tuple[int, int], press: bool
) -> None:
    across, down = sharing
    ycbcr = picture(*size)
    spread = ycbcr.copy()
    first_rows, first_columns = np.arange(size[0]) // down * down, np.arange(size[1]) // across * across
    spread[..., 1:] = ycbcr[first_rows][:, first_columns][..., 1:]
    expected = np.asarray(Image.fromarray(spread, "YCbCr").convert("RGB"))
    pixels = whole(packed_tiff(tmp_path / "s.tif", ycbcr, across, down, press))
    assert np.abs(pixels.astype(int) - expected).max() <= 1  # Pillow rounds its tables


def test_units_that_are_cut_off_are_damage(tmp_path: Path) -> None:
    path = packed_tiff(tmp_path / "s.tif", picture(32, 48), 2, 2)
    data = bytearray(path.read_bytes())
    entry = data.index((279).to_bytes(2, "little") + b"\4\0")
    data[entry + 8 : entry + 12] = (600).to_bytes(4, "little")
    path.write_bytes(data)
    with open_scan(path) as scan:
        assert not scan.read(0, 0, 32, 0, 48).any()
        assert len(scan.damaged) == 1


def test_units_of_a_strange_shape_are_refused(tmp_path: Path) -> None:
    path = packed_tiff(tmp_path / "s.tif", picture(9, 9), 3, 1)
    with pytest.raises(ScanError, match="packed in an unusual way"):
        open_scan(path)
