"""Pyramids that leave the house."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile

from tests.scans.pictures import picture
from workstation.credentials.certificates import Studio, create_studio
from workstation.portable import ReadOnlyFile
from workstation.scans.cache import TILES
from workstation.scans.exporting import export_pyramid
from workstation.scans.opening import open_scan


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return create_studio(tmp_path / "certificates", studio="Test studio", person="Test person")


def test_a_flat_scan_is_not_decoded_again_for_its_preview(
    tmp_path: Path, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels, path, counts = picture(700, 900), tmp_path / "flat.tif", list[int]()
    tifffile.imwrite(path, pixels, photometric="rgb", compression="zlib", rowsperstrip=32)
    monkeypatch.setattr(TILES, "limit", 100_000)
    size, read_at = path.stat().st_size, ReadOnlyFile.read_at

    def counting(file: ReadOnlyFile, offset: int, count: int) -> bytes:
        counts.append(count if file.size == size else 0)
        return read_at(file, offset, count)

    monkeypatch.setattr(ReadOnlyFile, "read_at", counting)
    for progress in export_pyramid(path, tmp_path / "p.tif", studio):
        if progress.what.startswith("Writing") and progress.done == progress.total:
            assert sum(counts) >= size // 2
            counts.clear()
        if progress.what == "signing":
            assert sum(counts) < 5000
    with open_scan(tmp_path / "p.tif") as scan:
        assert np.array_equal(scan.read(0, 0, 700, 0, 900), pixels)
