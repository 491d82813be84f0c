"""Sketches of giant flat scans: seen soon, in little memory, and true to the picture."""

from __future__ import annotations

import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile

from tests.scans.pictures import levels_of, picture
from tests.scans.test_opening import save
from workstation.scans import opening, stacking
from workstation.scans.cache import Share
from workstation.scans.direct import Room
from workstation.scans.mosaic import MosaicGrid
from workstation.scans.opening import open_scan
from workstation.scans.pieces import Pieces
from workstation.scans.reduce import narrow
from workstation.scans.source import Pixels


def flat_giant(path: Path, width: int, height: int, *, is_compressed: bool) -> Path:
    """Write a black RGB scan in strips that takes no room: a hole in the file, or one strip for all rows."""
    strip = zlib.compress(bytes(3 * width)) if is_compressed else b""
    places = struct.pack(f"<{height}Q", *[16] * height) if is_compressed else b""
    sizes = struct.pack(f"<{height}Q", *[len(strip)] * height) if is_compressed else b""
    begin = 16 + len(strip)
    directory = begin + len(places) + len(sizes)
    whole, room = 3 * width * height, 8 + 8 + 20 * 9 + 8 + 8
    rows = (
        [(273, 16, height, begin), (278, 4, 1, 1), (279, 16, height, begin + len(places))]
        if is_compressed
        else [(273, 16, 1, directory + room), (278, 4, 1, height), (279, 16, 1, whole)]
    )
    tags = [
        (256, 4, 1, width), (257, 4, 1, height), (258, 3, 3, 8 | 8 << 16 | 8 << 32),
        (259, 3, 1, 8 if is_compressed else 1), (262, 3, 1, 2), rows[0], (277, 3, 1, 3), *rows[1:],
    ]  # fmt: skip
    told = b"".join(struct.pack("<HHQQ", *tag) for tag in tags)
    with path.open("wb") as file:
        file.write(struct.pack("<2sHHHQ", b"II", 43, 8, 0, directory) + strip + places + sizes)
        file.write(struct.pack("<Q", len(tags)) + told + struct.pack("<Q", 0))
        if not is_compressed:
            file.truncate(directory + room + whole)
    return path


@pytest.mark.parametrize(
    ("width", "height", "is_compressed"), [(4_000_000, 640, True), (1_000_000, 20_000, False)]
)
def test_a_sketch_of_a_very_wide_scan_takes_little_memory(
    tmp_path: Path, width: int, height: int, is_compressed: bool
) -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("the peak of memory is asked of Linux")
    path = flat_giant(tmp_path / "s.tif", width, height, is_compressed=is_compressed)
    script = (
        "import sys; from pathlib import Path\n"
        "from workstation.scans import crew; crew.THREADS = 2\n"
        "from workstation.scans.computed import SketchGrid\n"
        "from workstation.scans.opening import open_scan\n"
        "told = lambda: Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0]\n"
        "peak = lambda: int(told()) >> 10\n"
        "with open_scan(Path(sys.argv[1]), to_look=True) as scan:\n"
        "    scan.read(len(scan.levels) - 1, 0, 1, 0, 1); import cv2; before = peak()\n"
        "    for k, level in enumerate(scan.levels):\n"
        "        if isinstance(scan.grid(k), SketchGrid) and level.height * level.width < 1 << 22:\n"
        "            scan.read(k, 0, level.height, 0, level.width)\n"
        "    print(before, peak())\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True
    )
    before, peak = map(int, told.stdout.split())
    assert peak < 300, f"{before} MB, then {peak} MB"


@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2", "u4", "f4", "f2", "f8"])
@pytest.mark.parametrize("channels", [1, 2, 3])
def test_a_row_is_narrowed_to_the_means_of_its_boxes(dtype: str, channels: int) -> None:
    pixels = picture(3, 1024, channels, dtype)
    wide = pixels.astype(np.float64).reshape(3, 64, 16, channels).mean(axis=2)
    rounding = 2.5 if pixels.dtype.kind != "f" else 2e-3 * float(np.abs(wide).max())
    assert np.abs(narrow(pixels, 4) - wide).max() <= rounding
    assert np.array_equal(narrow(pixels[:, :1013], 4)[:, :63], narrow(pixels, 4)[:, :63])
    assert np.array_equal(narrow(pixels, 0), pixels)


@pytest.mark.parametrize("size", [(77, 5131), (78, 5130), (78, 5129), (79, 5131)])
def test_boxes_of_which_all_rows_are_taken_are_what_halving_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    monkeypatch.setattr(stacking, "SKETCHED_PIXELS", 1000)
    monkeypatch.setattr(opening, "LARGE_PIXELS", 1000)
    pixels = picture(*size)
    with open_scan(save(tmp_path / "s.tif", pixels, rowsperstrip=5), to_look=True) as scan:
        for k, expected in enumerate(levels_of(pixels, 3)):
            assert np.array_equal(scan.read(k, 0, expected.shape[0], 0, expected.shape[1]), expected)


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_giant_scan_in_tiles_is_sketched_from_some_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, orientation: int
) -> None:
    monkeypatch.setattr(stacking, "SKETCHED_PIXELS", 100)
    light = np.add.outer(np.linspace(0, 120, 1500), np.linspace(0, 120, 21_000))
    pixels = light.astype(np.uint8)[..., np.newaxis]
    turned = [(274, 3, 1, orientation, True)]
    path = save(tmp_path / "s.tif", pixels, compression="zlib", tile=(16, 32), extratags=turned)
    with open_scan(path) as scan:
        exact = [scan.read(k, 0, level.height, 0, level.width) for k, level in enumerate(scan.levels)]
    monkeypatch.setattr(stacking, "EXACT_PIXELS", 1000)
    decode, decoded = Pieces.decode, set[int]()

    def counted(pieces: Pieces, index: int, room: Room) -> Pixels:
        decoded.add(index)
        return decode(pieces, index, room)

    monkeypatch.setattr(Pieces, "decode", counted)
    with open_scan(path) as scan:
        coarse = [*enumerate(scan.levels)][:4:-1]
        sketch = [scan.read(k, 0, level.height, 0, level.width) for k, level in coarse]
        few = len(decoded)
        part = scan.read(5, 3, 20, 5, 30)
        fine = scan.read(4, 3, 20, 5, 30)
    assert few < 94 * 657 / 3
    assert [level.shape for level in sketch[::-1]] == [level.shape for level in exact[5:]]
    assert np.abs(sketch[0].astype(int) - exact[-1]).max() < 12
    assert np.array_equal(part, sketch[-1][3:20, 5:30])
    assert np.array_equal(fine, exact[4][3:20, 5:30])


def test_a_level_of_a_mosaic_shows_the_mean_of_the_middle_tile_of_each_group(tmp_path: Path) -> None:
    pixels = picture(1024, 640)
    with open_scan(save(tmp_path / "s.tif", pixels, compression="zlib", tile=(64, 64))) as scan:
        grid = MosaicGrid(scan.grid(0), 5, Share(), lambda row, column: False)
        found = grid.read(0, 32, 0, 20)
    groups = pixels.reshape(16, 64, 10, 64, 3).mean(axis=(1, 3))[1::2, 1::2]
    assert np.abs(found - groups.repeat(4, axis=0).repeat(4, axis=1)).max() <= 2.5


def test_a_group_of_a_mosaic_whose_middle_tile_is_damaged_has_the_colour_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of each 2 × 2 tiles three are sound; of each 4 × 4 also the middle one is damaged."""
    monkeypatch.setattr(stacking, "SKETCHED_PIXELS", 100)
    monkeypatch.setattr(stacking, "EXACT_PIXELS", 1000)
    light = np.full((64, 40_000, 1), 100, np.uint8)
    path = save(tmp_path / "s.tif", light, compression="zlib", tile=(16, 16))
    with tifffile.TiffFile(path) as file:
        places = np.reshape(file.pages.first.dataoffsets, (4, 2500))
    data = bytearray(path.read_bytes())
    for place in (*places[1::2, 1::2].flat, *places[2, 2::4]):
        data[place : place + 4] = b"\x55" * 4
    path.write_bytes(data)
    with open_scan(path) as scan:
        for k in (5, 6):
            level = scan.levels[k]
            assert isinstance(scan.grid(k), MosaicGrid)
            assert (scan.read(k, 0, level.height, 0, level.width) == 100).all()
            assert scan.damaged
