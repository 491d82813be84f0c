from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.scans.pictures import picture, written
from workstation.errors import MaskError
from workstation.jobs import finish
from workstation.operations.mask import Mask
from workstation.scans import masks
from workstation.scans.masks import read_mask, write_mask
from workstation.scans.opening import open_scan


@settings(max_examples=25, deadline=None)
@given(height=st.integers(1, 1400), width=st.integers(1, 1400), seed=st.integers(0, 99))
def test_a_mask_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, height: int, width: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    mask = Mask(height, width)
    for _ in range(4):
        y, x, size = rng.integers(0, height), rng.integers(0, width), rng.integers(1, 200)
        mask.add(int(y), int(x), rng.random((size, size)) > 0.5)
    path = finish(write_mask(mask, tmp_path_factory.mktemp("mask") / "m.tif"))
    assert read_mask(path).sha256() == mask.sha256()


def test_a_mask_is_a_picture_of_black_and_white(tmp_path: Path) -> None:
    marked = picture(300, 700, 1)[..., 0] > 120
    path = finish(write_mask(Mask.from_array(marked), tmp_path / "m.tif"))
    found = tifffile.imread(path)
    assert found.dtype == np.uint8
    assert np.array_equal(found, np.where(marked, 255, 0))


def test_a_giant_mask_costs_what_is_marked(tmp_path: Path) -> None:
    mask = Mask(60_000, 80_000)
    mask.write(30_000, 40_000, np.ones((3, 3), bool))
    path = finish(write_mask(mask, tmp_path / "m.tif"))
    assert path.stat().st_size < 500_000
    with open_scan(path) as scan:
        assert scan.read(0, 29_999, 30_004, 40_000, 40_001)[:, 0, 0].tolist() == [0, 255, 255, 255, 0]


def test_any_picture_is_a_mask(tmp_path: Path) -> None:
    pixels = picture(600, 700)
    pixels[:, 100:] = 0
    pixels[5, 650, 2] = 1
    mask = read_mask(written(pixels, tmp_path / "p.tif"))
    assert np.array_equal(mask.read(0, 600, 0, 700), pixels.any(axis=-1))


def test_a_mask_with_a_damaged_tile_is_refused(tmp_path: Path) -> None:
    path = finish(write_mask(Mask.from_array(picture(600, 600, 1)[..., 0] > 120), tmp_path / "m.tif"))
    data = bytearray(path.read_bytes())
    data[16:40] = b"\x55" * 24
    path.write_bytes(data)
    with pytest.raises(MaskError, match="damaged tiles"):
        read_mask(path)


def test_a_mask_beyond_all_measure_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = finish(write_mask(Mask.from_array(np.ones((1100, 1100), bool)), tmp_path / "m.tif"))
    monkeypatch.setattr(masks, "MAX_MARKED_TILES", 4)
    with pytest.raises(MaskError, match="marks too much"):
        read_mask(path)
    monkeypatch.setattr(masks, "MAX_PIXELS", 1000)
    with pytest.raises(MaskError, match="too large for a mask"):
        read_mask(path)
