"""Two pictures compared sample by sample: what differs, by how much, and where, in bounded memory."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workstation.errors import ScanError
from workstation.jobs import finish
from workstation.operations import matching
from workstation.operations.mask import TILE
from workstation.operations.matching import Match, match
from workstation.operations.render import pixels_hash
from workstation.scans.source import ArraySource, Pixels


def matched(a: Pixels, b: Pixels) -> Match:
    return finish(match(ArraySource(a), ArraySource(b), lambda: None))


@settings(max_examples=25)
@given(st.data())
def test_what_is_found_is_what_numpy_finds_at_once(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["u1", "u2", "i2", "i4", "f4", "f8"]))
    height, width = data.draw(st.integers(1, 1100)), data.draw(st.integers(1, 1100))
    rng = np.random.default_rng(data.draw(st.integers(0, 9)))
    limits: Any = np.iinfo(kind) if kind[0] in "ui" else np.finfo("f2")
    a = rng.uniform(float(limits.min), float(limits.max), (height, width, 2)).astype(kind)
    b = a.copy()
    places = rng.random((height, width)) < data.draw(st.sampled_from([0, 1e-5, 1e-3, 0.5]))
    b[places] = rng.uniform(float(limits.min), float(limits.max), (int(places.sum()), 2)).astype(kind)
    found = matched(a, b)
    differs = (a != b).any(-1)
    assert found.pixels == differs.sum() == found.mask.area
    assert np.array_equal(found.mask.read(0, height, 0, width), differs)
    assert found.largest == np.abs(a.astype(float) - b.astype(float)).max(initial=0)
    assert found.hashes == tuple(finish(pixels_hash(ArraySource(part))) for part in (a, b))
    if found.box is not None:
        rows, columns = np.nonzero(differs.any(1))[0], np.nonzero(differs.any(0))[0]
        assert found.box == (rows[0], rows[-1] + 1, columns[0], columns[-1] + 1)
    assert sum(tile.pixels for tile in found.tiles) == found.pixels


def test_a_nan_is_itself_and_infinitely_far_from_a_number() -> None:
    a = np.array([[[np.nan], [1.0], [np.inf], [0.0]]], np.float32)
    assert matched(a, a.copy()).pixels == 0
    b = a.copy()
    b[0, 1] = np.nan
    found = matched(a, b)
    assert (found.pixels, found.largest) == (1, math.inf)
    assert matched(a, -a).largest == math.inf, "infinity against minus infinity"
    zeros = np.zeros((1, 1, 1), np.float32)
    found = matched(zeros, -zeros)
    assert (found.pixels, found.largest) == (1, 0), "other bits, but no other number"


def test_many_differing_tiles_are_counted_but_take_bounded_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "MOST_PARTIAL", 2)
    monkeypatch.setattr(matching, "MOST_TILES", 3)
    a = np.zeros((2 * TILE, 3 * TILE, 1), np.uint8)
    b = a.copy()
    b[::TILE, ::TILE] = 200
    found = matched(a, b)
    assert (found.tiles_different, len(found.tiles), found.pixels, found.largest) == (6, 3, 6, 200)
    assert found.mask.area == 2 + 4 * TILE * TILE, "from the third on a tile is marked as a whole"


def test_an_error_of_the_check_stops_the_work() -> None:
    def check() -> None:
        raise ScanError("gone")

    a = np.zeros((2000, 20, 1), np.uint8)
    with pytest.raises(ScanError, match="gone"):
        finish(match(ArraySource(a), ArraySource(a), check))
