from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st

from workstation.scans.damaged import DamageLog
from workstation.scans.hatch import STRIPE, damage_seen, hatched, overlap, seen_at
from workstation.scans.opening import open_scan
from workstation.scans.orientation import turned_box
from workstation.scans.scan import Strips
from workstation.scans.source import NOWHERE, Box, Damage, Level, Metadata, Pixels


class Broken:
    """Levels of 1000 × 800 px and its halves, read as sevens, with damage as a test wants it."""

    def __init__(self, *damaged: Damage) -> None:
        sizes = [(1000 >> k, 800 >> k) for k in range(4)]
        self.levels = tuple(Level(h, w, 3, np.dtype(np.uint8), (256, 256)) for h, w in sizes)
        self.metadata, self.damaged = Metadata(), damaged

    def read(self, level: int, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        return np.full((y1 - y0, x1 - x0, 3), 7, np.uint8)

    def close(self) -> None:
        """Nothing to give back."""


def drawn(source: Broken, level: int, dtype: str = "u1", colour: bool = True) -> Pixels:
    """Return a whole level with its hatch."""
    here = source.levels[level]
    block = np.full((here.height, here.width, 3) if colour else (here.height, here.width), 7, dtype)
    block = hatched(block, source, level, 0, 0)
    return block


def test_a_damaged_tile_is_striped_and_nothing_else_is_touched() -> None:
    block = drawn(Broken(Damage(0, 0, 1, 2, "short")), 0)
    inside = np.zeros(block.shape[:2], bool)
    inside[256:512, 512:768] = True
    assert (block[~inside] == 7).all()
    assert {tuple(colour) for colour in block[inside].tolist()} == {(0, 0, 0), (255, 0, 255)}


@pytest.mark.parametrize(("dtype", "light"), [("u1", 255), ("u2", 65535), ("f4", 1.0)])
def test_stripes_of_a_grey_picture_are_its_black_and_white(dtype: str, light: float) -> None:
    block = drawn(Broken(Damage(0, 0, 0, 0, "short")), 0, dtype, colour=False)
    assert set(np.unique(block[:256, :256]).tolist()) == {0, light}
    assert (block[0, :STRIPE] == 0).all()
    assert (block[0, STRIPE : 2 * STRIPE] == light).all()


def test_stripes_go_on_across_blocks_whatever_is_read_at_once() -> None:
    source = Broken(Damage(0, 0, 1, 1, "short"))
    whole = drawn(source, 0)
    part = np.full((90, 70, 3), 7, np.uint8)
    part = hatched(part, source, 0, 233, 301)
    assert np.array_equal(part, whole[233:323, 301:371])


def test_damage_shows_at_the_levels_computed_from_it_and_at_no_other() -> None:
    source = Broken(Damage(0, 1, 0, 1, "short", last_level=2))
    assert [bool((drawn(source, level) != 7).any()) for level in range(4)] == [False, True, True, False]
    assert seen_at(source.damaged[0], source, 2) == (0, 128, 128, 200)
    assert (drawn(Broken(Damage(0, 0, 0, 0, "short")), 1) == 7).all()


@given(
    orientation=st.integers(1, 8),
    size=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    place=st.tuples(st.floats(0, 0.99), st.floats(0, 0.99)),
)
def test_a_turned_scan_is_striped_where_its_damage_lies_upright(
    orientation: int, size: tuple[int, int], place: tuple[float, float]
) -> None:
    from workstation.scans.upright import upright

    y, x = int(place[0] * size[0]), int(place[1] * size[1])
    stored = np.zeros((*size, 1), np.uint8)
    stored[y, x] = 1

    class Grid:
        level = Level(*size, 1, np.dtype(np.uint8), (4, 4))
        strips: Strips = "none"

        def read(self, y0: int, y1: int, x0: int, x1: int) -> Pixels:
            return stored[y0:y1, x0:x1]

    grid = upright(Grid(), orientation)
    y0, y1, x0, x1 = turned_box((y, y + 1, x, x + 1), size, orientation)
    shown = grid.read(0, grid.level.height, 0, grid.level.width)
    assert shown.sum() == shown[y0:y1, x0:x1].sum() == 1


def flipped(path: Path, index: int, **options: object) -> Path:
    """Write 600 × 500 px in zstd tiles of 256, of which one has a flipped byte."""
    picture = np.random.default_rng(2).integers(1, 255, (600, 500, 3), np.uint8)
    tifffile.imwrite(path, picture, tile=(256, 256), compression="zstd", photometric="rgb", **options)
    with tifffile.TiffFile(path) as file:
        offset = file.pages.first.dataoffsets[index]
    data = bytearray(path.read_bytes())
    data[offset : offset + 4] = b"\0\0\0\0"
    path.write_bytes(data)
    return path


def test_a_tile_that_cannot_be_decoded_is_striped_in_the_very_read_that_finds_it(tmp_path: Path) -> None:
    with open_scan(flipped(tmp_path / "a.tif", 3)) as scan:
        assert scan.damaged == ()
        block = scan.read(0, 200, 400, 100, 400)
        block = hatched(block, scan, 0, 200, 100)
        assert scan.damaged[0].box == (256, 512, 256, 500)
        assert (block[56:, 156:, 1] == 0).all()
        assert (block[:56] > 0).all()
        assert (block[:, :156] > 0).all()


def test_the_computed_level_above_is_striped_as_well(tmp_path: Path) -> None:
    with open_scan(flipped(tmp_path / "a.tif", 0)) as scan:
        assert scan.stored == (0,)
        block = scan.read(1, 0, 300, 0, 250)
        block = hatched(block, scan, 1, 0, 0)
        assert {tuple(colour) for colour in block[:128, :128].reshape(-1, 3).tolist()} == {
            (0, 0, 0),
            (255, 0, 255),
        }
        assert (block[128:] > 0).all()


def test_only_the_rows_that_are_missing_are_striped_in_a_file_that_was_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "cut.tif"
    tifffile.imwrite(path, np.full((600, 40), 9, np.uint8), rowsperstrip=600)
    with tifffile.TiffFile(path) as file:
        start = file.pages.first.dataoffsets[0]
    data = path.read_bytes()
    directory = struct.unpack_from("<I", data, 4)[0]
    assert directory < start, "the directory comes first"
    path.write_bytes(data[: start + 100 * 40])
    with open_scan(path) as scan:
        block = scan.read(0, 0, 600, 0, 40)[..., 0]
        block = hatched(block, scan, 0, 0, 0)
        assert (block[:100] == 9).all()
        assert set(np.unique(block[100:]).tolist()) == {0, 255}


class Logged(Broken):
    """The same, its damage kept in a log; levels 0 and 2 lie in the file."""

    def __init__(self, *damaged: Damage) -> None:
        self.log = DamageLog(0)
        self.log.lie_in_file((0, 2))
        for damage in damaged:
            self.log.note(damage)
        super().__init__(*self.log.all())

    def damage_seen(self, level: int, block: Box) -> set[Box]:
        return self.log.seen(self, level, block)


spans = st.tuples(st.integers(0, 900), st.integers(0, 120))
boxes = st.tuples(spans, spans).map(lambda ab: (ab[0][0], sum(ab[0]), ab[1][0], sum(ab[1])))


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5), st.none() | st.just(3), st.none() | boxes)),
    st.integers(0, 3),
    st.tuples(st.integers(0, 99), st.integers(0, 79), st.integers(1, 80), st.integers(1, 80)),
)
def test_a_log_finds_what_going_through_all_damage_finds(
    told: list[tuple[int, int, int | None, Box | None]], level: int, place: tuple[int, int, int, int]
) -> None:
    damaged = [Damage(0, own, row, 1, "short", box, last) for own, row, last, box in told]
    source = Logged(*damaged)
    block = (place[0], place[0] + place[2], place[1], place[1] + place[3])
    every = {box for damage in source.damaged if (box := seen_at(damage, source, level)) is not None}
    common = {part for box in every if (part := overlap(box, block))}
    found = {part for box in damage_seen(source, level, block) if (part := overlap(box, block))}
    assert found >= common
    assert np.array_equal(covered(found), covered(common))


def covered(parts: set[Box]) -> npt.NDArray[np.bool_]:
    """Return which pixels lie in any of these boxes."""
    marked = np.zeros((200, 200), bool)
    for y0, y1, x0, x1 in parts:
        marked[y0:y1, x0:x1] = True
    return marked


def test_damage_to_a_tile_that_is_told_twice_is_where_either_says() -> None:
    log = DamageLog(0)
    for box in (NOWHERE, (7, 10, 2, 4), (4, 8, 0, 3), (5, 6, 1, 2)):
        log.add(0, 0, 0, "cut off", box)
    (damage,) = log.all()
    assert damage.box == (4, 10, 0, 4)
    assert (4, 10, 0, 4) in log.seen(Broken(), 0, (0, 20, 0, 20))


def test_of_much_damage_a_block_is_told_its_own_alone_and_the_first_are_named_in_their_order() -> None:
    log = DamageLog(0)
    for row in reversed(range(3000)):
        log.add(0, row, 0, "short", (row, row + 1, 0, 90_000))
    log.add(0, 5000, 0, "somewhere", NOWHERE)
    assert log.count == 3001
    assert log.seen(Broken(), 0, (700, 702, 5, 6)) == {(700, 701, 0, 90_000), (701, 702, 0, 90_000)}
    assert [damage.row for damage in log.first(3)] == [0, 1, 2]
    assert log.first(3) == log.all()[:3]


def test_a_scan_as_it_is_shown_is_asked_for_the_damage_of_a_block_alone(tmp_path: Path) -> None:
    from widgets.lighttable import Changing
    from workstation.scans.colour import SRGB
    from workstation.scans.shown import Shown

    with open_scan(flipped(tmp_path / "a.tif", 3)) as scan:
        scan.read(0, 0, 600, 0, 500)
        for source in (scan, Shown(Changing(scan), SRGB)):
            assert damage_seen(source, 0, (0, 256, 0, 256)) == set()
            assert damage_seen(source, 0, (200, 300, 200, 300)) == {(256, 512, 256, 500)}
        assert scan.damage_count == 1
        assert scan.first_damaged(5) == scan.damaged


def test_damage_is_named_in_order_whenever_it_is_found() -> None:
    log = DamageLog(0)
    log.lie_in_file((0, 3))
    places = [(level, row, column) for level in (0, 3) for row in range(9) for column in range(9)]
    for number, place in enumerate(np.random.default_rng(5).permutation(places).tolist()):
        log.add(*place, "cut off")
        log.add(*place, "another reason")
        assert len(log.all()) == log.count == number + 1
    assert [(found.level, found.row, found.column) for found in log.all()] == places
    assert {(found.level, found.last_level, found.reason) for found in log.all()} == {
        (0, 2, "cut off"),
        (3, 63, "cut off"),
    }
    assert log.first(7) == log.all()[:7]
    assert log.all() is log.all()
