"""The damaged tiles of a scan: each named once, in order, and found again by where it is seen."""

from __future__ import annotations

import threading
from bisect import bisect_left
from dataclasses import replace

from workstation.errors import ScanError
from workstation.scans.boxes import Boxes
from workstation.scans.hatch import seen_at
from workstation.scans.orientation import turned_box
from workstation.scans.source import NOWHERE, Box, Damage, TileSource

_COARSEST = 63
"""No pyramid has as many levels."""
MOST_DAMAGE = 100_000
"""So many damaged tiles are named; what is more is one heap of ruins, and its names would fill the memory."""


def refuse_unnamed(damaged: tuple[Damage, ...], scan: object = "The scan") -> None:
    """Raise ScanError where there may be more damage than was named: it would be written as picture."""
    if len(damaged) >= MOST_DAMAGE:
        raise ScanError(f"{scan} is damaged in {MOST_DAMAGE:,} places or more. Get a good copy.")


class DamageLog:
    """The damaged tiles found so far, each named once, from whatever thread."""

    def __init__(self, page: int, orientation: int = 1) -> None:
        self.page = page
        self._stored: tuple[int, ...] = ()
        self._orientation = orientation
        self._keys: list[tuple[int, int, int]] = []
        self._found: list[Damage] = []
        """In the order of the keys: whoever asks after every block must not wait for all to be sorted."""
        self._all: tuple[Damage, ...] | None = ()
        self._boxes: dict[tuple[int, int | None], Boxes] = {}
        """The places by their level and by how far up they were said to be seen."""
        self._placeless: list[Damage] = []
        self._lock = threading.Lock()

    def add(
        self,
        level: int,
        row: int,
        column: int,
        reason: str,
        box: Box | None = None,
        size: tuple[int, int] = (0, 0),
        *,
        passing: bool = False,
    ) -> None:
        """Name a tile that could not be decoded; its place is that in the level as the file has it."""
        box = turned_box(box, size, self._orientation) if box is not None else None
        self.note(Damage(self.page, level, row, column, reason, box, passing=passing))

    def note(self, damage: Damage) -> None:
        """Take over a tile; one that is named already is where either says it is."""
        with self._lock:
            key = (damage.level, damage.row, damage.column)
            at = bisect_left(self._keys, key)
            known = self._keys[at : at + 1] == [key]
            if known:
                damage = _joined(self._found[at], damage)
                if damage is self._found[at]:
                    return
            elif len(self._keys) >= MOST_DAMAGE + damage.passing:  # one that passes is named
                return
            self._keys[at : at + known], self._found[at : at + known] = [key], [self._reaching(damage)]
            self._all = None
            self._place(damage)

    def lie_in_file(self, stored: tuple[int, ...]) -> None:
        """Say which levels lie in the file: damage shows up to the next of them."""
        with self._lock:
            self._stored, self._all = stored, None
            self._found = [self._reaching(damage) for damage in self._found]

    @property
    def count(self) -> int:
        """How many were found."""
        return len(self._found)

    def first(self, most: int) -> tuple[Damage, ...]:
        """Return the first of them by level, row and column."""
        with self._lock:
            return tuple(self._found[:most])

    def names(self, level: int, row: int, column: int) -> bool:
        """Tell whether a tile was found damaged."""
        with self._lock:
            at = bisect_left(self._keys, (level, row, column))
            return self._keys[at : at + 1] == [(level, row, column)]

    def seen(self, source: TileSource, level: int, block: Box) -> set[Box]:
        """Return where a block of a level shows damage, in that level's pixels."""
        found: set[Box] = set()
        with self._lock:
            for (own, said), boxes in self._boxes.items():
                last = self._last(own, said)
                if own <= level <= (own if last is None else last):
                    found |= boxes.meeting(block, level - own)
            cells = (seen_at(self._reaching(damage), source, level) for damage in self._placeless)
            return found.union(cell for cell in cells if cell is not None)

    def _place(self, damage: Damage) -> None:
        if damage.box is None:  # only its cell is known, and that only whoever knows the levels
            self._placeless.append(damage)
        else:
            self._boxes.setdefault((damage.level, damage.last_level), Boxes()).add(damage.box)

    def all(self) -> tuple[Damage, ...]:
        """Return all that was found, by level, row and column."""
        with self._lock:
            if self._all is None:
                self._all = tuple(self._found)
            return self._all

    def _reaching(self, damage: Damage) -> Damage:
        """Say up to which level it is seen; above the last stored one that is every level there is."""
        last = self._last(damage.level, damage.last_level)
        return damage if last == damage.last_level else replace(damage, last_level=last)

    def _last(self, own: int, said: int | None) -> int | None:
        if own not in self._stored:
            return said
        above = [level for level in self._stored if level > own]
        return above[0] - 1 if above else _COARSEST


def _joined(known: Damage, new: Damage) -> Damage:
    """Return damage to a tile that was named before; that it may pass is more important than any reason."""
    told = new if new.passing and not known.passing else known
    box = _around(known.box, new.box)
    return told if told.box == box else replace(told, box=box)


def _around(one: Box | None, other: Box | None) -> Box | None:
    """Return the box around two, None where either is a whole cell."""
    if one is None or other is None:
        return None
    if NOWHERE in (one, other):
        return other if one == NOWHERE else one
    return min(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), max(one[3], other[3])
