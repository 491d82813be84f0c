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
from workstation.scans.journal import NO_SLOT, TILE, Done, Journal, begin_journal, check_of
from workstation.scans.places import Place, Places, children_of
from workstation.scans.quarters import Quarters
from workstation.scans.recalling import Files, Recalled
from workstation.scans.source import Damage, Pixels, TileSource
from workstation.scans.tables import Layout

SYNC_SECONDS = 10.0
"""How much work a power cut may cost; a killed process loses only the blocks under way."""


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
    ) -> None:
        super().__init__(source, layout, file, before.depth)
        self._draft = file
        self._places = Places(self._levels, layout.tile, self._depth)
        self._before = before
        self._damage = set(before.damage)
        self._telling = threading.Lock()
        begin_journal(files.journal, key, self._depth, before.done.values(), before.damage)
        self._slots = {
            last: block.slot
            for block in before.done.values()
            if (last := self._places.last(block.place)) in before.quarters
        }
        self._journal = Journal(files.journal)
        self._quarters = Quarters(files.quarters, layout, self._slots.values())
        self._syncing = ThreadPoolExecutor(1, thread_name_prefix="sync")
        self._synced: Future[None] | None = None
        self._last_sync = time.monotonic()

    @property
    def done(self) -> frozenset[tuple[int, int]]:
        """The superblocks that an earlier run has written."""
        up = self._depth
        return frozenset((row >> up, column >> up) for level, row, column in self._before.done if not level)

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

    def note(self, place: Place, quarter: Pixels | None) -> None:
        """Write down a block whose tiles are all in the file."""
        slot, check = (NO_SLOT, 0) if quarter is None else self._quarters.put(quarter)
        self._tell_damage()
        with self._telling:
            tiles = self._tiles(place)
            self._slots[self._places.last(place)] = slot
            freed = [self._slots.pop(child, NO_SLOT) for child in children_of(place) if place[0]]
        self._journal.add(Done(place, slot, check, tiles))
        for old in freed:
            if old >= 0:
                self._quarters.free(old)

    def settle(self) -> None:
        """Bring all to the disk every few seconds, beside the work."""
        if self._synced is not None and self._synced.done():
            self._synced.result()
            self._synced = None
        if self._synced is None and time.monotonic() - self._last_sync >= SYNC_SECONDS:
            self._last_sync = time.monotonic()
            self._synced = self._syncing.submit(self._sync)

    def close(self) -> None:
        """Give journal and quarters back to the system."""
        self._syncing.shutdown(wait=True)
        self._journal.close()
        self._quarters.close()

    def _hand_up(self, level: int, row: int, column: int, quarter: Pixels) -> None:
        if (level, row >> 1, column >> 1) not in self._before.done:  # a child done again, of a parent that is
            super()._hand_up(level, row, column, quarter)

    def _tiles(self, place: Place) -> np.ndarray[Any, Any]:
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
        return np.concatenate(parts)

    def _table(self, level: int, what: str) -> np.ndarray[Any, Any]:
        return self._places.table(level, getattr(self._levels[level], what))

    def _tell_damage(self) -> None:
        found = self._source.damaged
        with self._telling:
            new = [tile for tile in found if tile not in self._damage]
            self._damage.update(new)
            for tile in new:
                self._journal.add_damage(tile)

    def _sync(self) -> None:
        """Tiles first, then the journal that names them; only then may old quarters be overwritten."""
        freed = self._quarters.freed()
        self._draft.sync()
        self._quarters.sync()
        self._journal.sync()
        self._quarters.reuse(freed)
