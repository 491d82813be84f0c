"""The halved tiles that wait for their parent, bit for bit, in a file beside the pyramid that grows.

What a parent needs cannot be got back from its children's tiles where these lose (JPEG). A slot is used again
once its parent is written, so that the file stays as small as the row of unfinished parents.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from workstation.portable import PositionedWriter, ReadOnlyFile
from workstation.scans.journal import BLANK_SLOT, Done, check_of
from workstation.scans.source import Pixels
from workstation.scans.tables import Layout


class Quarters:
    """Slots of one size, numbered from 0."""

    def __init__(self, path: Path, layout: Layout, taken: Iterable[int]) -> None:
        used = {slot for slot in taken if slot >= 0}
        self._slot = slot_bytes(layout)
        self._end = max(used, default=-1) + 1
        self._free = sorted(set(range(self._end)) - used)
        self._file = PositionedWriter(path, keep=self._end * self._slot)

    def put(self, quarter: Pixels) -> tuple[int, int]:
        """Keep a quarter; return its slot and its checksum."""
        data = quarter.tobytes()
        if not np.frombuffer(data, np.uint8).any():
            return BLANK_SLOT, 0
        slot = self._free.pop() if self._free else self._end
        self._end = max(self._end, slot + 1)
        self._file.write_at(slot * self._slot, data)
        return slot, check_of(data)

    def reuse(self, slots: Iterable[int]) -> None:
        """Let slots be written again: the disk has the journal that tells of their parents."""
        self._free += [slot for slot in slots if slot >= 0]

    def sync(self) -> None:
        """Return once all quarters are on the disk."""
        self._file.sync()

    def close(self) -> None:
        """Give the file back to the system."""
        self._file.close()


class KeptQuarters:
    """The quarters that an earlier run left."""

    def __init__(self, path: Path, layout: Layout) -> None:
        self._layout = layout
        self._slot = slot_bytes(layout)
        try:
            self._file: ReadOnlyFile | None = ReadOnlyFile(path)
        except FileNotFoundError:
            self._file = None

    def get(self, done: Done, height: int, width: int) -> Pixels | None:
        """Return the quarter that a block handed up; None where it is not what was written."""
        shape = height, width, self._layout.channels
        if done.slot == BLANK_SLOT:
            return np.zeros(shape, self._layout.dtype)
        if self._file is None or not 0 <= done.slot * self._slot < self._file.size:
            return None
        count = math.prod(shape) * self._layout.dtype.itemsize
        data = self._file.read_at(done.slot * self._slot, count)
        if len(data) < count or check_of(data) != done.quarter_check:
            return None
        return np.frombuffer(data, self._layout.dtype).reshape(shape)

    def close(self) -> None:
        """Give the file back to the system."""
        if self._file is not None:
            self._file.close()


def slot_bytes(layout: Layout) -> int:
    """Return the size of the quarter of a whole tile."""
    return (layout.tile // 2) ** 2 * layout.channels * layout.dtype.itemsize
