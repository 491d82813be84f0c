"""A pyramid that writes down what is done while it grows, so that another run can go on from there."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from workstation.scans.building import Building
from workstation.scans.growing import GrowingFile
from workstation.scans.identity import Witness
from workstation.scans.journal import NO_SLOT, TILE, Done, Journal, begin_journal, check_of
from workstation.scans.places import Place, Places, children_of
from workstation.scans.quarters import Quarters
from workstation.scans.recalling import Files, Recalled
from workstation.scans.source import Damage, Pixels, TileSource
from workstation.scans.tables import Layout

SECONDS = 5.0
"""How much work a killed process or a power cut may cost, beside the blocks under way."""


class CheckedFile(GrowingFile):
    """A growing file that remembers the checksum of what was appended until it is written down."""

    def __init__(self, path: Path, keep: int) -> None:
        super().__init__(path, keep)
        self._checks: dict[int, int] = {}

    def append(self, data: bytes) -> int:
        """Write `data` at an even place at the end and return that place."""
        offset = super().append(data)
        self._checks[offset] = check_of(data)
        return offset

    def check(self, offset: int, *, forget: bool) -> int:
        """Return the checksum of what was appended there."""
        return self._checks.pop(offset) if forget else self._checks[offset]


class KeptBuilding(Building):
    """One pyramid being built, after what was recalled of it."""

    def __init__(
        self,
        source: TileSource,
        layout: Layout,
        file: CheckedFile,
        files: Files,
        key: bytes,
        before: Recalled,
        witness: Witness,
    ) -> None:
        super().__init__(source, layout, file, before.depth)
        self._draft = file
        self._places = Places(self._levels, layout.tile, self._depth)
        self._before, self._witness = before, witness
        self._recalled = frozenset(before.done)
        self._damage = set(before.damage)
        self._noting = threading.Lock()
        self._noted: list[Place] = []
        self._waiting: dict[Place, Pixels] = {}
        self._freed: list[int] = []
        begin_journal(files.journal, key, self._depth, before.done.values(), before.damage)
        self._slots = {
            last: block.slot
            for block in before.done.values()
            if (last := self._places.last(block.place)) in before.quarters
        }
        self._journal = Journal(files.journal)
        self._quarters = Quarters(files.quarters, layout, self._slots.values())
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._writing: Future[None] | None = None
        self._last_write = time.monotonic()

    @property
    def done(self) -> frozenset[tuple[int, int]]:
        """The superblocks that an earlier run has written."""
        up = self._depth
        return frozenset((row >> up, column >> up) for level, row, column in self._recalled if not level)

    @property
    def damaged(self) -> tuple[Damage, ...]:
        """The damaged tiles of the source found in this run and in earlier ones."""
        found = self._damage | set(self._source.damaged)
        return tuple(sorted(found, key=lambda tile: (tile.page, tile.level, tile.row, tile.column)))

    def go_on(self) -> None:
        """Put in place what is recalled; parents that have all they need by it are written."""
        for block in self._before.done.values():
            at = 0
            for level, rows, columns in self._places.tiles(block.place):
                shape = rows.stop - rows.start, columns.stop - columns.start
                tiles = block.tiles[at : at + shape[0] * shape[1]].reshape(shape)
                self._table(level, "offsets")[rows, columns] = tiles["offset"]
                self._table(level, "counts")[rows, columns] = tiles["count"]
                at += tiles.size
        while self._before.quarters:
            (level, row, column), quarter = self._before.quarters.popitem()
            self._hand_up(level + 1, row, column, quarter)
        self._before.done.clear()  # of a giant these are many; where the tiles lie stands in the tables now

    def note(self, place: Place, quarter: Pixels | None) -> None:
        """Remember for the journal a block whose tiles are all in the file."""
        with self._noting:
            self._noted.append(place)
            if quarter is not None:
                last = self._places.last(place)
                self._slots[last] = NO_SLOT
                self._waiting[last] = quarter
            for child in children_of(place) if place[0] else ():
                self._waiting.pop(child, None)
                self._freed.append(self._slots.pop(child, NO_SLOT))

    def settle(self) -> None:
        """Write the journal every few seconds, beside the work."""
        if self._writing is not None and self._writing.done():
            self._writing.result()
            self._writing = None
        if self._writing is None and time.monotonic() - self._last_write >= SECONDS:
            self._last_write = time.monotonic()
            self._writing = self._writer.submit(self._write, durable=True)

    def close(self) -> None:
        """Write down the rest, and give journal and quarters back to the system."""
        try:
            self._writer.shutdown(wait=True)
            self._write(durable=False)
        finally:
            self._journal.close()
            self._quarters.close()

    def _hand_up(self, level: int, row: int, column: int, quarter: Pixels) -> None:
        if (level, row >> 1, column >> 1) not in self._recalled:  # a child done again, of a parent that is
            super()._hand_up(level, row, column, quarter)

    def _write(self, *, durable: bool) -> None:
        """Bring tiles and quarters to the disk, then the records that name them, if the source is untouched.

        Only when those are there may quarters be overwritten that nobody waits for any more.
        """
        with self._noting:
            noted, self._noted = self._noted, []
            waiting, self._waiting = self._waiting, {}
            freed, self._freed = self._freed, []
        self._witness()  # after the last of these blocks was read
        kept = {last: self._quarters.put(quarter) for last, quarter in waiting.items()}
        if durable:
            self._draft.sync()
            self._quarters.sync()
        self._tell_damage()
        slots = ((place, kept.get(self._places.last(place), (NO_SLOT, 0))) for place in noted)
        self._journal.add(self._record(place, *slot) for place, slot in slots)
        if durable:
            self._journal.sync()
            self._quarters.reuse(freed)
        with self._noting:
            for last, (slot, _) in kept.items():
                if last in self._slots:
                    self._slots[last] = slot
                else:  # its parent was written meanwhile
                    self._freed.append(slot)

    def _record(self, place: Place, slot: int, check: int) -> Done:
        """Return where the tiles of a block lie, with their checksums."""
        parts = []
        for level, rows, columns in self._places.tiles(place):
            offsets = self._table(level, "offsets")[rows, columns].ravel()
            tiles = np.empty(offsets.size, TILE)
            tiles["offset"] = offsets
            tiles["count"] = self._table(level, "counts")[rows, columns].ravel()
            blank = self._blank[0] if self._blank else -1  # shared, so it is asked for again
            tiles["check"] = [self._draft.check(at, forget=at != blank) for at in offsets.tolist()]
            parts.append(tiles)
        return Done(place, slot, check, np.concatenate(parts))

    def _table(self, level: int, what: str) -> np.ndarray[Any, Any]:
        return self._places.table(level, getattr(self._levels[level], what))

    def _tell_damage(self) -> None:
        new = [tile for tile in self._source.damaged if tile not in self._damage and not tile.passing]
        self._damage.update(new)
        self._journal.add_damage(new)
