"""The tile source: what every consumer reads pixels from, be it a small JPEG or a gigapixel TIFF."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from workstation.errors import ScanError, UsageError
from workstation.scans.tag import Carried, nothing_carried

Pixels: TypeAlias = npt.NDArray[Any]
"""Samples of a block: (height, width, channels), C order, native byte order, the scan's own dtype."""
Box: TypeAlias = tuple[int, int, int, int]
"""First and end row, first and end column."""
NOWHERE: Box = (0, 0, 0, 0)
"""The place of damage that no pixels can be told to come from."""


@dataclass(frozen=True, slots=True)
class Level:
    """One resolution of a picture: level 0 is the full one, each next about half of it."""

    height: int
    width: int
    channels: int
    dtype: np.dtype[Any]
    tile: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Damage:
    """A tile that could not be decoded; its pixels are drawn as zeros and named here."""

    page: int
    level: int
    row: int
    column: int
    reason: str
    box: Box | None = None
    """Which pixels of the level that is, upright; None where the tile has all pixels of its grid's cell."""
    last_level: int | None = None
    """The coarsest level that is computed from it; None where only its own level shows it."""
    passing: bool = False
    """Perhaps only of the moment: the disk or share did not answer, or there was too little memory."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What travels with the pixels from file to file: what this programme reads itself, and all the rest.

    Where a field says what the tag in `carried` says, the tag's own bytes are written; else the field is.
    """

    pixels_per_mm: float | None = None
    icc: bytes | None = None
    xmp: bytes | None = None
    description: str | None = None
    page_name: str | None = None
    artist: str | None = None
    copyright: str | None = None
    white: int | None = None
    """The highest sample where it is not the type's: 4095 in a scan of 12 bits. Only looking heeds it."""
    extra: tuple[int, ...] | None = None
    """What each channel beyond grey or RGB is (TIFF tag 338): 2 alpha, 0 something else, such as infrared.

    None where nobody said it: then one channel beside grey or RGB is alpha.
    """
    carried: Callable[[], Carried] = field(default=nothing_carried, compare=False, repr=False)
    """Read every tag of the scan's file that travels, byte for byte; the scan must still be open."""


def colours_of(source: TileSource) -> int:
    """Return how many of a source's channels, the first ones, are seen: 1 of grey, 3 of colour."""
    channels, extra = source.levels[0].channels, source.metadata.extra
    if extra is not None and channels - len(extra) in (1, 3):
        return channels - len(extra)
    return 3 if channels >= 3 else 1


def damage_from(told: Any) -> Damage:
    """Return damage that was kept as JSON; raise TypeError or ValueError where that is none."""
    found = Damage(**told)
    box, last = found.box, found.last_level
    numbers = [found.page, found.level, found.row, found.column, *(box or ())]
    numbers += [] if last is None else [last]
    is_whole = all(type(number) is int for number in numbers) and isinstance(found.reason, str)
    if not is_whole or type(found.passing) is not bool:
        raise TypeError("This is no damage.")
    if box is None:
        return found
    y0, y1, x0, x1 = box
    return replace(found, box=(y0, y1, x0, x1))


def refuse_passing(damaged: tuple[Damage, ...]) -> None:
    """Raise ScanError where pixels are zeros only because of the moment: they must not be written."""
    for found in damaged:
        if found.passing:
            place = f"page {found.page}, level {found.level}, row {found.row}, column {found.column}"
            raise ScanError(
                f"A part of the picture ({place}) could not be read: {found.reason}. Try it later."
            )


class TileSource(Protocol):
    """Blocks of pixels of any level; safe to read from many threads, bounded in memory."""

    @property
    def levels(self) -> tuple[Level, ...]:
        """The resolutions, level 0 first; never empty."""
        ...

    @property
    def metadata(self) -> Metadata:
        """What travels with the pixels."""
        ...

    @property
    def damaged(self) -> tuple[Damage, ...]:
        """The tiles found damaged so far."""
        ...

    def read(self, level: int, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        """Return (y1 - y0, x1 - x0, channels); the block must lie inside the level.

        The array may be shared with a cache, so nobody writes into it.
        """
        ...

    def close(self) -> None:
        """Give files and caches back; the source is not read after that."""
        ...


class ArraySource:
    """A picture that is already in memory, as a tile source of one level."""

    def __init__(self, pixels: Pixels, metadata: Metadata | None = None, tile: int = 512) -> None:
        self._pixels = pixels[..., None] if pixels.ndim == 2 else pixels
        height, width, channels = self._pixels.shape
        self.levels = (Level(height, width, channels, self._pixels.dtype, (tile, tile)),)
        self.metadata = metadata or Metadata()
        self.damaged: tuple[Damage, ...] = ()

    def read(self, level: int, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        """Return a copy of the block."""
        check_block(self.levels[level], y0, y1, x0, x1)
        return self._pixels[y0:y1, x0:x1].copy()

    def close(self) -> None:
        """Nothing to give back."""


def check_block(level: Level, y0: int, y1: int, x0: int, x1: int) -> None:
    """Raise UsageError unless the block is not empty and lies inside the level."""
    if not (0 <= y0 < y1 <= level.height and 0 <= x0 < x1 <= level.width):
        raise UsageError(
            f"Rows {y0} to {y1}, columns {x0} to {x1} do not lie inside {level.width} × {level.height} px."
        )


def coarsest_below(source: TileSource, pixels: int) -> int:
    """Return the finest level of at most `pixels` pixels, or the coarsest one there is."""
    for index, level in enumerate(source.levels):
        if level.height * level.width <= pixels:
            return index
    return len(source.levels) - 1


def blocks(level: Level, size: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield (y0, y1, x0, x1) of every square block of a level, row by row; cut off at the far borders."""
    for y0 in range(0, level.height, size):
        for x0 in range(0, level.width, size):
            yield y0, min(y0 + size, level.height), x0, min(x0 + size, level.width)
