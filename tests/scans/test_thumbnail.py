from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from tests.scans.test_hatch import flipped
from workstation.scans.opening import open_scan
from workstation.scans.thumbnail import thumbnail


def test_a_thumbnail_shows_damage_as_stripes_not_as_black(tmp_path: Path) -> None:
    with open_scan(flipped(tmp_path / "broken.tif", 3)) as scan:
        small = np.asarray(Image.open(io.BytesIO(thumbnail(scan, 500)))).astype(int)
    part = small[300:480, 300:380]
    magenta = (part[..., 0] > 180) & (part[..., 1] < 90) & (part[..., 2] > 180)
    assert 0.2 < magenta.mean() < 0.7


def test_a_jpeg_cut_off_in_the_middle_is_striped(tmp_path: Path) -> None:
    path = tmp_path / "cut.jpg"
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (400, 400, 3), np.uint8)).save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with open_scan(path) as scan:
        small = np.asarray(Image.open(io.BytesIO(thumbnail(scan, 400)))).astype(int)
        assert scan.damaged
    magenta = (small[..., 0] > 180) & (small[..., 1] < 90) & (small[..., 2] > 180)
    assert 0.2 < magenta.mean() < 0.7
