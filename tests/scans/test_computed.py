"""Levels that no file holds: what a look at them costs."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.scans.pictures import levels_of, picture
from tests.scans.test_opening import save
from workstation.scans.cache import TILES
from workstation.scans.opening import open_scan
from workstation.scans.pieces import Pieces
from workstation.scans.source import Pixels


@pytest.mark.parametrize("level", [1, 2])
def test_to_see_a_level_above_strips_hardly_a_strip_is_decoded_twice_however_little_is_cached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, level: int
) -> None:
    pixels, decoded = picture(2048, 2500), Counter[int]()
    path = save(tmp_path / "s.tif", pixels, compression="zlib", rowsperstrip=64)
    monkeypatch.setattr(TILES, "limit", 2_000_000)
    decode = Pieces.decode

    def counted(pieces: Pieces, index: int, *room: Any) -> Pixels:
        decoded[index] += 1
        return decode(pieces, index, *room)

    monkeypatch.setattr(Pieces, "decode", counted)
    with open_scan(path) as scan:
        size = scan.levels[level]
        seen = scan.read(level, 0, size.height, 0, size.width)
    assert np.array_equal(seen, levels_of(pixels, level + 1)[level])
    assert decoded.keys() == set(range(32))
    assert decoded.total() <= 32 + 4  # one more where a part of the level ends inside a strip
