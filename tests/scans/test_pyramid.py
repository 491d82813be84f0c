from __future__ import annotations

import itertools
import struct
import threading
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.scans.pictures import levels_of, picture, written
from workstation.errors import CancelledError, UsageError, WriteError
from workstation.jobs import finish
from workstation.scans import building, pyramid, tables
from workstation.scans.cache import TILES
from workstation.scans.opening import open_scan
from workstation.scans.pyramid import write_pyramid
from workstation.scans.source import ArraySource, Metadata, Pixels
from workstation.scans.tags import SOFTWARE

LOSSLESS = ("none", "deflate", "zstd", "lzw")
DTYPES = ("u1", "i1", "u2", "i2", "u4", "i4", "u8", "f2", "f4", "f8")


def tifffile_levels(path: Path) -> list[Pixels]:
    with tifffile.TiffFile(path) as file:
        shape = file.pages[0].shape
        return [
            level.asarray().reshape(*level.shape[:2], shape[2] if len(shape) > 2 else 1)
            for level in file.series[0].levels
        ]


def same(ours: list[Pixels], theirs: list[Pixels]) -> bool:
    return len(ours) == len(theirs) and all(map(np.array_equal, ours, theirs))


def our_levels(path: Path) -> list[Pixels]:
    with open_scan(path) as scan:
        assert scan.stored == tuple(range(len(scan.levels)))
        return [scan.read(i, 0, level.height, 0, level.width) for i, level in enumerate(scan.levels)]


@pytest.mark.parametrize(("compression", "dtype"), list(itertools.product(LOSSLESS, DTYPES)))
def test_all_levels_come_back_bit_for_bit(tmp_path: Path, compression: str, dtype: str) -> None:
    pixels = picture(700, 1301, 3, dtype)
    path = written(pixels, tmp_path / "p.tif", compression)  # type: ignore[arg-type]
    expected = levels_of(pixels, 3)
    assert same(our_levels(path), expected)
    assert same(tifffile_levels(path), expected)


@settings(max_examples=40, deadline=None)
@given(
    height=st.integers(1, 150),
    width=st.integers(1, 150),
    channels=st.integers(1, 5),
    dtype=st.sampled_from(["u1", "u2", "f4"]),
    compression=st.sampled_from(LOSSLESS),
    tile=st.sampled_from([16, 32]),
)
def test_any_shape_comes_back_bit_for_bit(
    tmp_path_factory: pytest.TempPathFactory,
    height: int,
    width: int,
    channels: int,
    dtype: str,
    compression: str,
    tile: int,
) -> None:
    pixels = picture(height, width, channels, dtype, seed=height * 151 + width)
    path = written(pixels, tmp_path_factory.mktemp("any") / "p.tif", compression, tile)  # type: ignore[arg-type]
    with open_scan(path) as scan:
        for found, expected in zip(scan.levels, levels_of(pixels, len(scan.levels)), strict=True):
            assert (found.height, found.width, found.channels) == expected.shape
        read = [scan.read(i, 0, level.height, 0, level.width) for i, level in enumerate(scan.levels)]
        assert same(read, levels_of(pixels, len(scan.levels)))
    assert same(tifffile_levels(path), levels_of(pixels, len(tifffile_levels(path))))


@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_jpeg_xl_comes_back_bit_for_bit(tmp_path: Path, channels: int, dtype: str) -> None:
    pixels = picture(300, 531, channels, dtype)
    if dtype == "f4":
        pixels[:3, 0, 0] = np.nan, -np.inf, -1e30
    path = written(pixels, tmp_path / "p.tif", "jpegxl", 256)
    expected = levels_of(pixels, 3)
    for found in (our_levels(path), tifffile_levels(path)):
        assert all(map(np.array_equal, map(as_bits, found), map(as_bits, expected)))
    with tifffile.TiffFile(path) as file:
        assert file.pages.first.compression == 50002


def as_bits(pixels: Pixels) -> Pixels:
    return np.ascontiguousarray(pixels).view(f"u{pixels.itemsize}")


@pytest.mark.parametrize(("dtype", "least"), [("u1", 45), ("u2", 20)])
def test_most_flipped_bits_in_jpeg_xl_are_found(tmp_path: Path, dtype: str, least: int) -> None:
    path = written(picture(256, 256, 3, dtype), tmp_path / "p.tif", "jpegxl", 256)
    with tifffile.TiffFile(path) as file:
        start, count = file.pages.first.dataoffsets[0], file.pages.first.databytecounts[0]
    raw, found = bytearray(path.read_bytes()), 0
    for at in range(start + count // 50, start + count, count // 50):
        raw[at] ^= 16
        path.write_bytes(raw)
        with open_scan(path) as scan:
            scan.read(0, 0, 256, 0, 256)
            found += len(scan.damaged)
        raw[at] ^= 16
    assert found >= least  # of 49; with one effort less it is 5 and 0


@pytest.mark.parametrize(("channels", "dtype"), [(5, "u1"), (3, "f2"), (3, "u4"), (1, "i2"), (1, "f8")])
def test_jpeg_xl_refuses_what_it_cannot_hold(tmp_path: Path, channels: int, dtype: str) -> None:
    with pytest.raises(UsageError, match="JPEG XL holds 8 or 16-bit integers"):
        written(picture(20, 20, channels, dtype), tmp_path / "p.tif", "jpegxl")
    assert list(tmp_path.glob("*.tif")) == []


@pytest.mark.parametrize("channels", [1, 3])
def test_jpeg_comes_back_near(tmp_path: Path, channels: int) -> None:
    pixels = picture(600, 1100, channels)
    path = written(pixels, tmp_path / "p.tif", "jpeg")
    ours = our_levels(path)
    assert same(ours, tifffile_levels(path))
    for level, expected in zip(ours, levels_of(pixels, 3), strict=True):
        assert np.abs(level.astype(int) - expected).mean() < 4


@pytest.mark.parametrize(
    ("channels", "dtype"), [(4, np.uint8), (2, np.uint8), (3, np.uint16), (1, np.float32)]
)
def test_jpeg_refuses_what_it_cannot_hold(tmp_path: Path, channels: int, dtype: type) -> None:
    with pytest.raises(UsageError, match="JPEG holds 8-bit grey or RGB only"):
        written(picture(20, 20, channels, dtype), tmp_path / "p.tif", "jpeg")
    assert list(tmp_path.glob("*.tif")) == []


@pytest.mark.parametrize("compression", ["none", "deflate", "zstd", "lzw", "jpeg"])
@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
def test_libvips_reads_the_same_levels(tmp_path: Path, compression: str, dtype: str) -> None:
    pyvips = pytest.importorskip("pyvips", reason="libvips is not installed", exc_type=ImportError)
    if compression == "jpeg" and dtype != "u1":
        pytest.skip("JPEG holds 8 bit only")
    path = written(picture(520, 1100, 3, dtype), tmp_path / "p.tif", compression)  # type: ignore[arg-type]
    for index, level in enumerate(our_levels(path)):
        where = {"subifd": index - 1} if index else {}
        theirs = pyvips.Image.tiffload(str(path), **where).numpy().reshape(level.shape)
        largest = np.abs(theirs.astype(np.float64) - level).max()
        assert largest <= (2 if compression == "jpeg" else 0)


def test_small_files_are_classic_and_point_to_their_levels_as_directories(tmp_path: Path) -> None:
    path = written(picture(600, 1100), tmp_path / "p.tif")
    with tifffile.TiffFile(path) as file:
        assert not file.is_bigtiff
        assert file.pages.first.tags[330].dtype == 13
        assert file.pages.first.subifds is not None
        assert len(file.pages.first.subifds) == 2


def test_files_that_outgrow_four_gigabytes_are_bigtiff(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "CLASSIC_END", 100_000)  # the same decision, on a file of a megabyte
    pixels = picture(600, 1100)
    path = written(pixels, tmp_path / "p.tif", "none")
    assert path.read_bytes()[:4] == b"II+\0"
    with tifffile.TiffFile(path) as file:
        assert file.is_bigtiff
        assert file.pages.first.tags[330].dtype == 18
    assert same(our_levels(path), levels_of(pixels, 3))
    assert same(tifffile_levels(path), levels_of(pixels, 3))


def test_metadata_travel_byte_for_byte(tmp_path: Path) -> None:
    metadata = Metadata(
        pixels_per_mm=1200 / 25.4,
        icc=bytes(range(256)) * 5,
        xmp=b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>",
        description="Öl auf Holz, um 1530 — “before”",
        page_name="1957.12_BT_recto_UVF_01",
        artist="Anna",
        copyright="© Museum",
    )
    path = written(picture(40, 50), tmp_path / "p.tif", metadata=metadata)
    with open_scan(path) as scan:
        kept = scan.metadata
        assert scan.page.kind == "UVF"
        assert scan.page.name == "1957.12_BT_recto_UVF_01"
    assert kept.pixels_per_mm == pytest.approx(metadata.pixels_per_mm, rel=1e-9)
    assert Metadata(metadata.pixels_per_mm, *_rest(kept)) == metadata
    with tifffile.TiffFile(path) as file:
        tags = file.pages.first.tags
        assert tags[305].value == SOFTWARE
        assert sum(tag.code == 270 for tag in tags) == 1
        assert tags[34675].value == metadata.icc


def _rest(kept: Metadata) -> tuple:
    return kept.icc, kept.xmp, kept.description, kept.page_name, kept.artist, kept.copyright


def test_a_second_pyramid_keeps_all_metadata_of_the_first(tmp_path: Path) -> None:
    metadata = Metadata(pixels_per_mm=300 / 25.4, description="Panel", xmp=b"<x/>")
    first = written(picture(40, 50), tmp_path / "a.tif", metadata=metadata)
    with open_scan(first) as scan:
        once = scan.metadata
        finish(write_pyramid(scan, tmp_path / "b.tif"))
    with open_scan(tmp_path / "b.tif") as scan:
        assert scan.metadata == once


@pytest.mark.parametrize(("channels", "extra"), [(1, None), (2, (2,)), (3, None), (4, (2,)), (6, (0,) * 5)])
def test_channels_beyond_the_colours_are_declared(
    tmp_path: Path, channels: int, extra: tuple[int, ...] | None
) -> None:
    path = written(picture(20, 20, channels), tmp_path / "p.tif")
    with tifffile.TiffFile(path) as file:
        tag = file.pages.first.tags.get(338)
        assert (None if tag is None else tuple(np.atleast_1d(tag.value))) == extra


def test_a_stopped_job_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "p.tif"
    target.write_bytes(b"old")
    job = write_pyramid(ArraySource(picture(300, 300)), target, tile=16)
    next(job)
    job.close()
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["p.tif"]


def test_stopping_waits_for_no_more_than_a_tile(tmp_path: Path) -> None:
    calls = itertools.count()
    with pytest.raises(CancelledError):
        finish(
            write_pyramid(ArraySource(picture(900, 900)), tmp_path / "p.tif", tile=16),
            stopped=lambda: next(calls) == 2,
        )
    assert not (tmp_path / "p.tif").exists()
    assert threading.active_count() < 10 + pyramid.THREADS


class Failing(ArraySource):
    """A source whose disk fails at one block."""

    def read(self, level: int, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        if y0 and x0:
            raise OSError(28, "No space left on device")
        return super().read(level, y0, y1, x0, x1)


def test_an_error_in_a_thread_ends_the_job_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(WriteError, match="the disk is full"):
        finish(write_pyramid(Failing(picture(300, 300)), tmp_path / "p.tif", tile=16))
    assert list(tmp_path.glob("*.tif")) == []


class Counting(ArraySource):
    """A source that counts how often each pixel is read."""

    def __init__(self, pixels: Pixels) -> None:
        super().__init__(pixels)
        self.reads = np.zeros(pixels.shape[:2], int)
        self.lock = threading.Lock()
        self.tallest = self.largest = 0

    def read(self, level: int, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        with self.lock:
            self.tallest = max(self.tallest, y1 - y0)
            pixel = self.levels[0].channels * self.levels[0].dtype.itemsize
            self.largest = max(self.largest, (y1 - y0) * (x1 - x0) * pixel)
            self.reads[y0:y1, x0:x1] += 1
        return super().read(level, y0, y1, x0, x1)


@pytest.mark.parametrize(("limit", "rows"), [(160_000, 64), (100_000, 32), (50_000, 16), (1, 64)])
def test_a_row_of_blocks_fits_into_the_cache_where_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int, rows: int
) -> None:
    monkeypatch.setattr(TILES, "limit", limit)
    source = Counting(picture(200, 400))
    finish(write_pyramid(source, tmp_path / "p.tif", tile=16))
    assert source.tallest == rows


@pytest.mark.parametrize("channels", [1, 4, 16, 64, 100])
def test_no_block_is_larger_than_it_may_be_however_many_channels_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, channels: int
) -> None:
    monkeypatch.setattr(building, "BLOCK_BYTES", 64 * 64 * 40)
    pixels = picture(200, 400, channels, "f4")
    source = Counting(pixels)
    finish(write_pyramid(source, tmp_path / "p.tif", tile=64))
    assert source.reads.min() == source.reads.max() == 1
    assert source.largest <= building.BLOCK_BYTES
    found = our_levels(tmp_path / "p.tif")
    assert len(found) > 2
    assert same(found, levels_of(pixels, len(found)))


def test_the_heaviest_pixels_are_written_in_tiles_that_we_read_ourselves(tmp_path: Path) -> None:
    pixels = picture(20, 30, 256, "f8")
    path = written(pixels, tmp_path / "p.tif")
    assert same(our_levels(path), [pixels])
    with tifffile.TiffFile(path) as file:
        assert file.pages.first.tilewidth == 128


@pytest.mark.parametrize("wide", [1, 64])
def test_each_pixel_of_the_source_is_read_once_in_either_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wide: int
) -> None:
    monkeypatch.setattr(pyramid, "_WIDE", wide)
    source = Counting(picture(333, 517))
    finish(write_pyramid(source, tmp_path / "p.tif", tile=16))
    assert source.reads.min() == source.reads.max() == 1
    with open_scan(tmp_path / "p.tif") as scan:
        assert np.array_equal(scan.read(0, 0, 333, 0, 517), picture(333, 517))


def test_empty_tiles_share_one_place(tmp_path: Path) -> None:
    pixels = np.zeros((2000, 3000, 3), np.uint8)
    pixels[5, 5] = 9
    path = written(pixels, tmp_path / "p.tif", "none")
    with tifffile.TiffFile(path) as file:
        offsets = file.pages.first.dataoffsets
    assert len(set(offsets)) == 2
    assert path.stat().st_size < 5 * 512 * 512 * 3


def test_the_smallest_picture_is_a_pyramid_of_one_level(tmp_path: Path) -> None:
    path = written(np.full((1, 1, 3), 7, np.uint8), tmp_path / "p.tif", "deflate")
    assert same(our_levels(path), [np.full((1, 1, 3), 7, np.uint8)])


def test_a_missing_folder_is_told_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(WriteError, match="its folder does not exist"):
        written(picture(5, 5), tmp_path / "no" / "p.tif")


@pytest.mark.parametrize("tile", [0, 8, 100])
def test_tiles_that_tiff_does_not_allow_are_refused(tmp_path: Path, tile: int) -> None:
    with pytest.raises(UsageError, match="multiple of 16"):
        written(picture(5, 5), tmp_path / "p.tif", tile=tile)


def test_the_header_is_written_last(tmp_path: Path) -> None:
    target = tmp_path / "p.tif"
    job = write_pyramid(ArraySource(picture(300, 300)), target, tile=16)
    next(job)
    (growing,) = (path for path in tmp_path.iterdir() if path.is_file())
    assert growing.read_bytes()[:4] == struct.pack("<I", 0)
    finish(job)
    assert target.read_bytes()[:4] == b"II*\0"
