"""What `check` finds, and what it says of what it cannot find."""

from __future__ import annotations

import random
import struct
from argparse import Namespace
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image

from tests.scans.pictures import picture, written
from tests.scans.test_damage import PLAIN, changed, classic, tile_at
from tests.scans.test_opening import save, whole
from workstation.commands.command import Console
from workstation.commands.scans import COMMANDS
from workstation.errors import ScanError
from workstation.jobs import finish
from workstation.scans.checking import check_file
from workstation.scans.jpegmarks import broken_jpeg
from workstation.scans.opening import open_scan
from workstation.scans.source import Damage


def check(path: Path) -> tuple[Damage, ...]:
    return finish(check_file(path))


def places(path: Path) -> list[tuple[int, int, int]]:
    return [(damage.level, damage.row, damage.column) for damage in check(path)]


def flipped(data: bytes, first: int, count: int, dice: random.Random) -> bytes:
    changed_bytes = bytearray(data)
    changed_bytes[first + dice.randrange(count)] ^= 1 << dice.randrange(8)
    return bytes(changed_bytes)


@pytest.mark.parametrize("compression", ["deflate", "zstd"])
def test_every_flipped_bit_in_a_tile_of_ours_is_named_or_changes_nothing(
    tmp_path: Path, compression: Any
) -> None:
    pixels, dice = picture(96, 96), random.Random(0)
    path = written(pixels, tmp_path / "p.tif", compression, tile=96)
    (offset, count), data = tile_at(path, 0), path.read_bytes()
    for _ in range(150):
        path.write_bytes(flipped(data, offset, count, dice))
        assert places(path) == [(0, 0, 0)] or np.array_equal(whole(path), pixels)


@pytest.mark.parametrize("compression", ["zlib", "lzma", "lerc"])
def test_every_flipped_bit_under_a_foreign_checksum_is_named(tmp_path: Path, compression: str) -> None:
    pixels, dice = picture(96, 96), random.Random(0)
    path = save(tmp_path / "s.tif", pixels, compression=compression, tile=(96, 96))
    (offset, count), data = tile_at(path, 0), path.read_bytes()
    for _ in range(60):
        path.write_bytes(flipped(data, offset, count, dice))
        assert places(path) == [(0, 0, 0)] or np.array_equal(whole(path), pixels)


def test_our_zstd_tiles_are_read_by_others(tmp_path: Path) -> None:
    pixels = picture(100, 130)
    path = written(pixels, tmp_path / "p.tif", "zstd", tile=64)
    assert np.array_equal(tifffile.imread(path, key=0), pixels)
    with Image.open(path) as image:
        assert np.array_equal(np.asarray(image), pixels)


@pytest.mark.parametrize("compression", [None, "zlib", "lzw", "packbits", "zstd", "lzma"])
def test_a_tile_that_is_too_short_is_damage(tmp_path: Path, compression: str | None) -> None:
    """The second tile's data are those of a smaller picture: sound, but too few."""
    small = save(tmp_path / "small.tif", picture(16, 16), compression=compression, tile=(16, 16))
    path = save(tmp_path / "s.tif", picture(64, 128), compression=compression, tile=(64, 64))
    short = small.read_bytes()[slice(*np.cumsum(tile_at(small, 0)))]
    data = bytearray(path.read_bytes())
    with tifffile.TiffFile(path) as file:
        for code, value in ((324, len(data)), (325, len(short))):
            tag = file.pages.first.tags[code]
            width = {3: 2, 4: 4}[int(tag.dtype)]
            data[tag.valueoffset + width : tag.valueoffset + 2 * width] = value.to_bytes(width, "little")
    path.write_bytes(bytes(data) + short)
    assert places(path) == [(0, 0, 1)]


def test_a_strip_beyond_the_file_is_named_and_the_others_stay(tmp_path: Path) -> None:
    table = struct.pack("<4I", 300, 310, 10**6, 330)
    entries = [(code, kind, 4 if code in (273, 279) else count, value) for code, kind, count, value in PLAIN]
    entries = [(c, k, n, {273: 200, 279: 220, 278: 3}.get(c, v)) for c, k, n, v in entries]
    head = (
        classic(entries).ljust(200, b"\0") + table + b"".ljust(4, b"\0") + struct.pack("<4I", 30, 30, 30, 10)
    )
    path = tmp_path / "s.tif"
    path.write_bytes(head.ljust(300, b"\0") + b"\7" * 60)
    assert places(path) == [(0, 2, 0)]


def test_strips_that_share_their_bytes_are_not_damage(tmp_path: Path) -> None:
    entries = [
        (c, k, 2 if c in (273, 279) else n, {273: 250, 279: 260, 278: 5}.get(c, v)) for c, k, n, v in PLAIN
    ]
    head = classic(entries).ljust(250, b"\0") + struct.pack("<2I", 300, 310) + b"\0\0"
    path = tmp_path / "s.tif"
    path.write_bytes(head + struct.pack("<2I", 50, 50) + bytes(32) + b"\7" * 100)
    assert check(path) == ()


def test_a_tile_used_many_times_is_decoded_once_and_named_everywhere(tmp_path: Path) -> None:
    path = written(np.zeros((64, 256, 3), np.uint8), tmp_path / "p.tif", "deflate", tile=64)
    data, (offset, count) = bytearray(path.read_bytes()), tile_at(path, 0)
    with tifffile.TiffFile(path) as file:
        tags = file.pages.first.tags
        for code, value in ((324, offset), (325, count)):
            at = tags[code].valueoffset
            data[at : at + 16] = struct.pack("<4I", *[value] * 4)
    data[offset + count // 2] ^= 1
    path.write_bytes(data)
    with open_scan(path) as scan:
        decoded: list[int] = []
        (grid, *_) = scan.in_file
        pieces = grid._pieces  # type: ignore[attr-defined]
        for look in grid.looks():
            look.look()
            decoded.append(pieces.offsets[look.step])
        assert decoded == [offset] * 4
        assert [(damage.row, damage.column) for damage in scan.damaged] == [
            (0, column) for column in range(4)
        ]


def test_subdirectories_that_run_in_a_circle_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "s.tif"
    path.write_bytes(classic([*PLAIN, (330, 4, 1, 8)], rest=bytes(400)))
    with pytest.raises(ScanError, match="run in a circle"):
        check(path)


BOMBS: dict[str, tuple[int, Callable[[], bytes]]] = {
    "zstd": (50000, lambda: bytes(imagecodecs.zstd_encode(bytes(1 << 28)))),
    "deflate": (8, lambda: bytes(imagecodecs.zlib_encode(bytes(1 << 26)))),
    "lerc": (34887, lambda: bytes(imagecodecs.lerc_encode(np.zeros((10, 10), np.uint8))) * 3000),
}


@pytest.mark.parametrize("codec", BOMBS)
def test_a_tile_that_inflates_beyond_its_size_is_damage(tmp_path: Path, codec: str) -> None:
    number, bomb = BOMBS[codec]
    data, path = bomb(), tmp_path / "s.tif"
    entries = [(c, k, n, {279: len(data), 259: number}.get(c, v)) for c, k, n, v in PLAIN]
    path.write_bytes(classic(entries).ljust(200, b"\0") + data)
    assert places(path) == [(0, 0, 0)]


@pytest.mark.parametrize("words", [{"samples": 300}, {"samples": 0}, {"width": 2**31, "height": 5}])
def test_claims_that_no_scan_makes_are_refused(tmp_path: Path, words: dict[str, int]) -> None:
    path = tmp_path / "s.tif"
    path.write_bytes(classic(changed(**words), rest=bytes(400)))
    with pytest.raises(ScanError):
        check(path)


def jpeg_of(**options: Any) -> bytes:
    file = BytesIO()
    Image.fromarray(picture(256, 256)).save(file, "JPEG", quality=90, **options)
    return file.getvalue()


@pytest.mark.parametrize(
    "options", [{}, {"progressive": True}, {"restart_marker_rows": 1}, {"restart_marker_blocks": 3}]
)
def test_a_jpeg_s_marks_tell_foreign_bytes_and_cuts(options: dict[str, Any]) -> None:
    data, dice, noticed = jpeg_of(**options), random.Random(0), 0
    assert broken_jpeg(data, alone=True) is None
    for _ in range(100):
        broken = bytearray(data)
        at = dice.randrange(1000, len(data) - 520)
        broken[at : at + 512] = dice.randbytes(512)
        noticed += broken_jpeg(bytes(broken), alone=True) is not None
        assert broken_jpeg(data[: at + 1], alone=True) is not None
    assert noticed >= 70


@pytest.mark.parametrize("name", ["s.jpg", "s.png"])
def test_a_picture_with_a_foreign_block_is_named_damaged(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    Image.fromarray(picture(300, 300)).save(path)
    data = bytearray(path.read_bytes())
    data[3000:3512] = bytes(range(256)) * 2
    path.write_bytes(data)
    assert places(path) == [(0, 0, 0)]


def test_a_check_can_be_stopped_between_any_two_steps(tmp_path: Path) -> None:
    path = written(picture(700, 700), tmp_path / "p.tif", "zstd", tile=16)
    job = check_file(path)
    first = next(job)
    job.close()
    assert first.done < first.total


def test_check_says_what_it_cannot_know(tmp_path: Path) -> None:
    (command,) = [command for command in COMMANDS if command.words == "check"]
    said = {}
    for compression in ("zstd", "deflate", "lzw", "jpeg", "none"):
        path = written(picture(40, 40), tmp_path / f"{compression}.tif", compression, tile=32)
        outcome = command.run(Namespace(scan=path), Console(quiet=True))
        assert outcome.ok
        said[compression] = outcome.data["checksums"], outcome.lines[-1].endswith("is whole.")
    assert said == {
        "zstd": (True, True), "deflate": (True, True),
        "lzw": (False, False), "jpeg": (False, False), "none": (False, False),
    }  # fmt: skip
