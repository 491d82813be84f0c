"""The signed hashes of tiles: whoever changes a pixel later is told where, and nothing else is named."""

from __future__ import annotations

import hashlib
import json
import random
import struct
import time
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st

from tests.credentials.conftest import signed
from tests.credentials.test_commands import CREATE, told
from workstation.cli import run
from workstation.credentials import tiletree
from workstation.credentials.certificates import Studio
from workstation.credentials.door import sign_in_place
from workstation.credentials.plain import content_as_it_is
from workstation.credentials.showing import signed_tiles, with_changes
from workstation.credentials.tiletree import hear, root_of, tell
from workstation.credentials.verdict import Verdict
from workstation.credentials.verifying import verify
from workstation.errors import CredentialError, ScanError
from workstation.jobs import finish
from workstation.scans import tilehashes
from workstation.scans.source import Damage
from workstation.scans.tilehashes import TiledPage, TileHashes, hash_tiles

NOISE = np.random.default_rng(11).integers(0, 255, (500, 700, 3), dtype=np.uint8)
DEEP = NOISE.astype(np.uint16) * 257
TILED = {"photometric": "rgb", "metadata": None, "tile": (128, 128)}


def planes(path: Path) -> None:
    tifffile.imwrite(
        path, np.moveaxis(NOISE, -1, 0), photometric="rgb", planarconfig="separate", tile=(128, 128)
    )


def stack(path: Path) -> None:
    with tifffile.TiffWriter(path) as file:
        file.write(NOISE, **TILED)
        file.write(DEEP[..., 0], photometric="minisblack", tile=(256, 256), metadata=None)


def levels(path: Path) -> None:
    with tifffile.TiffWriter(path, bigtiff=True) as file:
        file.write(DEEP, subifds=1, **TILED)
        file.write(DEEP[::2, ::2], subfiletype=1, **TILED)


LAYOUTS: dict[str, Callable[[Path], object]] = {
    "tiles": lambda path: tifffile.imwrite(path, NOISE, **TILED),
    "small tiles": lambda path: tifffile.imwrite(path, NOISE, **{**TILED, "tile": (16, 48)}),
    "strips": lambda path: tifffile.imwrite(path, NOISE, photometric="rgb", metadata=None),
    "strips of one row": lambda path: tifffile.imwrite(
        path, DEEP, photometric="rgb", metadata=None, rowsperstrip=1
    ),
    "deflate": lambda path: tifffile.imwrite(path, DEEP, compression="zlib", **TILED),
    "deflate in strips": lambda path: tifffile.imwrite(
        path, NOISE, photometric="rgb", metadata=None, compression="zlib", rowsperstrip=7
    ),
    "zstd": lambda path: tifffile.imwrite(path, NOISE, compression="zstd", **TILED),
    "planes": planes,
    "big-endian": lambda path: tifffile.imwrite(path, DEEP, byteorder=">", **TILED),
    "pages": stack,
    "bigtiff with levels": levels,
}
EDITS = 1100
"""At least 1,000 in all layouts together."""


class Edited:
    """A signed TIFF in which one bit of one pixel is changed, each time beginning anew."""

    def __init__(self, signed: Path, target: Path) -> None:
        self.data, self.path = signed.read_bytes(), target
        with tifffile.TiffFile(signed) as file:
            self.order = file.byteorder
            self.pages = [_Facts.of(page) for page in file.pages]

    def change(self, chance: random.Random) -> None:
        """Change a bit of a sample that lies inside the picture."""
        page, data = chance.choice(self.pages), bytearray(self.data)
        while True:
            index = chance.randrange(len(page.offsets))
            start, count = page.offsets[index], page.counts[index]
            piece = bytearray(page.unpack(bytes(data[start : start + count])))
            at = chance.randrange(len(piece))
            if page.is_inside(index, at):
                break
        piece[at] ^= 1 << chance.randrange(8)
        packed = page.pack(bytes(piece))
        if len(packed) != count:
            start = len(data)
            for (place, kind), value in zip(page.tags, (start, len(packed)), strict=True):
                size = struct.calcsize(self.order + kind)
                struct.pack_into(self.order + kind, data, place + index * size, value)
        data[start : start + len(packed)] = packed
        self.path.write_bytes(data)


@dataclass(frozen=True)
class _Facts:
    offsets: tuple[int, ...]
    counts: tuple[int, ...]
    chunk: tuple[int, int]
    size: tuple[int, int]
    pixel_bytes: int
    per_plane: int
    pack: Callable[[bytes], bytes]
    unpack: Callable[[bytes], bytes]
    tags: tuple[tuple[int, str], ...]
    """Where the offsets and the lengths of the pieces stand, and as which numbers."""

    @classmethod
    def of(cls, page: Any) -> _Facts:
        rows, columns = (
            (page.tilelength, page.tilewidth) if page.is_tiled else (page.rowsperstrip, page.imagewidth)
        )
        samples = 1 if int(page.planarconfig) == 2 else page.samplesperpixel
        across, down = -(-page.imagewidth // columns), -(-page.imagelength // rows)
        zstd = imagecodecs.zstd_encode, imagecodecs.zstd_decode
        packing = {1: (bytes, bytes), 8: (zlib.compress, zlib.decompress), 50000: zstd}[int(page.compression)]
        numbers = {3: "H", 4: "I", 16: "Q"}
        tags = [page.tags[code] for code in ((324, 325) if page.is_tiled else (273, 279))]
        return cls(
            page.dataoffsets, page.databytecounts, (rows, columns), (page.imagelength, page.imagewidth),
            page.dtype.itemsize * samples, across * down, *packing,
            tuple((tag.valueoffset, numbers[int(tag.dtype)]) for tag in tags),
        )  # fmt: skip

    def is_inside(self, index: int, at: int) -> bool:
        row, column = divmod(at // self.pixel_bytes, self.chunk[1])
        down, across = divmod(index % self.per_plane, -(-self.size[1] // self.chunk[1]))
        return down * self.chunk[0] + row < self.size[0] and across * self.chunk[1] + column < self.size[1]


def pixels_of(path: Path) -> list[Any]:
    """Ask another reader for the pixels of all pages: (rows, columns, samples) each."""
    with tifffile.TiffFile(path) as file:
        found = [page.asarray() for page in file.pages]
        planar = [int(page.planarconfig) == 2 for page in file.pages]
    return [
        np.moveaxis(pixels, 0, -1) if apart else np.atleast_3d(pixels)
        for pixels, apart in zip(found, planar, strict=True)
    ]


def judged(path: Path, studio: Studio) -> Verdict:
    return finish(with_changes(verify(path, studio.anchor)))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_changed_bit_names_exactly_the_tile_that_differs(
    layout: str, tmp_path: Path, studio: Studio
) -> None:
    LAYOUTS[layout](draft := tmp_path / "draft.tif")
    signed(draft, target := tmp_path / "signed.tif", studio)
    tiles = signed_tiles(target, inside=True)
    assert tiles is not None
    before, edited = pixels_of(target), Edited(target, tmp_path / "edited.tif")
    chance = random.Random(layout)
    for _ in range(EDITS // len(LAYOUTS)):
        edited.change(chance)
        wanted = set()
        for at, (one, other) in enumerate(zip(before, pixels_of(edited.path), strict=True)):
            side = tiles.pages[at].tile
            places = np.argwhere((one != other).any(axis=-1)).tolist()
            wanted |= {(at, 0, row // side[0], column // side[1]) for row, column in places}
        verdict = judged(edited.path, studio)
        assert len(wanted) == 1
        assert {(tile.page, tile.level, tile.row, tile.column) for tile in verdict.changed_tiles} == wanted
        assert verdict.state == "altered"


def test_the_sentence_says_how_many_tiles_were_changed(tmp_path: Path, studio: Studio) -> None:
    LAYOUTS["tiles"](draft := tmp_path / "draft.tif")
    signed(draft, target := tmp_path / "signed.tif", studio)
    Edited(target, target).change(random.Random(1))
    verdict = judged(target, studio)
    assert verdict.sentence.endswith(
        "Ada Novak (Museum of the Harbour): 1 of its 24 signed tiles has other pixels."
    )
    [tile] = verdict.changed_tiles
    y0, y1, x0, x1 = tile.box
    assert (y0 // 128, x0 // 128) == (tile.row, tile.column)
    assert 0 < y1 - y0 <= 128
    assert 0 < x1 - x0 <= 128


@pytest.mark.parametrize("what", ["a tag", "a coarser level", "bytes at the end"])
def test_what_is_changed_beside_the_pixels_names_no_tile(what: str, tmp_path: Path, studio: Studio) -> None:
    LAYOUTS["bigtiff with levels"](draft := tmp_path / "draft.tif")
    signed(draft, target := tmp_path / "signed.tif", studio)
    data = bytearray(target.read_bytes())
    with tifffile.TiffFile(target) as file:
        level, tag = file.pages[0].pages[0].dataoffsets[0], file.pages[0].tags["Software"]
    data[{"a tag": tag.valueoffset, "a coarser level": level + 9, "bytes at the end": -1}[what]] ^= 1
    if what == "bytes at the end":
        data = bytearray(target.read_bytes() + b"x")
    target.write_bytes(data)
    verdict = judged(target, studio)
    assert (verdict.state, verdict.changed_tiles) == ("altered", ())
    assert "every pixel is as it was signed" in verdict.sentence


def test_a_black_tile_that_can_no_longer_be_decoded_is_named(tmp_path: Path, studio: Studio) -> None:
    black = np.zeros((384, 384, 3), np.uint8)
    tifffile.imwrite(draft := tmp_path / "draft.tif", black, compression="deflate", **TILED)
    signed(draft, target := tmp_path / "signed.tif", studio)
    with tifffile.TiffFile(target) as file:
        start, size = file.pages[0].dataoffsets[4], file.pages[0].databytecounts[4]
    data = bytearray(target.read_bytes())
    data[start + 2 : start + size] = b"\xff" * (size - 2)
    target.write_bytes(data)
    verdict = judged(target, studio)
    assert [(tile.row, tile.column) for tile in verdict.changed_tiles] == [(1, 1)]
    signed(target, again := tmp_path / "again.tif", studio)  # what was damaged then already is no change
    with again.open("ab") as file:
        file.write(b"more")
    assert "every pixel is as it was signed" in judged(again, studio).sentence


def test_tiles_that_cannot_be_read_just_now_are_not_taken_for_changed(
    tmp_path: Path, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    LAYOUTS["tiles"](draft := tmp_path / "draft.tif")
    signed(draft, target := tmp_path / "signed.tif", studio)
    with target.open("ab") as file:
        file.write(b"more")
    verdict = verify(target, studio.anchor)
    hashed = tilehashes._hash_band

    def failing(scan: Any, page: TiledPage, band: Any, into: bytearray) -> None:
        hashed(scan, page, band, into)
        scan.note([Damage(0, 0, 1, 1, "the share does not answer", passing=True)])

    monkeypatch.setattr(tilehashes, "_hash_band", failing)
    found = finish(with_changes(verdict))
    assert found.changed_tiles == ()
    assert "its pixels can no longer be read" in found.sentence


def test_a_credential_that_tells_of_many_pages_is_heard_quickly() -> None:
    pages = tuple(TiledPage(index, 1, 1, 1, "|u1", (1, 1)) for index in range(100_000))
    hashes = np.arange(len(pages) * 8, dtype=np.uint32).tobytes()
    started = time.monotonic()
    found = TileHashes(pages, hashes).by_page()
    assert found[99_999] == (pages[-1], hashes[-32:])
    assert time.monotonic() - started < 5


def test_a_small_file_that_unpacks_to_an_endless_picture_keeps_nobody_waiting(
    tmp_path: Path, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiletree, "MOST_UNPACKED", 5_000_000)
    zeros = np.zeros((4096, 4096), np.uint8)
    options = {"photometric": "minisblack", "metadata": None, "tile": (1024, 1024)}
    tifffile.imwrite(draft := tmp_path / "draft.tif", zeros, compression="deflate", **options)
    signed(draft, target := tmp_path / "signed.tif", studio)
    with target.open("ab") as file:
        file.write(b"more")
    verdict = judged(target, studio)
    assert verdict.state == "altered"
    assert "was not looked for, as it unpacks to far more than it has bytes" in verdict.sentence
    assert "every pixel" not in verdict.sentence


def test_a_record_that_was_altered_itself_proves_nothing_of_tiles(tmp_path: Path, studio: Studio) -> None:
    LAYOUTS["tiles"](draft := tmp_path / "draft.tif")
    signed(draft, target := tmp_path / "signed.tif", studio)
    Edited(target, target).change(random.Random(1))
    data = target.read_bytes()
    at = data.rindex(b"org.conservation-workstation.tiles") + 60
    target.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
    verdict = judged(target, studio)
    assert verdict.state in ("altered", "damaged")
    assert verdict.changed_tiles == ()


def test_a_picture_of_another_size_under_the_credential_is_told(tmp_path: Path, studio: Studio) -> None:
    LAYOUTS["tiles"](draft := tmp_path / "draft.tif")
    signed(draft, target := tmp_path / "signed.tif", studio)
    data = bytearray(target.read_bytes())
    with tifffile.TiffFile(target) as file:
        tag = file.pages[0].tags["ImageLength"]
    struct.pack_into("<H", data, tag.valueoffset, 499)
    target.write_bytes(data)
    verdict = judged(target, studio)
    assert verdict.state == "altered"
    assert "page 1 no longer has the size" in verdict.sentence


def test_many_tiles_are_kept_apart_and_none_counts_as_an_ancestor(
    tmp_path: Path, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiletree, "LARGEST_INLINE", 100)
    LAYOUTS["tiles"](draft := tmp_path / "draft.tif")
    signed(draft, target := tmp_path / "signed.tif", studio)
    assert verify(target, studio.anchor).ancestors == ()
    assert signed_tiles(target, inside=True) == finish(hash_tiles(draft))
    Edited(target, target).change(random.Random(3))
    assert len(judged(target, studio).changed_tiles) == 1


def test_in_place_tiles_are_signed_on_request(tmp_path: Path, studio: Studio) -> None:
    LAYOUTS["tiles"](path := tmp_path / "scan.tif")
    for tiles in (False, True):
        finish(sign_in_place(path, content_as_it_is(path), studio, tiles=tiles))
        assert (signed_tiles(path, inside=True) is not None) == tiles


def test_tiles_that_were_asked_for_are_never_silently_left_out(tmp_path: Path, studio: Studio) -> None:
    LAYOUTS["tiles"](path := tmp_path / "scan.tif")
    with tifffile.TiffFile(path, mode="r+b") as file:
        file.pages.first.tags["Compression"].overwrite(34676)  # SGILOG24, which three samples cannot have
    before = path.read_bytes()
    with pytest.raises(ScanError):
        finish(sign_in_place(path, content_as_it_is(path), studio, tiles=True))
    assert path.read_bytes() == before
    finish(sign_in_place(path, content_as_it_is(path), studio))


def test_verify_names_the_changed_tiles(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(CREATE)
    LAYOUTS["tiles"](scan := tmp_path / "scan.tif")
    assert told(capsys, "sign", scan)[0] == 0
    Edited(target := tmp_path / "scan-signed.tif", target).change(random.Random(5))
    status, answer = told(capsys, "verify", target)
    [result] = answer["results"]
    assert (status, result["state"], len(result["changed_tiles"])) == (1, "altered", 1)
    assert result["changed_tiles"][0]["level"] == 0


def test_the_hashes_are_those_of_the_pixels_in_plain_order(tmp_path: Path) -> None:
    LAYOUTS["big-endian"](path := tmp_path / "scan.tif")
    found = finish(hash_tiles(path))
    [page] = found.pages
    assert (page.tile, page.dtype, page.count) == ((128, 128), "<u2", 24)
    last = DEEP[384:500, 640:700].astype("<u2").tobytes()
    assert found.hashes[-32:] == hashlib.sha256(last).digest()


def test_equal_pixels_have_equal_hashes_however_they_are_stored(tmp_path: Path) -> None:
    found = set()
    for name in ("strips", "tiles", "deflate in strips", "zstd", "planes"):
        LAYOUTS[name](path := tmp_path / "scan.tif")
        cut = (TiledPage(0, 500, 700, 3, "|u1", (128, 256)),)
        found.add(finish(hash_tiles(path, cut)).hashes)
    assert len(found) == 1


def test_wide_pictures_are_hashed_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    LAYOUTS["deflate in strips"](path := tmp_path / "scan.tif")
    whole = finish(hash_tiles(path))
    monkeypatch.setattr(tilehashes, "_BYTES_AT_ONCE", 5000)
    assert finish(hash_tiles(path)) == whole


def test_a_scan_of_too_many_tiles_has_several_under_one_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    LAYOUTS["tiles"](path := tmp_path / "scan.tif")
    monkeypatch.setattr(tilehashes, "MOST_TILES", 7)
    [page] = finish(hash_tiles(path)).pages
    assert (page.tile, page.count) == ((256, 256), 6)


def test_the_root_is_that_of_a_merkle_tree() -> None:
    """Reckoned by hand for three leaves after RFC 6962, 2.1, with leaves as they are."""
    one, two, three = (hashlib.sha256(bytes([n])).digest() for n in range(3))
    pair = hashlib.sha256(b"\1" + one + two).digest()
    assert root_of(one + two + three) == hashlib.sha256(b"\1" + pair + three).digest()
    assert root_of(one) == one


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=40), st.data())
def test_any_changed_leaf_changes_the_root(leaves: list[bytes], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(leaves) - 1))
    other = data.draw(st.binary(min_size=32, max_size=32).filter(lambda leaf: leaf != leaves[at]))
    changed = [*leaves[:at], other, *leaves[at + 1 :]]
    assert root_of(b"".join(leaves)) != root_of(b"".join(changed))


PAGE = TiledPage(0, 500, 700, 3, "|u1", (128, 128))


@pytest.mark.parametrize(
    "change",
    [
        {"pages": "[]"}, {"pages": "["}, {"pages": 5}, {"root": "00"}, {"hashes": "!"}, {"hashes": ""},
        {"pages": json.dumps([{}])}, {"pages": "[" * 100_000}, {"stored": "tile-hashes.bin"},
        *({"pages": json.dumps([{**asdict(PAGE), **wrong}])} for wrong in (
            {"tile": [0, 128]}, {"tile": [128]}, {"height": 1 << 40}, {"height": "a"}, {"index": -1},
            {"height": (1 << 31) - 1, "width": (1 << 31) - 1, "tile": [1, 1]}, {"dtype": 3}, {"made_from": 4},
        )),
    ],
)  # fmt: skip
def test_what_is_not_well_formed_is_refused(change: dict[str, Any]) -> None:
    good, apart = tell(TileHashes((PAGE,), bytes(24 * 32)))
    assert apart is None
    assert hear(good, b"") == TileHashes((PAGE,), bytes(24 * 32))
    with pytest.raises(CredentialError, match="not well formed"):
        hear(good | change, b"")
