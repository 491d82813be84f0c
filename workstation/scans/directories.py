"""The directories of a TIFF, walked before anything is believed: circles, cuts and bombs are found here.

This reads only where the values of tags lie, so that a table that is cut off or a chain of pages that bites
its own tail is refused in one sentence before memory is spent on it. `page.py` has tifffile parse the values.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol

from workstation.errors import ScanError
from workstation.scans.tag import WIDTHS

MAX_PAGES = 4096
MAX_ENTRIES = 4096
MOST_ENTRIES = 1 << 19
"""All directories of a file together have no more."""
SUBDIRECTORIES = 330
_SHARED = 256 << 20
_VITAL = {
    256: "width",
    257: "height",
    258: "bit depth",
    259: "kind of compression",
    262: "kind of colour",
    273: "list of where its strips are",
    277: "number of channels",
    278: "height of its strips",
    279: "list of how long its strips are",
    320: "palette",
    322: "width of its tiles",
    323: "height of its tiles",
    324: "list of where its tiles are",
    325: "list of how long its tiles are",
    SUBDIRECTORIES: "list of its reduced pictures",
    347: "JPEG table",
}
"""A picture without these is another picture."""


class Readable(Protocol):
    """Bytes that are read at positions: a file, or a directory that came inside a JPEG."""

    size: int

    def read_at(self, offset: int, count: int) -> bytes:
        """Return up to `count` bytes from `offset`; fewer at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """Where the value of one tag lies."""

    kind: int
    count: int
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class Directory:
    """One image file directory (IFD): its place, its tags, and its own subdirectories."""

    offset: int
    entries: dict[int, Entry]
    subfile: int = 0
    """Bit 0: a reduced copy of another picture; bit 2: a transparency mask of one."""
    below: tuple[Directory, ...] = ()

    @property
    def is_picture(self) -> bool:
        """Tell a picture from a directory that only carries data (such as a credential)."""
        return 256 in self.entries and 257 in self.entries


@dataclass(frozen=True, slots=True)
class Directories:
    """What a walk found: how the file writes its numbers, and its pictures."""

    order: Literal["<", ">"]
    big: bool
    pictures: tuple[Directory, ...]


def says_too_much(said: int, size: int) -> bool:
    """Tell whether the tags of all pages are more than those of a file of that size can be.

    Pages may share a profile; a file of a megabyte whose pages say forty gigabytes only wants to fill memory.
    """
    return said > _SHARED + 4 * size


class _Walk:
    """One pass over a file's directories that never visits a place twice."""

    def __init__(self, path: Path, file: Readable) -> None:
        self.path = path
        self.file = file
        self.seen: set[int] = set()
        self.entries = self.said = 0
        head = file.read_at(0, 16)
        self.order: Literal["<", ">"] = "<" if head[:2] == b"II" else ">"
        self.big = len(head) >= 8 and struct.unpack(self.order + "H", head[2:4])[0] == 43
        if len(head) < (16 if self.big else 8):
            raise self.cut("its header")
        if self.big and struct.unpack(self.order + "HH", head[4:8]) != (8, 0):
            raise self.wrong("its header is not that of a BigTIFF")
        self.first: int = struct.unpack(
            self.order + ("Q" if self.big else "I"), head[8:] if self.big else head[4:8]
        )[0]

    def chain(self) -> list[Directory]:
        found: list[Directory] = []
        offset = self.first
        while offset:
            if len(found) == MAX_PAGES:
                raise self.wrong(f"it has more than {MAX_PAGES} pages")
            directory, offset = self.directory(offset, f"the directory of page {len(found)}")
            found.append(self.with_below(directory))
        return found

    def with_below(self, directory: Directory) -> Directory:
        entry = directory.entries.get(SUBDIRECTORIES)
        if entry is None or not directory.is_picture:
            return directory
        if entry.kind not in (4, 13, 16, 18) or not 0 < entry.count <= MAX_ENTRIES:
            raise self.wrong("its table of reduced pictures makes no sense")
        raw = self.read(entry.offset, entry.size, "its table of reduced pictures")
        letter = "I" if WIDTHS[entry.kind] == 4 else "Q"
        offsets = struct.unpack(f"{self.order}{entry.count}{letter}", raw)
        below = tuple(self.directory(offset, "a reduced picture")[0] for offset in offsets if offset)
        return replace(directory, below=below)

    def directory(self, offset: int, what: str) -> tuple[Directory, int]:
        if offset in self.seen:
            raise self.wrong("its directories run in a circle")
        if len(self.seen) > 2 * MAX_PAGES:
            raise self.wrong(f"it has more than {2 * MAX_PAGES} directories")
        self.seen.add(offset)
        head, size, link = (8, 20, "Q") if self.big else (2, 12, "I")
        raw = self.read(offset, head, what)
        count: int = struct.unpack(self.order + ("Q" if self.big else "H"), raw)[0]
        if count > MAX_ENTRIES:
            raise self.wrong(f"{what} has {count} entries")
        self.entries += count
        if self.entries > MOST_ENTRIES:
            raise self.wrong(f"its directories have more than {MOST_ENTRIES:,} entries")
        table = self.read(offset + head, count * size, what)
        entries: dict[int, Entry] = {}
        for at in range(0, count * size, size):
            code, entry = self.entry(table[at : at + size], offset + head + at)
            entries.setdefault(code, entry)  # of two descriptions the first is the person's
        after = self.file.read_at(offset + head + count * size, struct.calcsize(link))
        full = len(after) == struct.calcsize(link)  # some writers end the file without the last link
        found = Directory(offset, entries, self.subfile(entries))
        return found, struct.unpack(self.order + link, after)[0] if full else 0

    def subfile(self, entries: dict[int, Entry]) -> int:
        for code, old in ((254, False), (255, True)):
            entry = entries.get(code)
            if entry is not None and entry.count == 1 and entry.kind in (3, 4):
                raw = self.file.read_at(entry.offset, entry.size)
                value = int.from_bytes(raw, "little" if self.order == "<" else "big")
                return (value == 2) if old else value
        return 0

    def entry(self, raw: bytes, at: int) -> tuple[int, Entry]:
        code, kind = struct.unpack(self.order + "HH", raw[:4])
        count = struct.unpack(self.order + ("Q" if self.big else "I"), raw[4 : 12 if self.big else 8])[0]
        room = 8 if self.big else 4
        size = count * WIDTHS.get(kind, 1)
        offset = at + len(raw) - room
        if size > room:
            offset = struct.unpack(self.order + ("Q" if self.big else "I"), raw[-room:])[0]
        if code in _VITAL and offset + size > self.file.size:
            raise self.cut(f"its {_VITAL[code]} (tag {code})")
        self.said += size if offset + size <= self.file.size else 0  # what is not there is never read
        if says_too_much(self.said, self.file.size):
            raise self.wrong("its pages say the same bytes over and over")
        return code, Entry(kind, count, offset, size)

    def read(self, offset: int, count: int, what: str) -> bytes:
        raw = self.file.read_at(offset, count) if offset <= self.file.size else b""
        if len(raw) < count:
            raise self.cut(what)
        return raw

    def cut(self, what: str) -> ScanError:
        return ScanError(f"{self.path} is cut off or damaged: {what} lies beyond its end. Get a whole copy.")

    def wrong(self, what: str) -> ScanError:
        return ScanError(f"{self.path} is damaged: {what}. Get a good copy.")


def walk(path: Path, file: Readable) -> Directories:
    """Return the directories that hold pictures, in file order; raise ScanError where they are bad."""
    walked = _Walk(path, file)
    pictures = tuple(directory for directory in walked.chain() if directory.is_picture)
    if not pictures:
        raise ScanError(f"{path} holds no picture.")
    return Directories(walked.order, walked.big, pictures)


def first_directory(path: Path, file: Readable) -> Directories:
    """Return the first directory, whatever it holds: the EXIF of a JPEG has no picture."""
    walked = _Walk(path, file)
    return Directories(walked.order, walked.big, (walked.directory(walked.first, "its directory")[0],))


def directory_at(path: Path, file: Readable, offset: int) -> Directory:
    """Return one directory that a tag points to, such as EXIF; raise ScanError where it is bad."""
    return _Walk(path, file).directory(offset, "its directory")[0]
