"""Memory for tiles, apart from the heap: the pages that one array leaves serve the next of its size.

The system clears new pages one by one, which takes a third of the time of decoding what comes into them.
"""

from __future__ import annotations

import ctypes
import math
import mmap
import weakref
from collections import deque
from typing import Any

import numpy as np

from workstation.portable import new_pages
from workstation.scans.source import Pixels

SMALL = 128 << 10
"""Arrays below it lie in the heap."""
_LARGEST, _IDLE = 2 << 20, 16
"""So large at most are pages that wait for their next use, and so many."""

_idle: deque[mmap.mmap] = deque(maxlen=_IDLE)
"""Without a lock: whoever collects garbage brings pages back, perhaps while he takes some."""


def zeros_apart(shape: tuple[int, ...], dtype: np.dtype[Any]) -> Pixels:
    """Return an array of zeros, a large one in pages of its own; MemoryError where there is no room.

    Tiles and views of all sizes, made and dropped by many threads, tear the heap apart: after a hundred views
    the process would hold twice what is in use. Pages of their own go back when the array goes.
    """
    size = math.prod(shape) * dtype.itemsize
    return np.zeros(shape, dtype) if size < SMALL else _array(new_pages(size), shape, dtype)


def room_apart(shape: tuple[int, ...], dtype: np.dtype[Any]) -> Pixels:
    """Return an array like `zeros_apart`, but whatever lay there before lies in it."""
    size = math.prod(shape) * dtype.itemsize
    return np.empty(shape, dtype) if size < SMALL else _array(_left(size) or new_pages(size), shape, dtype)


def lies_apart(array: Pixels) -> bool:
    """Tell whether pages hold an array and nothing else."""
    below: Any = array
    while isinstance(below, np.ndarray | memoryview):
        below = below.base if isinstance(below, np.ndarray) else below.obj
    return isinstance(below, ctypes.Array) and len(below) == array.nbytes and array.flags.c_contiguous


def _left(size: int) -> mmap.mmap | None:
    for pages in tuple(_idle):
        if len(pages) == size:
            try:
                _idle.remove(pages)
            except ValueError:  # another thread has it
                continue
            return pages
    return None


def _array(pages: mmap.mmap, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Pixels:
    held: Any = (ctypes.c_char * len(pages)).from_buffer(pages)  # lives as long as any array that looks there
    if len(pages) <= _LARGEST:
        weakref.finalize(held, _idle.append, pages).atexit = False
    return np.frombuffer(held, dtype).reshape(shape)
