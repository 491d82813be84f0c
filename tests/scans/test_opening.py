from __future__ import annotations

import resource
import struct
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.scans.pictures import levels_of, picture, written
from workstation.errors import ScanError, UsageError
from workstation.scans import opening, stacking
from workstation.scans.computed import SketchGrid
from workstation.scans.opening import describe, open_scan
from workstation.scans.source import Pixels

KINDS: dict[str, dict[str, Any]] = {
    "one strip": {"rowsperstrip": 400},
    "strips": {"rowsperstrip": 13},
    "one row strips": {"rowsperstrip": 1},
    "tiles": {"tile": (64, 48)},
    "big tiles": {"tile": (512, 512)},
    "lzw strips": {"compression": "lzw", "predictor": True, "rowsperstrip": 7},
    "deflate tiles": {"compression": "zlib", "predictor": True, "tile": (128, 128)},
    "zstd strips": {"compression": "zstd", "rowsperstrip": 50},
    "packbits": {"compression": "packbits", "rowsperstrip": 9},
    "big endian": {"byteorder": ">"},
    "bigtiff": {"bigtiff": True, "tile": (64, 64)},
    "big endian bigtiff": {"byteorder": ">", "bigtiff": True, "compression": "zlib", "predictor": True},
}


def save(path: Path, pixels: Pixels, **options: Any) -> Path:
    """Write a TIFF by tifffile, so that our reader is not tested by our writer."""
    how = {key: options.pop(key) for key in ("byteorder", "bigtiff") if key in options}
    planar = options.get("planarconfig") == "separate"
    data = np.moveaxis(pixels, -1, 0) if planar else pixels if pixels.shape[2] > 1 else pixels[..., 0]
    options.setdefault("photometric", "rgb" if pixels.shape[2] in (3, 4) else "minisblack")
    tifffile.imwrite(path, np.ascontiguousarray(data), metadata=None, **how, **options)
    return path


def whole(path: Path, page: int = 0, level: int = 0) -> Pixels:
    with open_scan(path, page) as scan:
        size = scan.levels[level]
        pixels = scan.read(level, 0, size.height, 0, size.width)
        assert scan.damaged == ()
        assert pixels.shape == (size.height, size.width, size.channels)
        assert pixels.dtype == size.dtype
        assert pixels.flags.c_contiguous
        assert not pixels.flags.writeable
    return pixels


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_every_layout_gives_its_pixels(tmp_path: Path, kind: str, dtype: str, channels: int) -> None:
    pixels = picture(211, 177, channels, dtype)
    options = {key: value for key, value in KINDS[kind].items() if key != "predictor" or dtype != "f4"}
    assert np.array_equal(whole(save(tmp_path / "s.tif", pixels, **options)), pixels)


@pytest.mark.parametrize("options", [{}, {"tile": (64, 64)}, {"compression": "lzw"}, {"rowsperstrip": 10}])
@pytest.mark.parametrize("dtype", ["u1", "u2"])
def test_planar_files_give_channels_last(tmp_path: Path, options: dict[str, Any], dtype: str) -> None:
    pixels = picture(130, 90, 3, dtype)
    path = save(tmp_path / "s.tif", pixels, planarconfig="separate", **options)
    assert np.array_equal(whole(path), pixels)


@settings(max_examples=80, deadline=None)
@given(data=st.data(), kind=st.sampled_from(["strips", "tiles", "deflate tiles", "one strip", "pyramid"]))
def test_any_block_is_that_part_of_the_whole(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, kind: str
) -> None:
    pixels = picture(211, 177, 3, "u2")
    path = tmp_path_factory.mktemp("block") / "s.tif"
    if kind == "pyramid":
        written(pixels, path, tile=32)
    else:
        save(path, pixels, **KINDS[kind])
    y0, x0 = data.draw(st.integers(0, 210)), data.draw(st.integers(0, 176))
    y1, x1 = data.draw(st.integers(y0 + 1, 211)), data.draw(st.integers(x0 + 1, 177))
    with open_scan(path) as scan:
        assert np.array_equal(scan.read(0, y0, y1, x0, x1), pixels[y0:y1, x0:x1])


@pytest.mark.parametrize("block", [(0, 0, 0, 5), (-1, 5, 0, 5), (0, 212, 0, 5), (5, 4, 0, 5)])
def test_a_block_outside_is_refused(tmp_path: Path, block: tuple[int, int, int, int]) -> None:
    with open_scan(save(tmp_path / "s.tif", picture(211, 177))) as scan, pytest.raises(UsageError):
        scan.read(0, *block)


def test_a_flat_scan_gets_all_coarser_levels(tmp_path: Path) -> None:
    pixels = picture(1200, 2101, 3)
    path = save(tmp_path / "s.tif", pixels, rowsperstrip=100)
    with open_scan(path) as scan:
        assert scan.page.levels == 1
        assert len(scan.levels) == 4
        for index, expected in enumerate(levels_of(pixels, 4)):
            level = scan.levels[index]
            assert np.array_equal(scan.read(index, 0, level.height, 0, level.width), expected)


@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
@pytest.mark.parametrize("kind", ["strips", "lzw strips", "one strip", "big endian"])
def test_the_sketch_of_a_giant_flat_scan_averages_four_rows_of_each_box(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, dtype: str
) -> None:
    monkeypatch.setattr(stacking, "SKETCHED_PIXELS", 1000)
    monkeypatch.setattr(opening, "LARGE_PIXELS", 1000)
    pixels = picture(77, 5131, 3, dtype)
    options = {key: value for key, value in KINDS[kind].items() if key != "predictor" or dtype != "f4"}
    with open_scan(save(tmp_path / "s.tif", pixels, **options), to_look=True) as scan:
        levels = [scan.read(k, 0, level.height, 0, level.width) for k, level in enumerate(scan.levels)]
        part = scan.read(3, 2, 9, 30, 550)
        assert all(isinstance(scan.grid(k), SketchGrid) for k in range(1, 5))
    assert all(map(np.array_equal, levels[:3], levels_of(pixels, 3)))
    padded = np.pad(pixels.astype(np.float64), ((0, 3), (0, 5), (0, 0)), mode="edge")
    means = padded.reshape(5, 16, 321, 16, 3)[:, 2::4].mean(axis=(1, 3))
    assert np.abs(levels[4] - means)[:, :-1].max() <= (1e-6 if dtype == "f4" else 2.5)
    assert np.array_equal(part, levels[3][2:9, 30:550])


@pytest.mark.parametrize("orientation", [3, 6, 7])
def test_a_sketch_of_a_scan_that_lies_on_its_side_stands_upright(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, orientation: int
) -> None:
    monkeypatch.setattr(stacking, "SKETCHED_PIXELS", 1000)
    monkeypatch.setattr(opening, "LARGE_PIXELS", 1000)
    turned = [(274, 3, 1, orientation, True)]
    path = save(tmp_path / "s.tif", picture(160, 2400), compression="zlib", rowsperstrip=1, extratags=turned)
    with open_scan(path) as exact, open_scan(path, to_look=True) as sketch:
        assert sketch.levels == exact.levels
        for k, level in enumerate(exact.levels):
            one, other = (scan.read(k, 0, level.height, 0, level.width) for scan in (exact, sketch))
            assert np.abs(one.astype(int) - other).mean() < 3


def test_a_pyramid_of_pages_is_one_scan(tmp_path: Path) -> None:
    levels = levels_of(picture(900, 1400), 3)
    with tifffile.TiffWriter(tmp_path / "s.tif") as file:
        for index, level in enumerate(levels):
            file.write(level, tile=(128, 128), photometric="rgb", subfiletype=int(index > 0), metadata=None)
    assert len(describe(tmp_path / "s.tif").pages) == 1
    for index, level in enumerate(levels):
        assert np.array_equal(whole(tmp_path / "s.tif", 0, index), level)


def test_a_pyramid_in_steps_of_four_gets_the_levels_between(tmp_path: Path) -> None:
    levels = levels_of(picture(2100, 1400), 4)
    marked = np.full_like(
        levels[2], 77
    )  # other pixels than the halves, to see that the stored ones are taken
    with tifffile.TiffWriter(tmp_path / "s.tif") as file:
        file.write(levels[0], tile=(128, 128), photometric="rgb", subifds=1, metadata=None)
        file.write(marked, tile=(128, 128), photometric="rgb", subfiletype=1, metadata=None)
    with open_scan(tmp_path / "s.tif") as scan:
        assert scan.page.levels == 2
        assert scan.stored == (0, 2)
        assert [level.height for level in scan.levels] == [2100, 1050, 525, 263]
    assert np.array_equal(whole(tmp_path / "s.tif", 0, 1), levels[1])
    assert np.array_equal(whole(tmp_path / "s.tif", 0, 2), marked)


def test_pyramids_of_libvips_keep_their_levels(tmp_path: Path) -> None:
    pyvips = pytest.importorskip("pyvips", reason="libvips is not installed", exc_type=ImportError)
    pixels = picture(1001, 1403)
    image = pyvips.Image.new_from_array(pixels)
    for name, options in {"pages": {}, "subifds": {"subifd": True}}.items():
        path = tmp_path / f"{name}.tif"
        image.tiffsave(str(path), tile=True, pyramid=True, compression="deflate", **options)
        with open_scan(path) as scan:
            assert scan.page.levels == len(scan.levels) > 2
            assert [level.height for level in scan.levels][:3] == [1001, 500, 250]
            assert np.array_equal(scan.read(0, 0, 1001, 0, 1403), pixels)


def test_layers_of_one_painting_are_pages_of_their_own(tmp_path: Path) -> None:
    names = [
        "1957.12_BT_recto_VIS_01",
        "1957.12_BT_recto_IRR_01",
        "1957.12_BT_recto_UVF_01",
        "x-ray, plate 3",
    ]
    with tifffile.TiffWriter(tmp_path / "s.tif") as file:
        for index, name in enumerate(names):
            pixels = picture(60 if index < 3 else 30, 50, seed=index)
            file.write(pixels, photometric="rgb", metadata=None, extratags=[(285, 2, 0, name, True)])
    pages = describe(tmp_path / "s.tif").pages
    assert [page.name for page in pages] == names
    assert [page.kind for page in pages] == ["VIS", "IRR", "UVF", "XR"]
    assert np.array_equal(whole(tmp_path / "s.tif", 2), picture(60, 50, seed=2))
    with pytest.raises(ScanError, match="has 4 pages, counted from 0; there is no page 4"):
        open_scan(tmp_path / "s.tif", 4)


def test_one_bit_becomes_black_and_white(tmp_path: Path) -> None:
    bits = picture(33, 41, 1)[..., 0] > 100
    tifffile.imwrite(tmp_path / "s.tif", bits, photometric="minisblack", metadata=None)
    assert np.array_equal(whole(tmp_path / "s.tif")[..., 0], np.where(bits, 255, 0))
    tifffile.imwrite(tmp_path / "w.tif", bits, photometric="miniswhite", metadata=None)
    assert np.array_equal(whole(tmp_path / "w.tif")[..., 0], np.where(bits, 0, 255))


def test_a_film_stored_as_negative_is_turned(tmp_path: Path) -> None:
    pixels = picture(30, 40, 1, "u2")
    save(tmp_path / "s.tif", pixels, photometric="miniswhite")
    assert np.array_equal(whole(tmp_path / "s.tif"), 65535 - pixels)


def test_a_palette_becomes_rgb(tmp_path: Path) -> None:
    indices = picture(30, 40, 1)[..., 0]
    colours = np.random.default_rng(0).integers(0, 65536, (3, 256), np.uint16)
    tifffile.imwrite(tmp_path / "s.tif", indices, photometric="palette", colormap=colours, metadata=None)
    assert np.array_equal(whole(tmp_path / "s.tif"), (colours >> 8).astype(np.uint8).T[indices])


def test_jpeg_tiles_are_read_as_rgb(tmp_path: Path) -> None:
    pixels = picture(200, 300)
    path = save(tmp_path / "s.tif", pixels, tile=(64, 64), compression="jpeg")
    assert np.array_equal(whole(path), tifffile.imread(path))
    assert np.abs(whole(path).astype(int) - pixels).mean() < 5


@pytest.mark.parametrize(
    ("unit", "value", "expected"), [(2, 600, 600 / 25.4), (3, 200, 20.0), (1, 300, None)]
)
def test_the_scale_comes_from_the_resolution(
    tmp_path: Path, unit: int, value: int, expected: float | None
) -> None:
    path = save(tmp_path / "s.tif", picture(9, 9), resolution=(value, value), resolutionunit=unit)
    found = describe(path).pages[0].pixels_per_mm
    assert found == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize("name", ["s.png", "s.jpg"])
@pytest.mark.parametrize("channels", [1, 3])
def test_small_pictures_open_too(tmp_path: Path, name: str, channels: int) -> None:
    pixels = picture(700, 1100, channels)
    image = Image.fromarray(pixels if channels == 3 else pixels[..., 0])
    image.save(tmp_path / name, dpi=(254, 254))
    with open_scan(tmp_path / name) as scan:
        assert scan.page.pixels_per_mm == pytest.approx(10, rel=1e-3)
        assert len(scan.levels) == 3
        full = scan.read(0, 0, 700, 0, 1100)
        if name.endswith("png"):
            assert np.array_equal(full, pixels)
        for index, expected in enumerate(levels_of(full, 3)):
            level = scan.levels[index]
            assert np.array_equal(scan.read(index, 0, level.height, 0, level.width), expected)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_sixteen_bits_of_a_png_are_kept(tmp_path: Path, channels: int) -> None:
    imagecodecs = pytest.importorskip("imagecodecs")
    pixels = picture(40, 50, channels, "u2")
    (tmp_path / "s.png").write_bytes(imagecodecs.png_encode(pixels if channels > 1 else pixels[..., 0]))
    assert np.array_equal(whole(tmp_path / "s.png"), pixels)


def test_a_palette_png_becomes_rgb(tmp_path: Path) -> None:
    pixels = picture(40, 50)
    Image.fromarray(pixels).quantize(64).save(tmp_path / "s.png")
    assert np.array_equal(
        whole(tmp_path / "s.png"), np.asarray(Image.open(tmp_path / "s.png").convert("RGB"))
    )


def test_many_threads_read_the_same_pixels(tmp_path: Path) -> None:
    pixels = picture(1500, 1300, 3)
    path = written(pixels, tmp_path / "p.tif", "deflate", tile=64)
    levels = levels_of(pixels, 6)
    start = threading.Barrier(8)

    def look(seed: int) -> bool:
        rng = np.random.default_rng(seed)
        start.wait()
        for _ in range(30):
            index = int(rng.integers(0, 5))
            height, width = levels[index].shape[:2]
            y0, x0 = int(rng.integers(0, height - 10)), int(rng.integers(0, width - 10))
            y1, x1 = int(rng.integers(y0 + 1, height)), int(rng.integers(x0 + 1, width))
            if not np.array_equal(scan.read(index, y0, y1, x0, x1), levels[index][y0:y1, x0:x1]):
                return False
        return True

    with open_scan(path) as scan, ThreadPoolExecutor(8) as pool:
        assert all(pool.map(look, range(8)))


def test_many_threads_look_at_computed_levels_without_waiting_for_each_other_for_ever(tmp_path: Path) -> None:
    pixels = picture(2100, 2300, 1)
    path = save(tmp_path / "s.tif", pixels, tile=(128, 128), compression="zlib")
    levels = levels_of(pixels, 4)
    start = threading.Barrier(8)
    with open_scan(path) as scan, ThreadPoolExecutor(8) as pool:

        def look(number: int) -> bool:
            start.wait()
            height, width = levels[number % 4].shape[:2]
            return np.array_equal(scan.read(number % 4, 0, height, 0, width), levels[number % 4])

        assert all(pool.map(look, range(8)))


@pytest.mark.parametrize("block", [(0, 100, 0, 100), (0, 64, 0, 64), (3, 60, 5, 99), (64, 65, 64, 65)])
def test_nobody_can_write_into_a_block_that_others_share(tmp_path: Path, block: tuple[int, ...]) -> None:
    pixels = picture(100, 100)
    y0, y1, x0, x1 = block
    with open_scan(save(tmp_path / "s.tif", pixels, tile=(64, 64), compression="zlib")) as scan:
        for _ in range(2):
            found = scan.read(0, y0, y1, x0, x1)
            assert np.array_equal(found, pixels[y0:y1, x0:x1])
            with pytest.raises(ValueError, match="read-only"):
                found[:] = 0


def giant(path: Path, height: int, width: int, jpeg: bytes) -> None:
    """Write a BigTIFF of any size whose tiles all lie at one place: some megabytes of tables."""
    count = -(-height // 512) * -(-width // 512)
    tables = 16 + len(jpeg) + len(jpeg) % 2
    tags = [
        (256, 4, 1, width), (257, 4, 1, height), (258, 3, 3, 8 | 8 << 16 | 8 << 32), (259, 3, 1, 7),
        (262, 3, 1, 6), (277, 3, 1, 3), (322, 4, 1, 512), (323, 4, 1, 512),
        (324, 16, count, tables), (325, 4, count, tables + 8 * count), (530, 3, 2, 1 | 1 << 16),
    ]  # fmt: skip
    with path.open("wb") as file:
        file.write(
            struct.pack("<2sHHHQ", b"II", 43, 8, 0, tables + 12 * count) + jpeg.ljust(tables - 16, b"\0")
        )
        file.write(np.full(count, 16, "<u8").tobytes() + np.full(count, len(jpeg), "<u4").tobytes())
        file.write(
            struct.pack("<Q", len(tags)) + b"".join(struct.pack("<HHQQ", *tag) for tag in tags) + bytes(8)
        )


def test_a_giant_is_opened_without_reading_its_tables(tmp_path: Path) -> None:
    imagecodecs = pytest.importorskip("imagecodecs")
    jpeg = imagecodecs.jpeg8_encode(
        picture(512, 512), colorspace="rgb", outcolorspace="ycbcr", subsampling="444"
    )
    giant(tmp_path / "s.tif", 775_000, 925_000, jpeg)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with open_scan(tmp_path / "s.tif") as scan:
        assert (scan.levels[0].height, scan.levels[0].width) == (775_000, 925_000)
        assert len(scan.levels) == 12
        tile = scan.read(0, 512_000, 512_512, 716_800, 717_312)
        assert np.array_equal(tile, imagecodecs.jpeg8_decode(jpeg))
        assert scan.damaged == ()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000


def test_opening_a_scan_changes_nothing_on_the_disk(tmp_path: Path) -> None:
    path = save(tmp_path / "s.tif", picture(100, 100))
    before = path.read_bytes(), path.stat().st_mtime_ns
    path.chmod(0o400)
    whole(path)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_a_directory_that_carries_no_picture_is_passed_over(tmp_path: Path) -> None:
    """A credential may lie in a directory of its own behind the last page."""
    path = save(tmp_path / "s.tif", picture(20, 30))
    data = bytearray(path.read_bytes())
    with tifffile.TiffFile(path) as file:
        link = file.pages.next_page_offset
    data += b"\0" * (len(data) & 1)
    data[link : link + 4] = len(data).to_bytes(4, "little")
    data += b"\1\0" + (0xCD41).to_bytes(2, "little") + b"\7\0" + b"\4\0\0\0abcd" + b"\0" * 4
    path.write_bytes(data)
    assert len(describe(path).pages) == 1
    assert np.array_equal(whole(path), picture(20, 30))
