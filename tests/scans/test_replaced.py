"""An open scan stays the scan that it was when another file takes its place, and says so where it cannot."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import tifffile

from tests.scans.pictures import picture
from tests.scans.test_opening import whole
from workstation.errors import ChangedError
from workstation.scans.opening import open_pages, open_scan
from workstation.scans.source import Damage, Pixels


def jpeg(seed: int) -> bytes:
    return bytes(imagecodecs.jpeg8_encode(picture(300, 400, seed=seed), level=90))


def png(seed: int) -> bytes:
    return bytes(imagecodecs.png_encode(picture(300, 400, seed=seed)))


def deep_png(seed: int) -> bytes:
    return bytes(imagecodecs.png_encode(picture(300, 400, 3, np.uint16, seed=seed)))


def cut(data: bytes) -> bytes:
    return data[: len(data) * 4 // 5]


def seen(path: Path, meanwhile: Callable[[], object]) -> tuple[Pixels, tuple[Damage, ...]]:
    """Return what somebody sees who opened a scan, and looks at it after something happened to its file."""
    with open_scan(path) as scan:
        meanwhile()
        level = scan.levels[0]
        return scan.read(0, 0, level.height, 0, level.width), scan.damaged


@pytest.mark.parametrize("is_cut", [False, True])
@pytest.mark.parametrize("make", [jpeg, png, deep_png])
def test_a_picture_whose_file_is_replaced_after_opening_keeps_its_own_pixels(
    tmp_path: Path, make: Callable[[int], bytes], is_cut: bool
) -> None:
    path, other = tmp_path / "a", tmp_path / "b"
    path.write_bytes(cut(make(0)) if is_cut else make(0))
    other.write_bytes(make(1))
    expected = seen(path, lambda: None)
    found = seen(path, lambda: other.replace(path))
    assert np.array_equal(found[0], expected[0])
    assert found[1] == expected[1]
    assert bool(found[1]) == is_cut


def test_an_old_jpeg_whose_file_is_replaced_after_opening_keeps_its_own_pixels(
    tmp_path: Path, shared_data: Path
) -> None:
    path, other = tmp_path / "a.tif", tmp_path / "b.tif"
    for name, target in (("zackthecat.tif", path), ("smallliz.tif", other)):
        shutil.copyfile(shared_data / "tiffs" / "image-tiff" / "libtiffpic" / name, target)
    expected = whole(path)
    pixels, damaged = seen(path, lambda: other.replace(path))
    assert np.array_equal(pixels, expected)
    assert damaged == ()


def overwrite(path: Path, data: bytes) -> None:
    """Write other bytes into the same file, later."""
    before = path.stat()
    path.write_bytes(data)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 10**9))


@pytest.mark.parametrize("make", [jpeg, png, deep_png])
def test_a_picture_that_is_overwritten_before_its_first_look_is_refused(
    tmp_path: Path, make: Callable[[int], bytes]
) -> None:
    path = tmp_path / "a"
    path.write_bytes(make(0))
    with pytest.raises(ChangedError, match="a was changed while it was read"):
        seen(path, lambda: overwrite(path, make(1)))


def test_a_picture_that_is_overwritten_after_its_first_look_stays_as_it_was_seen(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png(0))
    with open_scan(path) as scan:
        before = scan.read(0, 0, 300, 0, 400)
        overwrite(path, png(1))
        assert np.array_equal(scan.read(0, 0, 300, 0, 400), before)


def pages(path: Path, first: int, compression: str) -> list[Pixels]:
    """Write a file of three pages of different sizes and return what they hold."""
    made = [picture(90 + 7 * i, 120 - 5 * i, 3, seed=i) for i in range(first, first + 3)]
    with tifffile.TiffWriter(path) as file:
        for pixels in made:
            file.write(pixels, photometric="rgb", compression=compression, metadata=None)
    return made


@pytest.mark.parametrize("compression", ["zlib", "none"])
def test_all_pages_are_those_of_the_file_that_was_opened(tmp_path: Path, compression: str) -> None:
    expected = pages(tmp_path / "a.tif", 0, compression)
    pages(tmp_path / "b.tif", 3, compression)
    found = []
    for scan in open_pages(tmp_path / "a.tif"):
        if not found:
            (tmp_path / "b.tif").replace(tmp_path / "a.tif")
        found.append(scan.read(0, 0, scan.page.height, 0, scan.page.width))
        assert scan.damaged == ()
    assert len(found) == 3
    assert all(map(np.array_equal, found, expected))


def test_pages_of_a_file_that_is_overwritten_meanwhile_are_refused(tmp_path: Path) -> None:
    pages(tmp_path / "a.tif", 0, "zlib")
    pages(tmp_path / "b.tif", 3, "zlib")
    opened = open_pages(tmp_path / "a.tif")
    next(opened)
    overwrite(tmp_path / "a.tif", (tmp_path / "b.tif").read_bytes())
    with pytest.raises(ChangedError, match="was changed while it was read"):
        next(opened)


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs a system that lists open files")
def test_the_files_of_closed_scans_are_given_back(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(jpeg(0))
    pages(tmp_path / "a.tif", 0, "zlib")
    before = open_files()
    for name in ("a.jpg", "a.tif"):
        for scan in open_pages(tmp_path / name):
            scan.read(0, 0, 9, 0, 9)
        with open_scan(tmp_path / name) as scan:
            scan.read(0, 0, 9, 0, 9)
            assert open_files() == before + 1
    assert open_files() == before
