"""A chain of five ancestors: whichever of them is tampered with, its picture or its record, is named."""

from __future__ import annotations

import random
import shutil
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.credentials.conftest import INSIDE, change_a_pixel, opened, signed
from workstation.credentials.certificates import Studio
from workstation.credentials.formats import tiff_layout
from workstation.credentials.lineage import _manifests, torn
from workstation.credentials.verifying import verify

DEPTH, FLIPS = 5, 60


def name(generation: int, kind: str = "x.tif") -> str:
    return f"generation-{generation}{kind[-4:]}"


def chain(folder: Path, studio: Studio, kind: str = "tiled.tif", tampered: int | None = None) -> Path:
    """Sign a file, and open and sign it five times; one of them is changed before the next is made of it."""
    INSIDE[kind](folder / "raw.tif")
    path = signed(folder / "raw.tif", folder / name(0, kind), studio)
    for generation in range(1, DEPTH + 1):
        if tampered == generation - 1:
            change_a_pixel(path)
        path = opened(path, folder / name(generation, kind), studio)
    return path


@pytest.mark.parametrize("kind", ["striped.tif", "flat-big.tif"])
@pytest.mark.parametrize("tampered", range(DEPTH))
def test_an_ancestor_whose_picture_was_changed_is_named(
    tampered: int, kind: str, tmp_path: Path, studio: Studio
) -> None:
    verdict = verify(chain(tmp_path, studio, kind, tampered), studio.anchor)
    assert (verdict.state, verdict.own) == ("altered-ancestor", "trusted")
    assert [part.title for part in verdict.ancestors if part.state != "trusted"] == [name(tampered)]
    assert f"the earlier file “{name(tampered)}” had been changed after it was signed" in verdict.sentence


@pytest.mark.parametrize("kind", ["tiled.tif", "picture.jpg"])
def test_an_ancestor_whose_record_was_changed_is_named(kind: str, tmp_path: Path, studio: Studio) -> None:
    path = chain(tmp_path, studio, kind)
    assert verify(path, studio.anchor).state == "trusted"
    whole = path.read_bytes()
    start = whole.index(b"jumb") - 4
    records = list(_manifests(whole[start:]).values())
    assert len(records) == DEPTH + 1
    chance = random.Random(1905)
    for generation, (first, end) in enumerate(records[:-1]):
        for _ in range(FLIPS):
            data = bytearray(whole)
            data[start + chance.randrange(first, end)] ^= 1 << chance.randrange(8)
            path.write_bytes(data)
            verdict = verify(path, studio.anchor)
            assert verdict.state in ("altered-ancestor", "altered", "damaged")
            bad = [part.title for part in verdict.ancestors if part.state not in ("trusted", "none")]
            assert name(generation, kind) in bad
            assert len(bad) <= 2  # where a reference was changed, what it refers to no longer fits either
            assert f"“{bad[0]}”" in verdict.sentence or verdict.state == "altered"


def test_a_record_that_is_gone_is_named(tmp_path: Path, studio: Studio) -> None:
    path = chain(tmp_path, studio)
    layout = tiff_layout(path)
    assert layout is not None
    whole = path.read_bytes()[layout.places[-1].start :]
    records = list(_manifests(whole).values())
    for generation, (first, end) in enumerate(records[:-1]):
        assert [part.title for part in torn(whole[:first] + whole[end:])] == [name(generation)]


def test_a_whole_chain_has_nothing_torn(tmp_path: Path, studio: Studio) -> None:
    path = chain(tmp_path, studio)
    shutil.copy(path, tmp_path / "copy.tif")
    layout = tiff_layout(path)
    assert layout is not None
    assert torn(path.read_bytes()[layout.places[-1].start :]) == ()


PARTS = [
    b"\0\0\0\x40jumb\0\0\0\x20jumd" + bytes(16) + b"\x03urn:c2pa:a\0",
    b"c2pa.ingredient.v3\0",
    b"\0\0\0\x10cbor\xa1",
    b"\xff\xff\xff\xffcbor",
    b"\x81" * 50,
    b"\x5b\x0f" + b"\xff" * 7,
]


@given(st.binary(max_size=300) | st.lists(st.sampled_from(PARTS), max_size=12).map(b"".join))
def test_any_bytes_are_taken(data: bytes) -> None:
    assert isinstance(torn(data), tuple)


@pytest.mark.parametrize(
    "unit",
    [b"aaaajumbaaaajumd", b"c2pa.ingredient\0", b"c2pa.ingredient\0\0\0\0\x20cbor" + b"\xa0" * 24, b"jumb"],
)
def test_bytes_that_look_like_records_again_and_again_keep_nobody_waiting(unit: bytes) -> None:
    head = b"\0\0\0\1jumb\0\0\0\1jumd" + bytes(16) + b"\3urn:c2pa:abc\0"
    started = time.monotonic()
    assert torn(head + unit * (4_000_000 // len(unit))) == ()
    assert time.monotonic() - started < 5
