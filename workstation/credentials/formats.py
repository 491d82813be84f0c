"""Which files can carry their credential inside without harm; all others get it in a file beside them.

What the library does to TIFFs was measured: it appends a page to multi-page files, drops one of two
descriptions, and takes the whole file into memory. In BigTIFF it cannot follow the pointers to the levels,
and where it can embed at all it leaves eight bytes of another tag out of the hash, so that a change there
would not be seen. So TIFFs get theirs from tiffs.py.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Literal

from workstation.credentials.kinds import kind_of

LARGEST_EMBEDDED = 512 * 1024 * 1024
"""The library needs as much memory as the file is large."""
LARGEST_CREDENTIAL = 256 * 1024 * 1024
CREDENTIAL_TAG = 52545
SUBIFDS_TAG = 330
_MOST_PAGES, _MOST_TAGS = 100_000, 4096


@dataclass(frozen=True, slots=True)
class Place:
    """Where a TIFF keeps its credential."""

    start: int
    size: int
    pointer: int
    """Where the entry's count stands: the signer may leave these 4 or 8 bytes out of the hash."""
    pointer_size: int


@dataclass(frozen=True, slots=True)
class TiffLayout:
    """What matters of a TIFF for its credential."""

    big: bool
    pages: int
    wide_levels: bool
    """A BigTIFF whose level pointers have 8 bytes, which the library cannot follow."""
    order: Literal["<", ">"]
    link: int
    """Where the pointer to the last page stands."""
    last: int
    """Where the last page's directory lies."""
    entries: bytes
    """The last page's directory, without its count."""
    places: tuple[Place, ...] = field(default=())

    @property
    def width(self) -> int:
        """The bytes of an entry of a directory."""
        return 20 if self.big else 12

    @property
    def readable(self) -> bool:
        """Tell whether the C2PA library can read this layout at all."""
        return not self.wide_levels


def sidecar_of(path: Path) -> Path:
    """Return where the credential of a file lies that cannot carry it inside."""
    return path.with_name(f"{path.name}.c2pa")


def embeds_as(path: Path) -> str | None:
    """Return the MIME type under which a file's credential may be embedded, or None: use a sidecar."""
    kind = kind_of(path)
    if kind == "image/tiff":
        return kind if tiff_layout(path) is not None else None
    if path.stat().st_size > LARGEST_EMBEDDED:
        return None
    return None if kind == "application/pdf" and _is_sealed(path) else kind


def _is_sealed(path: Path) -> bool:
    """Tell whether a PDF is encrypted or signed: the library writes it anew, which would break either."""
    seals, overlap = (b"/Encrypt", b"/ByteRange"), b""
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            if any(seal in overlap + block for seal in seals):
                return True
            overlap = block[-len(b"/ByteRange") :]
    return False


def tiff_layout(path: Path) -> TiffLayout | None:
    """Walk the pages of a TIFF; None where they are broken."""
    try:
        with path.open("rb") as file:
            return _Walker(file, path.stat().st_size).walk()
    except (struct.error, ValueError):
        return None


class _Walker:
    """Reads the chain of pages and nothing else, within bounds that no honest file exceeds."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self.file, self.size = file, size
        start = file.read(8)
        self.order: Literal["<", ">"] = "<" if start[:2] == b"II" else ">"
        self.big = struct.unpack(self.order + "H", start[2:4])[0] == 43
        self.offset, self.count, self.entry = ("Q", "Q", 20) if self.big else ("I", "H", 12)
        self.places: list[Place] = []
        self.wide, self.entries = False, b""

    def walk(self) -> TiffLayout:
        """Follow the chain to its end; ValueError or struct.error where it is broken."""
        last = link = self.file.seek(8 if self.big else 4)
        next_page, seen = self._number(self.offset), set[int]()
        while next_page:
            last = next_page
            if next_page in seen or next_page >= self.size or len(seen) >= _MOST_PAGES:
                raise ValueError("the chain of pages is broken")
            seen.add(next_page)
            self.file.seek(next_page)
            self._page()
            here = self.file.tell()
            if next_page := self._number(self.offset):
                link = here
        if not seen:
            raise ValueError("no page")
        places = tuple(self.places)
        return TiffLayout(self.big, len(seen), self.wide, self.order, link, last, self.entries, places)

    def _page(self) -> None:
        count = self._number(self.count)
        if count > _MOST_TAGS:
            raise ValueError("too many tags")
        start = self.file.tell()
        entries = self.entries = self.file.read(count * self.entry)
        tags = [struct.unpack_from(self.order + "HH", entries, at * self.entry) for at in range(count)]
        for at, (tag, kind) in enumerate(tags):
            self.wide |= tag == SUBIFDS_TAG and kind in (16, 17, 18)
            if tag == CREDENTIAL_TAG:
                self._place(start + at * self.entry + 4, entries[at * self.entry + 4 : (at + 1) * self.entry])
        if len(entries) < count * self.entry:
            raise ValueError("a page is cut off")

    def _place(self, pointer: int, value: bytes) -> None:
        size, start = struct.unpack(self.order + 2 * self.offset, value)
        if start + size > self.size:
            raise ValueError("the credential is cut off")
        self.places.append(Place(start, size, pointer, len(value) // 2))

    def _number(self, kind: str) -> int:
        data = self.file.read(struct.calcsize(self.order + kind))
        return int(struct.unpack(self.order + kind, data)[0])
