from __future__ import annotations

import threading

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from workstation.scans.prefetch import Prefetch, Sight, ring
from workstation.scans.source import Box, Level, Metadata, Pixels


class Noting:
    """A pyramid that notes what is read of it, and can be made to wait."""

    def __init__(self) -> None:
        sizes = [(4000 >> k, 3000 >> k) for k in range(4)]
        self.levels = tuple(Level(h, w, 3, np.dtype(np.uint8), (256, 256)) for h, w in sizes)
        self.metadata, self.damaged = Metadata(), ()
        self.read_so_far: list[tuple[int, Box]] = []
        self.begun, self.go = threading.Event(), threading.Event()
        self.go.set()

    def read(self, level: int, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        self.begun.set()
        assert self.go.wait(20)
        self.read_so_far.append((level, (y0, y1, x0, x1)))
        return np.zeros((y1 - y0, x1 - x0, 3), np.uint8)

    def close(self) -> None:
        """Nothing to give back."""


def test_the_ring_around_a_view_and_the_next_level_are_fetched_nearest_first() -> None:
    source, prefetch = Noting(), Prefetch(1 << 30)
    prefetch.around([Sight(source, 0, (1024, 2048, 1024, 2048))])
    prefetch.finish()
    own = [box for level, box in source.read_so_far if level == 0]
    assert len(own) == 6 * 6 - 4 * 4
    assert {(box[0] // 256, box[2] // 256) for box in own} == {
        (row, column)
        for row in range(3, 9)
        for column in range(3, 9)
        if not (4 <= row < 8 and 4 <= column < 8)
    }
    assert [level for level, _ in source.read_so_far] == sorted(level for level, _ in source.read_so_far)
    assert {level for level, _ in source.read_so_far} == {0, 1}
    prefetch.close()


@given(st.integers(0, 3), st.tuples(*[st.floats(0, 1)] * 4))
def test_every_tile_of_a_ring_lies_inside_its_level_and_comes_once(
    level: int, place: tuple[float, float, float, float]
) -> None:
    source = Noting()
    here = source.levels[level]
    y0, y1 = sorted(round(side * here.height) for side in place[:2])
    x0, x1 = sorted(round(side * here.width) for side in place[2:])
    tiles = list(ring(Sight(source, level, (y0, y1 + 1, x0, x1 + 1))))
    assert len(tiles) == len(set(tiles))
    for at, (top, bottom, left, right) in tiles:
        assert 0 <= top < bottom <= source.levels[at].height
        assert 0 <= left < right <= source.levels[at].width


def test_no_more_is_fetched_than_there_is_room_for() -> None:
    source, prefetch = Noting(), Prefetch(5 * 256 * 256 * 3)
    prefetch.around([Sight(source, 0, (1024, 2048, 1024, 2048))])
    prefetch.finish()
    assert len(source.read_so_far) == 5
    prefetch.close()


def test_a_move_drops_what_was_not_begun() -> None:
    source, prefetch = Noting(), Prefetch(1 << 30)
    source.go.clear()
    prefetch.around([Sight(source, 0, (1024, 2048, 1024, 2048))])
    assert source.begun.wait(20)
    prefetch.stop()
    source.go.set()
    prefetch.finish()
    assert len(source.read_so_far) == 1
    prefetch.close()


def test_after_closing_nothing_is_read() -> None:
    source, prefetch = Noting(), Prefetch(1 << 30)
    prefetch.close()
    prefetch.around([Sight(source, 0, (1024, 2048, 1024, 2048))])
    assert source.read_so_far == []


def test_an_error_ends_the_fetching_but_not_the_thread() -> None:
    class Failing(Noting):
        def read(self, level: int, y0: int, y1: int, x0: int, x1: int) -> Pixels:
            raise MemoryError

    source, prefetch = Noting(), Prefetch(1 << 30)
    prefetch.around([Sight(Failing(), 0, (1024, 2048, 1024, 2048))])
    prefetch.finish()
    prefetch.around([Sight(source, 0, (1024, 2048, 1024, 2048))])
    prefetch.finish()
    assert source.read_so_far
    prefetch.close()


def test_nobody_waits_longer_than_asked_for_a_tile_that_comes_slowly() -> None:
    source, prefetch = Noting(), Prefetch(1 << 30)
    source.go.clear()
    prefetch.around([Sight(source, 0, (1024, 2048, 1024, 2048))])
    assert source.begun.wait(20)
    prefetch.stop()
    prefetch.finish(0.01)
    assert source.read_so_far == []
    source.go.set()
    prefetch.close()


def test_a_coarser_level_that_must_be_computed_is_left_alone() -> None:
    source = Noting()
    assert {level for level, _ in ring(Sight(source, 0, (0, 300, 0, 300), coarser=False))} == {0}
