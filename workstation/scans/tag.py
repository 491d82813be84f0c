"""One tag of a TIFF directory as bytes: what a scan says of itself, carried on as it stands."""

from __future__ import annotations

from dataclasses import dataclass

BYTE, ASCII, SHORT, LONG, RATIONAL, UNDEFINED, IFD, LONG8, IFD8 = 1, 2, 3, 4, 5, 7, 13, 16, 18
WIDTHS = {
    1: 1,
    2: 1,
    3: 2,
    4: 4,
    5: 8,
    6: 1,
    7: 1,
    8: 2,
    9: 4,
    10: 8,
    11: 4,
    12: 8,
    13: 4,
    16: 8,
    17: 8,
    18: 8,
}
"""Bytes of one value of each TIFF type."""


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag: its values of one TIFF type as little-endian bytes, or a directory of its own."""

    code: int
    kind: int
    data: bytes
    below: tuple[Tag, ...] = ()
    """The tags of the directory that it points to: EXIF, GPS; the data is then empty."""

    @property
    def count(self) -> int:
        """How many values the bytes are."""
        return len(self.data) // WIDTHS[self.kind]

    @property
    def size(self) -> int:
        """How many bytes the values take, those of a directory below included."""
        return len(self.data) + sum(tag.size for tag in self.below)


@dataclass(frozen=True, slots=True)
class Left:
    """A tag of a scan that cannot be carried, and why."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Carried:
    """What travels with a picture beyond its pixels, and what should but cannot."""

    tags: tuple[Tag, ...] = ()
    left: tuple[Left, ...] = ()


def nothing_carried() -> Carried:
    """Return what travels with a picture that comes from no file."""
    return Carried()
