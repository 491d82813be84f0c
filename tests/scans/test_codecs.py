"""Compressions less usual: each is decoded by its declared codec, after its size is checked."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.scans.pictures import picture
from tests.scans.test_damage import glance, refused
from tests.scans.test_opening import save, whole
from workstation.scans.declared import declared_size, must_declare
from workstation.scans.opening import describe, open_scan
from workstation.scans.source import Pixels

LOSSLESS: dict[str, dict[str, Any]] = {
    "jpegxl": {"compression": "jpegxl", "compressionargs": {"lossless": True}},
    "webp": {"compression": "webp", "compressionargs": {"lossless": True}},
    "jpeg2000": {"compression": "jpeg2000", "compressionargs": {"reversible": True}},
    "lerc": {"compression": "lerc"},
}
PIXELS = [
    ("jpegxl", "u1"), ("jpegxl", "u2"), ("jpegxl", "f4"), ("webp", "u1"), ("jpeg2000", "u1"),
    ("jpeg2000", "u2"), ("lerc", "u1"), ("lerc", "u2"), ("lerc", "f4"),
]  # fmt: skip
NUMBERS = {"jpegxl": 50002, "webp": 50001, "jpeg2000": 34712, "lerc": 34887}


@pytest.mark.parametrize(("codec", "dtype"), PIXELS)
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("layout", [{"tile": (64, 80)}, {"rowsperstrip": 32}])
def test_a_codec_without_loss_gives_its_pixels(
    tmp_path: Path, codec: str, channels: int, dtype: str, layout: dict[str, Any]
) -> None:
    channels = 3 if codec == "webp" else channels  # it has no grey
    pixels = picture(130, 170, channels, dtype)
    path = save(tmp_path / "s.tif", pixels, **LOSSLESS[codec], **layout)
    assert np.array_equal(whole(path), pixels)
    assert describe(path).pages[0].compression == codec


@pytest.mark.parametrize("codec", ["jpegxl", "webp", "jpeg2000"])
def test_alpha_is_kept_by_a_codec(tmp_path: Path, codec: str) -> None:
    pixels = picture(70, 90, 4)
    pixels[..., 3] |= 1  # libwebp clears the colour of what is not seen at all
    path = save(tmp_path / "s.tif", pixels, tile=(64, 64), extrasamples=["unassalpha"], **LOSSLESS[codec])
    assert np.array_equal(whole(path), pixels)


@pytest.mark.parametrize("codec", LOSSLESS)
def test_a_tile_that_says_it_is_larger_than_it_may_be_is_damage_before_it_is_decoded(
    tmp_path: Path, codec: str
) -> None:
    path = save(tmp_path / "s.tif", picture(16, 16), tile=(16, 16), **LOSSLESS[codec])
    with_piece(path, 0, bomb_of(codec))
    with open_scan(path) as scan:
        scan.read(0, 0, 16, 0, 16)
        assert len(scan.damaged) == 1
        assert re.search("larger than the piece|makes no sense", scan.damaged[0].reason)


def with_piece(path: Path, index: int, encoded: bytes) -> None:
    """Let a tile or strip of a file be these bytes, which are appended to it."""
    data = bytearray(path.read_bytes())
    with tifffile.TiffFile(path) as file:
        tags, tiled = file.pages.first.tags, file.pages.first.is_tiled
        for code, value in ((324 if tiled else 273, len(data)), (325 if tiled else 279, len(encoded))):
            size = {3: 2, 4: 4}[int(tags[code].dtype)]
            at = tags[code].valueoffset + index * size
            data[at : at + size] = value.to_bytes(size, "little")
    path.write_bytes(data + encoded)


def bomb_of(codec: str) -> bytes:
    """Return a few bytes that become far more pixels than a tile of 16 × 16 has."""
    black = np.zeros((4000, 4000), np.uint8)
    colour = np.zeros((4000, 4000, 3), np.uint8)
    if codec == "jpegxl":
        return bytes(imagecodecs.jpegxl_encode(colour, effort=1))
    if codec == "webp":
        return bytes(imagecodecs.webp_encode(colour, lossless=True, level=0))
    if codec == "jpeg2000":
        return bytes(imagecodecs.jpeg2k_encode(colour))
    return bytes(imagecodecs.lerc_encode(black))


@pytest.mark.parametrize("codec", LOSSLESS)
@pytest.mark.parametrize("size", [(1, 1), (64, 64), (65, 31), (512, 512), (1000, 1777)])
def test_the_size_is_read_in_the_first_bytes(codec: str, size: tuple[int, int]) -> None:
    encode: dict[str, Any] = {
        "jpegxl": imagecodecs.jpegxl_encode,
        "webp": imagecodecs.webp_encode,
        "jpeg2000": imagecodecs.jpeg2k_encode,
        "lerc": imagecodecs.lerc_encode,
    }
    pixels = np.zeros((*size, 3) if codec != "lerc" else size, np.uint8)
    found = declared_size(bytes(encode[codec](pixels)), NUMBERS[codec])
    assert found is not None
    assert found[:2] == size


@pytest.mark.parametrize("codec", LOSSLESS)
def test_what_does_not_say_its_size_is_not_decoded(codec: str) -> None:
    assert must_declare(NUMBERS[codec])
    for data in (
        b"",
        b"\xff",
        b"\xff\x0a",
        b"RIFF",
        b"Lerc2 ",
        b"\xff\x4f\xff\x51",
        bytes(100),
        b"\xff" * 100,
    ):
        assert declared_size(data, NUMBERS[codec]) is None or data == b"\xff" * 100


@settings(max_examples=150, deadline=None)
@given(data=st.data(), codec=st.sampled_from(sorted(LOSSLESS)))
def test_no_changed_byte_of_a_codec_gives_anything_but_pixels_or_one_sentence(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, codec: str
) -> None:
    path = tmp_path_factory.mktemp("flip") / "s.tif"
    raw = bytearray(save(path, picture(40, 50), tile=(32, 32), **LOSSLESS[codec]).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(raw)
    refused(lambda: glance(path, 64))


def encoded(codec: str, pixels: Pixels) -> bytes:
    if codec == "jpeg":
        return bytes(imagecodecs.jpeg_encode(pixels, level=90))
    if codec == "webp":
        return bytes(imagecodecs.webp_encode(pixels, lossless=True))
    if codec == "jpegxl":
        return bytes(imagecodecs.jpegxl_encode(pixels, lossless=True))
    if codec == "jpeg2000":
        return bytes(imagecodecs.jpeg2k_encode(pixels, reversible=True))
    return bytes(imagecodecs.lerc_encode(pixels))


@pytest.mark.parametrize("layout", [{"tile": (32, 64)}, {"rowsperstrip": 32}])
@pytest.mark.parametrize("codec", [*LOSSLESS, "jpeg"])
def test_as_many_pixels_in_another_shape_are_damage(
    tmp_path: Path, codec: str, layout: dict[str, Any]
) -> None:
    """Row by row in the piece they would be a scrambled picture."""
    path = save(tmp_path / "s.tif", picture(32, 64), **LOSSLESS.get(codec, {"compression": codec}), **layout)
    with_piece(path, 0, encoded(codec, picture(64, 32)))
    with open_scan(path) as scan:
        assert not scan.read(0, 0, 32, 0, 64).any()
        (damage,) = scan.damaged
    assert damage.reason == "it holds a picture of 32 × 64 px, which does not fit the piece"


@pytest.mark.parametrize("size", [(16, 32), (16, 64)])
@pytest.mark.parametrize("codec", ["jpegxl", "webp", "jpeg2000"])
def test_a_tile_at_the_edge_may_be_as_small_as_what_is_inside(
    tmp_path: Path, codec: str, size: tuple[int, int]
) -> None:
    pixels = picture(80, 96)
    path = save(tmp_path / "s.tif", pixels, tile=(64, 64), **LOSSLESS[codec])
    last = np.zeros((*size, 3), np.uint8)
    last[:, :32] = pixels[64:, 64:]
    with_piece(path, 3, encoded(codec, last))
    assert np.array_equal(whole(path), pixels)


def test_the_last_strip_may_be_as_high_as_the_others(tmp_path: Path) -> None:
    pixels = picture(48, 64)
    path = save(tmp_path / "s.tif", pixels, rowsperstrip=32, **LOSSLESS["webp"])
    with_piece(path, 1, encoded("webp", np.pad(pixels[32:], ((0, 16), (0, 0), (0, 0)))))
    assert np.array_equal(whole(path), pixels)


def marked(jpeg: bytes, mark: bytes) -> bytes:
    """Return a JPEG with a mark before the header that says its size."""
    at = jpeg.index(b"\xff\xc0")
    return jpeg[:at] + mark + jpeg[at:]


def huge(jpeg: bytes, frame: bytes = b"\xff\xc0") -> bytes:
    """Return a JPEG that says it is as large as can be."""
    at = jpeg.index(frame)
    return jpeg[: at + 5] + b"\xff\xdc\xff\xdc" + jpeg[at + 9 :]


@pytest.mark.parametrize("mark", [b"\xff\x01", b"\xff\xd0", b"\xff\xd7", b"\xff\xff\xff\xd3", b"\xff"])
def test_marks_that_stand_alone_hide_nothing_and_harm_nothing(tmp_path: Path, mark: bytes) -> None:
    """Whoever takes the next bytes for their length goes past a size that libjpeg would then believe."""
    pixels = picture(64, 64)
    path = save(tmp_path / "s.tif", pixels, tile=(64, 64), compression="jpeg")
    plain = whole(path)
    with tifffile.TiffFile(path) as file:
        at, count = file.pages.first.dataoffsets[0], file.pages.first.databytecounts[0]
    jpeg = path.read_bytes()[at : at + count]
    with_piece(path, 0, marked(jpeg, mark))
    assert np.array_equal(whole(path), plain)
    bomb = marked(huge(jpeg), mark)
    bomb = bomb.ljust(bomb.index(b"\xff\xc0") + 0xFFC0, b"\0") + jpeg[jpeg.index(b"\xff\xda") :]
    assert declared_size(bomb, 7) == (65500, 65500, 3)
    with_piece(path, 0, bomb)
    with open_scan(path) as scan:
        assert not scan.read(0, 0, 64, 0, 64).any()
        assert "larger than the piece" in scan.damaged[0].reason


@pytest.mark.parametrize("mark", [b"\xff\x00", b"\0", b"\xff\xf0\0\2", b"\xff\xd8", b"\xff\xd9"])
def test_a_jpeg_is_not_decoded_where_its_marks_do_not_lead_to_its_size(tmp_path: Path, mark: bytes) -> None:
    path = save(tmp_path / "s.tif", picture(64, 64), tile=(64, 64), compression="jpeg")
    jpeg = encoded("jpeg", picture(64, 64))
    assert declared_size(jpeg, 7) == (64, 64, 3)
    with_piece(path, 0, marked(jpeg, mark))
    with open_scan(path) as scan:
        assert not scan.read(0, 0, 64, 0, 64).any()
        assert scan.damaged[0].reason == "it does not say how large a picture it holds"


def test_a_jpeg_of_two_sizes_has_none() -> None:
    jpeg = encoded("jpeg", picture(64, 64))
    at = jpeg.index(b"\xff\xc0")
    other = b"\xff\xc3" + huge(jpeg)[at + 2 : at + 19]
    for two in (jpeg[:at] + other + jpeg[at:], jpeg[: at + 19] + other + jpeg[at + 19 :]):
        assert declared_size(two, 7) is None


def test_a_jpeg_hides_no_size_from_the_decoder_of_what_libjpeg_gives_up(tmp_path: Path) -> None:
    """That one takes what follows a byte that fills up for its length, and goes past the header we read."""
    jpeg = encoded("jpeg", picture(64, 64))
    at = jpeg.index(b"\xff\xc0")
    lossless = huge(bytes(imagecodecs.ljpeg_encode(picture(64, 64, 1)[..., 0], bitspersample=8)), b"\xff\xc3")
    given_up = b"\xff\xd8\xff\xff\xc5" + jpeg[at + 2 :]
    bomb = given_up.ljust(4 + 0xC500, b"\0") + lossless[2:]
    path = save(tmp_path / "s.tif", picture(64, 64), tile=(64, 64), compression="jpeg")
    with_piece(path, 0, bomb)
    with open_scan(path) as scan:
        scan.read(0, 0, 64, 0, 64)
        assert scan.damaged[0].reason == "it does not say how large a picture it holds"


def bits_of(*fields: tuple[int, int]) -> bytes:
    """Return values, each so many bits wide, the lowest bit first."""
    number = at = 0
    for value, width in fields:
        number, at = number | value << at, at + width
    return number.to_bytes(20, "little")


@pytest.mark.parametrize(
    ("orientation", "size"), [(1, (64, 32)), (4, (64, 32)), (5, (32, 64)), (8, (32, 64))]
)
def test_the_size_of_a_jpeg_xl_on_its_side_is_that_of_its_pixels(
    orientation: int, size: tuple[int, int]
) -> None:
    sides = [(0, 1), (0, 2), (63, 9), (0, 3), (0, 2), (31, 9)]
    rest = [(0, 1), (1, 1), (orientation - 1, 3), (0, 3), (0, 1), (0, 2), (0, 1), (0, 2)]
    found = declared_size(b"\xff\x0a" + bits_of(*sides, *rest), NUMBERS["jpegxl"])
    assert found == (*size, 1)
