"""Tiles of zstd and deflate decoded straight into their place are those that tifffile decodes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from tests.scans.test_opening import whole
from workstation.scans.opening import open_scan

LAYOUTS: dict[str, dict[str, Any]] = {
    "tiles": {"tile": (64, 64)},
    "tiles as wide as the picture": {"tile": (64, 160)},
    "strips, the last one short": {"rowsperstrip": 40},
    "planes": {"planarconfig": "separate", "tile": (64, 64)},
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("compression", ["zlib", "zstd"])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("dtype", ["u1", "u2", "i2", "u4"])
def test_every_layout_and_type_reads_as_it_was_written(
    tmp_path: Path, dtype: str, order: Any, compression: str, layout: str
) -> None:
    limits = np.iinfo(dtype)
    pixels = np.random.default_rng(3).integers(limits.min, limits.max, (150, 160, 3)).astype(dtype)
    options = LAYOUTS[layout]
    stored = np.moveaxis(pixels, -1, 0) if "planarconfig" in options else pixels
    for predictor in (1, 2):
        tifffile.imwrite(
            tmp_path / "s.tif", np.ascontiguousarray(stored), photometric="rgb", metadata=None,
            byteorder=order, compression=compression, predictor=predictor, **options,
        )  # fmt: skip
        assert np.array_equal(whole(tmp_path / "s.tif"), pixels)


@pytest.mark.parametrize("compression", ["zlib", "zstd"])
def test_a_tile_that_holds_too_few_samples_is_damage(tmp_path: Path, compression: str) -> None:
    path = tmp_path / "s.tif"
    pixels = np.full((512, 512, 3), 7, np.uint16)
    tifffile.imwrite(path, pixels, tile=(256, 256), compression=compression, metadata=None, photometric="rgb")
    with tifffile.TiffFile(path) as file:
        page = file.pages.first
        at, room = page.dataoffsets[1], page.databytecounts[1]
        press = tifffile.TIFF.COMPRESSORS[page.compression]
    short = bytes(press(pixels[:100, :256].tobytes()))
    assert len(short) <= room
    with path.open("r+b") as out:
        out.seek(at)
        out.write(short.ljust(room, b"\0"))
    with open_scan(path) as scan:
        assert not scan.read(0, 0, 256, 256, 512).any()
        assert scan.read(0, 0, 256, 0, 256).all()
        assert [(tile.row, tile.column) for tile in scan.damaged] == [(0, 1)]
