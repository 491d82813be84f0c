"""A scan that is open: its levels, what is known of its page, and which of its tiles are damaged."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Protocol, TypeAlias, runtime_checkable

from workstation.scans.cache import Share
from workstation.scans.damaged import DamageLog
from workstation.scans.source import Box, Damage, Level, Metadata, Pixels, check_block


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
        self._damage.lie_in_file(parts.stored)
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
