"""A scan that is open: its levels, what is known of its page, and which of its tiles are damaged."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Literal, Protocol, TypeAlias, runtime_checkable

from workstation.scans.boxes import Boxes
from workstation.scans.cache import Share
from workstation.scans.hatch import seen_at
from workstation.scans.orientation import turned_box
from workstation.scans.source import Box, Damage, Level, Metadata, Pixels, TileSource, check_block

_COARSEST = 63
"""No pyramid has as many levels."""


@dataclass(frozen=True, slots=True)
class PageInfo:
    """What `info` tells of one page of a file."""

    index: int
    name: str | None
    kind: str | None
    """VIS, IRR, UVF, RAK, XR, TL …, where the page or the file is named by the AIC guide."""
    width: int
    height: int
    channels: int
    dtype: str
    compression: str
    levels: int
    """The levels that lie in the file; an open scan may compute further ones."""
    icc: str | None
    pixels_per_mm: float | None
    made_from: str | None = None
    """Which colours the file holds and how they became sRGB; None where the pixels are the file's own."""
    orientation: int = 1
    """How the file holds the picture (TIFF and EXIF tag 274); all sizes and pixels here are upright."""


@dataclass(frozen=True, slots=True)
class ScanInfo:
    """What `info` tells of a file."""

    path: Path
    pages: tuple[PageInfo, ...]


Strips: TypeAlias = Literal["none", "rows", "columns"]


class Grid(Protocol):
    """One level of a scan: where its blocks come from."""

    @property
    def level(self) -> Level:
        """Size, samples and tile."""
        ...

    @property
    def strips(self) -> Strips:
        """Which way its compressed strips lie, if it has any: a part of one costs as much as all of it."""
        ...

    def read(self, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        """Return a block that lies inside; nobody writes into it."""
        ...


@dataclass(frozen=True, slots=True)
class Look:
    """A look at one part of a stored level, whether it is whole."""

    step: int
    nbytes: int
    look: Callable[[], None]
    """Decode the part; name it in the damage log where that cannot be."""


@runtime_checkable
class StoredGrid(Grid, Protocol):
    """A level that lies in the file, and can be looked through without making pictures of it."""

    def has_checksums(self) -> bool:
        """Tell whether any changed bit of it would be found."""
        ...

    def steps(self) -> int:
        """Return how many steps its looks have."""
        ...

    def looks(self) -> Iterator[Look]:
        """Yield a look at every part of it."""
        ...


MOST_DAMAGE = 100_000
"""So many damaged tiles are named; what is more is one heap of ruins, and its names would fill the memory."""


class DamageLog:
    """The damaged tiles found so far, each named once, from whatever thread."""

    def __init__(self, page: int, orientation: int = 1) -> None:
        self.page = page
        self.stored: tuple[int, ...] = ()
        """The levels that lie in the file, once that is known: damage shows up to the next of them."""
        self._orientation = orientation
        self._found: dict[tuple[int, int, int], Damage] = {}
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
        """Take over a tile that is named already."""
        with self._lock:
            key = (damage.level, damage.row, damage.column)
            before = self._found.get(key)
            has_room = len(self._found) < MOST_DAMAGE + damage.passing  # one that passes is always named
            if (before is None and has_room) or (before and damage.passing and not before.passing):
                self._found[key], self._all = damage, None
                self._place(damage)

    @property
    def count(self) -> int:
        """How many were found."""
        return len(self._found)

    def first(self, most: int) -> tuple[Damage, ...]:
        """Return the first of them by level, row and column."""
        with self._lock:
            return tuple(self._reaching(self._found[key]) for key in heapq.nsmallest(most, self._found))

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
            if self._all is None:  # sorted once, not on every look
                self._all = tuple(self._reaching(self._found[key]) for key in sorted(self._found))
            return self._all

    def _reaching(self, damage: Damage) -> Damage:
        """Say up to which level it is seen; above the last stored one that is every level there is."""
        last = self._last(damage.level, damage.last_level)
        return damage if last == damage.last_level else replace(damage, last_level=last)

    def _last(self, own: int, said: int | None) -> int | None:
        if own not in self.stored:
            return said
        above = [level for level in self.stored if level > own]
        return above[0] - 1 if above else _COARSEST


@dataclass(frozen=True, slots=True)
class Parts:
    """What a format's reader hands over to make a scan."""

    page: PageInfo
    grids: tuple[Grid, ...]
    stored: tuple[int, ...]
    """Which of the grids lie in the file; the others are computed."""
    metadata: Metadata
    damage: DamageLog
    close: Callable[[], None]
    computed: Share
    """Where the tiles of computed levels are cached."""
    identity: Callable[[], str] | None = None
    """By what the file's content is known without reading it all; None for a picture held in memory."""


class Scan:
    """One page of one file as a tile source; closes its file when the `with` block ends."""

    def __init__(self, path: Path, parts: Parts) -> None:
        self.path = path
        self.page = parts.page
        self.metadata = parts.metadata
        self.stored = parts.stored
        self._grids = parts.grids
        self.levels = tuple(grid.level for grid in parts.grids)
        self._damage = parts.damage
        self._damage.stored = parts.stored
        self._computed = parts.computed
        self._closing: list[Callable[[], None]] = [parts.close]
        self._closed = False
        self._lock = threading.Lock()
        self.identity = parts.identity

    @property
    def damaged(self) -> tuple[Damage, ...]:
        """The tiles found damaged so far."""
        return self._damage.all()

    @property
    def damage_count(self) -> int:
        """How many tiles were found damaged so far."""
        return self._damage.count

    def first_damaged(self, most: int) -> tuple[Damage, ...]:
        """Return the first of them: not all need be sorted for that."""
        return self._damage.first(most)

    def damage_seen(self, level: int, block: Box) -> set[Box]:
        """Return where a block of a level shows damage, in that level's pixels."""
        return self._damage.seen(self, level, block)

    @property
    def in_file(self) -> tuple[StoredGrid, ...]:
        """The levels that lie in the file, to be looked through."""
        grids = (self._grids[index] for index in self.stored)
        return tuple(grid for grid in grids if isinstance(grid, StoredGrid))

    def has_checksums(self) -> bool:
        """Tell whether any changed bit would be found, not only what cannot be decoded."""
        return all(grid.has_checksums() for grid in self.in_file)

    def read(self, level: int, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        """Return the block, which cannot be written into; damaged tiles in it are zeros."""
        check_block(self.levels[level], y0, y1, x0, x1)
        block = self._grids[level].read(y0, y1, x0, x1)
        block.flags.writeable = False
        return block

    def exchange(self, grids: Mapping[int, Grid], close: Callable[[], None]) -> bool:
        """Read these levels from elsewhere from now on; False where the scan was closed meanwhile.

        Other threads may be reading: each block comes as a whole from the old grid or from the new one.
        """
        with self._lock:
            if self._closed:
                return False
            self._grids = tuple(grids.get(level, grid) for level, grid in enumerate(self._grids))
            self._closing.append(close)
        self._computed.forget()
        return True

    def grid(self, level: int) -> Grid:
        """Return where the blocks of a level come from now."""
        return self._grids[level]

    def note(self, damage: Iterable[Damage]) -> None:
        """Name tiles that somebody else found damaged."""
        for found in damage:
            self._damage.note(found)

    def close(self) -> None:
        """Give the file and its share of the cache back; closing twice is harmless."""
        with self._lock:
            closing, self._closing, self._closed = self._closing, [], True
        for close in closing:
            close()

    def __enter__(self) -> Scan:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
