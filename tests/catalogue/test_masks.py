"""Masks are kept by what they mark, and nothing in their files is believed unchecked."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.catalogue.conftest import blob
from workstation.catalogue.catalogue import Catalogue
from workstation.errors import CatalogueError, MaskError, UsageError
from workstation.operations import packing as masks
from workstation.operations.mask import TILE, Mask


def packed(mask: Mask) -> bytes:
    file = io.BytesIO()
    masks.write(mask, file)
    return file.getvalue()


def test_a_mask_comes_back_as_it_was_and_is_kept_once(catalogue: Catalogue) -> None:
    mask = blob()
    sha256 = catalogue.store_mask(mask)
    written = catalogue.mask_path(sha256).stat().st_mtime_ns
    assert catalogue.store_mask(mask.copy()) == sha256
    assert catalogue.mask_path(sha256).stat().st_mtime_ns == written
    assert np.array_equal(catalogue.mask(sha256).read(0, 700, 0, 1500), mask.read(0, 700, 0, 1500))


def test_an_empty_mask_of_a_huge_picture_takes_no_room(catalogue: Catalogue) -> None:
    sha256 = catalogue.store_mask(Mask(775_000, 925_000))
    assert catalogue.mask_path(sha256).stat().st_size < 64
    assert catalogue.mask(sha256).width == 925_000


def test_a_mask_that_is_not_there_is_named(catalogue: Catalogue) -> None:
    with pytest.raises(CatalogueError, match="is not in the catalogue"):
        catalogue.mask("ab" * 32)
    with pytest.raises(UsageError, match="64 hex digits"):
        catalogue.mask("../../etc/passwd")


def test_an_altered_mask_is_noticed(catalogue: Catalogue) -> None:
    sha256 = catalogue.store_mask(blob(seed=1))
    catalogue.mask_path(sha256).write_bytes(packed(blob(seed=2)))
    with pytest.raises(CatalogueError, match="altered or is damaged"):
        catalogue.mask(sha256)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 1300), st.integers(1, 1300), st.integers(0, 2**32 - 1))
def test_checking_and_reading_agree_with_the_masks_own_hash(height: int, width: int, seed: int) -> None:
    mask = blob(width, height, seed)
    data = packed(mask)
    assert masks.check(io.BytesIO(data), 100) == mask.sha256()
    found, sha256 = masks.read(io.BytesIO(data))
    assert found.sha256() == sha256 == mask.sha256()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_file_is_refused_or_says_another_mask(data: st.DataObject) -> None:
    mask = blob(700, 600)
    whole = packed(mask)
    place = data.draw(st.integers(0, len(whole) - 1))
    value = data.draw(st.integers(1, 255))
    cut = data.draw(st.booleans())
    broken = whole[:place] if cut else whole[:place] + bytes([whole[place] ^ value]) + whole[place + 1 :]
    try:
        found = masks.check(io.BytesIO(broken), 100)
    except MaskError:
        return
    read, sha256 = masks.read(io.BytesIO(broken))
    assert read.sha256() == sha256 == found
    assert found != mask.sha256() or read.area == mask.area


def tile(row: int, column: int, bits: bytes) -> bytes:
    data = zlib.compress(bits)
    return masks.TILE_HEAD.pack(row, column, len(data)) + data


FULL = b"\xff" * masks.BITS


@pytest.mark.parametrize(
    "data",
    [
        masks.HEAD.pack(TILE, TILE, 2) + tile(0, 0, FULL),
        masks.HEAD.pack(2 * TILE, TILE, 2) + tile(0, 1, FULL) + tile(0, 0, FULL),
        masks.HEAD.pack(2 * TILE, TILE, 2) + tile(0, 0, FULL) + tile(0, 0, FULL),
        masks.HEAD.pack(TILE, TILE, 1) + tile(0, 1, FULL),
        masks.HEAD.pack(TILE, TILE, 1) + tile(0, 0, FULL * 2),
        masks.HEAD.pack(TILE, TILE, 1) + tile(0, 0, FULL[:-1]),
        masks.HEAD.pack(TILE, TILE, 1) + tile(0, 0, bytes(masks.BITS)),
        masks.HEAD.pack(TILE - 1, TILE, 1) + tile(0, 0, FULL),
        masks.HEAD.pack(TILE, TILE, 0) + b"more",
        masks.HEAD.pack(0, 0, 0),
        masks.HEAD.pack(1 << 60, 1 << 60, 1 << 60),
        masks.HEAD.pack(TILE, TILE, 1) + struct.pack("<III", 0, 0, 1 << 31),
        b"",
    ],
)
def test_a_file_that_write_would_not_make_is_refused(data: bytes) -> None:
    for read in (lambda file: masks.check(file, 100), masks.read):
        with pytest.raises(MaskError):
            read(io.BytesIO(masks.MAGIC + data))


def test_a_mask_with_too_many_tiles_is_refused_before_they_are_read(tmp_path: Path) -> None:
    with pytest.raises(MaskError, match="more than 3"):
        masks.check(io.BytesIO(masks.MAGIC + masks.HEAD.pack(4 * TILE, TILE, 4)), 3)
