"""The tiles kept for the next look."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.benchmarks.giants import make_giant
from workstation.scans.cache import TILES, TileCache
from workstation.scans.opening import open_scan
from workstation.scans.rooms import zeros_apart
from workstation.scans.source import Pixels


def _tile(value: int, size: int = 1 << 20) -> Pixels:
    return np.full((size, 1, 1), value, np.uint8)


def test_the_cache_keeps_the_tiles_used_last_within_its_limit() -> None:
    cache = TileCache(limit=3 << 20)
    for value in (1, 2, 3):
        cache.get(value, lambda value=value: _tile(value))
    cache.get(1, lambda: _tile(9))
    cache.get(4, lambda: _tile(4))
    assert cache.bytes == 3 << 20
    assert [cache.look(value) is not None for value in (1, 2, 3, 4)] == [True, False, True, True]


def test_nobody_can_write_into_a_kept_tile_nor_into_it_through_the_one_that_was_given() -> None:
    cache, given = TileCache(), _tile(7)
    kept = cache.get("tile", lambda: given)
    given[:] = 1
    assert kept.min() == kept.max() == 7
    with pytest.raises(ValueError, match="read-only"):
        kept[0] = 1


def test_a_view_of_a_giant_takes_no_more_memory_than_the_cache_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TILES, "limit", 8 << 20)
    make_giant(tmp_path / "giant.tif", 925_000, 775_000)
    with open_scan(tmp_path / "giant.tif") as scan:
        assert len(scan.levels) == len(scan.stored) == 12
        first = scan.read(0, 700_000, 701_000, 800_000, 801_000)
        for y in range(0, 700_000, 50_000):
            scan.read(0, y, y + 1000, y, y + 1000)
            assert TILES.bytes <= 8 << 20
        assert np.array_equal(scan.read(0, 700_000, 701_000, 800_000, 801_000), first)
        assert not scan.damaged


def test_a_tile_that_lies_apart_already_is_kept_as_it_is_and_a_part_of_one_as_a_copy() -> None:
    cache, given = TileCache(), zeros_apart((700, 900, 3), np.dtype("u2"))
    assert np.shares_memory(cache.get("whole", lambda: given), given)
    assert not given.flags.writeable
    assert not np.shares_memory(cache.get("part", lambda: given[:600]), given)
