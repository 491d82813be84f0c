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
    bomb, data = bomb_of(codec), bytearray(path.read_bytes())
    with tifffile.TiffFile(path) as file:
        tags = file.pages.first.tags
        for code, value in ((324, len(data)), (325, len(bomb))):
            size = {3: 2, 4: 4}[int(tags[code].dtype)]
            at = tags[code].valueoffset
            data[at : at + size] = value.to_bytes(size, "little")
    path.write_bytes(data + bomb)
    with open_scan(path) as scan:
        scan.read(0, 0, 16, 0, 16)
        assert len(scan.damaged) == 1
        assert re.search("larger than the piece|makes no sense", scan.damaged[0].reason)


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
