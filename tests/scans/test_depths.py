"""Scans of 10, 12 and 14 bits keep their samples, and say what white is, for those who show them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile

from tests.scans.pictures import picture
from tests.scans.test_damage import classic
from tests.scans.test_opening import whole
from workstation.jobs import finish
from workstation.scans.opening import open_scan
from workstation.scans.pyramid import write_pyramid
from workstation.scans.source import Pixels


def narrow(path: Path, pixels: Pixels, bits: int) -> Path:
    """Write grey samples of so many bits, packed one after the other."""
    bytes_of = [np.ascontiguousarray(row[:, None]).astype(">u2").view(np.uint8) for row in pixels]
    rows = [np.unpackbits(row, axis=1) for row in bytes_of]
    data = b"".join(np.packbits(row[:, 16 - bits :]).tobytes() for row in rows)
    height, width = pixels.shape
    entries = [
        (256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, bits), (259, 3, 1, 1), (262, 3, 1, 1),
        (273, 4, 1, 200), (277, 3, 1, 1), (278, 4, 1, height), (279, 4, 1, len(data)),
    ]  # fmt: skip
    path.write_bytes(classic(entries).ljust(200, b"\0") + data)
    return path


@pytest.mark.parametrize("bits", [10, 12, 14])
def test_odd_depths_keep_their_samples_and_name_their_white(tmp_path: Path, bits: int) -> None:
    pixels = picture(40, 51, 1, "u2")[..., 0] >> (16 - bits)
    path = narrow(tmp_path / "s.tif", pixels, bits)
    assert np.array_equal(whole(path)[..., 0], pixels)
    with open_scan(path) as scan:
        assert scan.metadata.white == (1 << bits) - 1
        finish(write_pyramid(scan, tmp_path / "p.tif"))
    assert np.array_equal(whole(tmp_path / "p.tif")[..., 0], pixels)
    with open_scan(tmp_path / "p.tif") as pyramid:
        assert pyramid.metadata.white == (1 << bits) - 1


WHITES = [(4095, 4095), (1023, 1023), (3000, None), (65535, None), (255, None)]


@pytest.mark.parametrize(("most", "white"), WHITES)
def test_only_a_whole_number_of_bits_is_a_white(tmp_path: Path, most: int, white: int | None) -> None:
    tags = [(281, 3, 1, most, True)]
    tifffile.imwrite(tmp_path / "s.tif", picture(9, 9, 1, "u2")[..., 0], metadata=None, extratags=tags)
    with open_scan(tmp_path / "s.tif") as scan:
        assert scan.metadata.white == white


@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
def test_the_usual_depths_have_the_white_of_their_type(tmp_path: Path, dtype: str) -> None:
    tifffile.imwrite(tmp_path / "s.tif", picture(9, 9, 1, dtype)[..., 0], metadata=None)
    with open_scan(tmp_path / "s.tif") as scan:
        assert scan.metadata.white is None
