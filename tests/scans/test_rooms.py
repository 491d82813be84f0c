"""Memory for tiles: apart from the heap, used again, and never by two at once."""

from __future__ import annotations

import gc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from workstation.scans import rooms
from workstation.scans.rooms import lies_apart, room_apart, zeros_apart
from workstation.scans.source import Pixels

TILE, BYTE = (512, 512, 3), np.dtype("u1")


@pytest.fixture(autouse=True)
def none_idle() -> None:
    gc.collect()
    rooms._idle.clear()


def place(array: Pixels) -> int:
    return int(array.__array_interface__["data"][0])


@pytest.mark.parametrize("make", [zeros_apart, room_apart])
@pytest.mark.parametrize("shape", [(3, 5, 3), (700, 900, 3), (1, 1, 1)])
@pytest.mark.parametrize("dtype", ["u1", "u2", "f4", "?"])
def test_an_array_that_lies_apart_is_like_any_other(
    shape: tuple[int, ...], dtype: str, make: Callable[..., Pixels]
) -> None:
    array = make(shape, np.dtype(dtype))
    assert array.shape == shape
    assert array.dtype == dtype
    assert array.flags.c_contiguous
    if make is room_apart:
        array[:] = 0
    assert not array.any()
    array[-1] = 1
    assert array.sum() == array[-1].size


def test_zeros_are_zeros_wherever_they_lie() -> None:
    for _ in range(3):
        first = room_apart(TILE, BYTE)
        first[:] = 9
        del first
        assert not zeros_apart(TILE, BYTE).any()


def test_the_pages_of_an_array_that_is_gone_serve_the_next_of_its_size_and_no_other() -> None:
    array = room_apart(TILE, BYTE)
    before = place(array)
    del array
    other = room_apart((512, 512, 4), BYTE)
    assert place(other) != before
    again = room_apart((256, 1024, 3), BYTE)
    assert place(again) == before
    assert lies_apart(again)
    assert not lies_apart(again[:100])


def test_pages_wait_until_nothing_looks_into_them() -> None:
    array = room_apart(TILE, BYTE)
    before, part = place(array), array[100:200, :50][5:]
    part[:] = 7
    del array
    other = room_apart(TILE, BYTE)
    other[:] = 1
    assert place(other) != before
    assert (part == 7).all()
    del part
    assert place(room_apart(TILE, BYTE)) == before


def test_few_pages_wait_and_no_large_ones() -> None:
    many = [room_apart(TILE, BYTE) for _ in range(3 * rooms._IDLE)]
    many.append(room_apart((2048, 2048, 3), BYTE))
    many.clear()
    assert len(rooms._idle) == rooms._IDLE
    assert {len(pages) for pages in rooms._idle} == {512 * 512 * 3}


def test_many_threads_that_make_and_drop_arrays_never_share_one() -> None:
    def work(number: int) -> int:
        wrong = 0
        for turn in range(300):
            held = [room_apart(TILE, BYTE) for _ in range(1 + turn % 3)]
            for at, array in enumerate(held):
                array.reshape(-1)[:: 4096 * 3] = number * 3 + at
            for at, array in enumerate(held):
                wrong += int((array.reshape(-1)[:: 4096 * 3] != number * 3 + at).any())
        return wrong

    with ThreadPoolExecutor(8) as crew:
        assert sum(crew.map(work, range(8))) == 0
