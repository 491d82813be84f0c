"""Levels that lie in a file: which pieces are one and the same, and where those that are damaged lie."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from tests.scans.test_damage import classic
from workstation.jobs import finish
from workstation.scans.checking import check_file
from workstation.scans.opening import open_scan
from workstation.scans.scan import Scan
from workstation.scans.source import Damage, Pixels

SEVENS = b"\7" * 256
ORDERS = [(0, 1), (1, 0)]


def tiled(
    path: Path, places: list[tuple[int, int]], data: bytes, width: int = 0, compression: int = 1
) -> Path:
    """Write grey tiles of 16 × 16 px side by side whose bytes lie where a test says; `data` are at 300."""
    count = len(places)
    entries = [
        (256, 4, 1, width or 16 * count), (257, 4, 1, 16), (258, 3, 1, 8), (259, 3, 1, compression),
        (262, 3, 1, 1), (277, 3, 1, 1), (322, 4, 1, 16), (323, 4, 1, 16), (324, 4, count, 200),
        (325, 4, count, 200 + 4 * count),
    ]  # fmt: skip
    tables = struct.pack(f"<{2 * count}I", *(at for at, _ in places), *(size for _, size in places))
    path.write_bytes((classic(entries).ljust(200, b"\0") + tables).ljust(300, b"\0") + data)
    return path


def tile(scan: Scan, column: int) -> Pixels:
    width = scan.levels[0].width
    return scan.read(0, 0, 16, 16 * column, min(16 * column + 16, width))


def named(damaged: tuple[Damage, ...]) -> list[tuple[int, int, int]]:
    return [(damage.level, damage.row, damage.column) for damage in damaged]


@pytest.mark.parametrize("order", ORDERS)
def test_a_tile_of_no_bytes_at_the_place_of_another_is_absent_and_the_other_is_there(
    tmp_path: Path, order: tuple[int, int]
) -> None:
    path = tiled(tmp_path / "s.tif", [(300, 0), (300, 256)], SEVENS)
    with open_scan(path) as scan:
        found = {column: tile(scan, column) for column in order}
        assert scan.damaged == ()
    assert (found[0] == 0).all()
    assert (found[1] == 7).all()
    assert finish(check_file(path)) == ()


@pytest.mark.parametrize("order", ORDERS)
def test_a_tile_of_too_few_bytes_at_the_place_of_another_is_damage_and_the_other_is_there(
    tmp_path: Path, order: tuple[int, int]
) -> None:
    places = [(300, 256), (300, 100)]
    path = tiled(tmp_path / "s.tif", [places[at] for at in order], SEVENS)
    short = order.index(1)
    with open_scan(path) as scan:
        for column in (0, 1):
            assert (tile(scan, column) == (0 if column == short else 7)).all()
        assert named(scan.damaged) == [(0, 0, short)]
    assert named(finish(check_file(path))) == [(0, 0, short)]


@pytest.mark.parametrize("order", ORDERS)
def test_bytes_that_are_enough_at_the_edge_alone_are_damage_elsewhere(
    tmp_path: Path, order: tuple[int, int]
) -> None:
    """Of a tile that hangs over the edge a file may hold only the part inside."""
    path = tiled(tmp_path / "s.tif", [(300, 128)] * 2, SEVENS, width=24)
    with open_scan(path) as scan:
        found = {column: tile(scan, column) for column in order}
        assert named(scan.damaged) == [(0, 0, 0)]
    assert (found[0] == 0).all()
    assert (found[1] == 7).all()
    assert named(finish(check_file(path))) == [(0, 0, 0)]


def test_every_tile_that_uses_damaged_bytes_is_named_and_they_are_decoded_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workstation.scans.pieces import Pieces

    decode, decoded = Pieces.decode, list[int]()

    def counted(pieces: Pieces, index: int, *room: object) -> Pixels:
        decoded.append(index)
        return decode(pieces, index, *room)  # type: ignore[arg-type]

    monkeypatch.setattr(Pieces, "decode", counted)
    path = tiled(tmp_path / "s.tif", [(300, 40)] * 4, SEVENS, compression=8)
    with open_scan(path) as scan:
        for column in range(4):
            assert not tile(scan, column).any()
            assert named(scan.damaged) == [(0, 0, other) for other in range(column + 1)]
            assert scan.damage_seen(0, (0, 16, 16 * column, 16 * column + 16))
        assert len({damage.reason for damage in scan.damaged}) == 1
    assert decoded == [0]
    with open_scan(path) as scan:
        scan.read(0, 0, 16, 0, 64)
        assert len(scan.damaged) == 4


@pytest.mark.parametrize("counts", [(100, 70, 40), (100, 40, 70), (40, 100, 70)])
def test_rows_that_any_channel_lacks_are_zeros_and_lie_in_the_damage(
    tmp_path: Path, counts: tuple[int, int, int]
) -> None:
    """Each channel is a strip of its own of 10 × 10 px, two of them cut off."""
    entries = [
        (256, 4, 1, 10), (257, 4, 1, 10), (258, 3, 3, 224), (259, 3, 1, 1), (262, 3, 1, 2), (273, 4, 3, 200),
        (277, 3, 1, 3), (278, 4, 1, 10), (279, 4, 3, 212), (284, 3, 1, 2),
    ]  # fmt: skip
    tables = struct.pack("<6I3H", 300, 400, 500, *counts, 8, 8, 8)
    path = tmp_path / "s.tif"
    path.write_bytes((classic(entries).ljust(200, b"\0") + tables).ljust(300, b"\0") + b"\7" * 300)
    with open_scan(path) as scan:
        found = scan.read(0, 0, 10, 0, 10)
        seen = scan.damage_seen(0, (0, 10, 0, 10))
        (damage,) = scan.damaged
    assert (found[:4] == 7).all()
    assert not found[4:].any()
    assert damage.box == (4, 10, 0, 10)
    assert (4, 10, 0, 10) in seen
    marked = np.zeros(10, bool)
    for y0, y1, _, _ in seen:
        marked[y0:y1] = True
    assert marked.tolist() == [False] * 4 + [True] * 6
