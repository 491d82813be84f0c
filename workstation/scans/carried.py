"""What a file says of its picture besides the pixels, read byte for byte to be written elsewhere.

Everything travels that says something of the painting, the camera or the rights. What tells how this one file
stores its pixels stays behind, and so does what would be a lie in another file; where words are lost by that,
`Carried.left` says which and why. A damaged block never makes a scan unreadable: it is left behind too.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np

from workstation.errors import ScanError
from workstation.scans.directories import Directories, Directory, Entry, Readable, directory_at
from workstation.scans.tag import IFD, IFD8, LONG, LONG8, WIDTHS, Carried, Left, Tag
from workstation.scans.turning import turned_tag

MAX_BYTES = 64 << 20
"""All that travels with one picture is no more than this."""
MAX_TAGS = 1024
"""No directory takes more tags along than this."""
DIRECTORIES = {34665: "EXIF", 34853: "GPS", 40965: "Interoperability"}
_DEEPEST = 2
_OPAQUE = {700, 33723, 34377, 34675}
"""Streams of bytes, whatever type they are given: IPTC is often called LONG, and is not swapped."""
_SWAPPED = {3: 2, 4: 4, 5: 4, 8: 2, 9: 4, 10: 4, 11: 4, 12: 8, 16: 8, 17: 8}
_STORAGE = {
    *range(254, 260), *range(262, 267), 273, 274, *range(277, 282), 284, 288, 289, 292, 293, 317,
    *range(320, 329), 330, *range(332, 335), 336, *range(338, 343), 346, 347, 351, *range(400, 406),
    *range(433, 436), *range(512, 522), *range(529, 533), 559, *range(32995, 32999),
    33421, 33422, 33424, 34017, *range(34019, 34034), 34732, 34750, 50674, 50675,
}  # fmt: skip
"""Sizes, strips, tiles, tables of compressions, palettes, inks, ranges: true of the one file only."""
_LAYERS_OF_PHOTOSHOP, _CREDENTIAL = 37724, 52545
_FORMATS_OF_OTHERS = {33628, 33629, 33630, 33631, 34361, 34362, 34412, 50838, 50839, 65420}
"""Microscopes and ImageJ: they tell other programmes to look for pages that are not there."""
_CAMERA_RAW = (
    range(50706, 50742), range(50778, 50782), range(50827, 50836), range(50879, 50880), range(50931, 50943),
    range(50964, 50984), range(51008, 51183), range(52525, 52553),
)  # fmt: skip
"""DNG: they would make a camera's raw file of it. The last range holds the credential too."""
_STAYING = {*_STORAGE, *_FORMATS_OF_OTHERS, _LAYERS_OF_PHOTOSHOP, _CREDENTIAL}.union(*_CAMERA_RAW)
_OF_THE_SAMPLES = {290, 291, 301, 318, 319, 37439, 42113}
"""Curves, primaries, "no data": true only as long as the samples are those of the file."""
_OF_THE_PLACE = {286, 287, 33550, 33922, 34264}
"""Where the picture lies, counted from its first stored row: true only as long as it is not turned."""
_DESCRIPTION = 270


def carried_of(
    path: Path, file: Readable, found: Directories, directory: Directory, orientation: int, *, unchanged: bool
) -> Carried:
    """Read all that travels; `unchanged` tells that the pixels are the file's own samples."""
    no_longer_true = (set() if unchanged else _OF_THE_SAMPLES) | (
        set() if orientation == 1 else _OF_THE_PLACE
    )
    reading = _Reading(path, file, found, orientation)
    tags = reading.tags(directory, _STAYING | no_longer_true, 0)
    return Carried(tags, tuple(reading.left))


def tags_named(
    path: Path,
    file: Readable,
    found: Directories,
    directory: Directory,
    orientation: int,
    codes: Collection[int],
) -> dict[int, Tag]:
    """Read a few tags only, as they would travel."""
    named = {code: entry for code, entry in directory.entries.items() if code in codes}
    few = Directory(directory.offset, named)
    return {tag.code: tag for tag in _Reading(path, file, found, orientation).tags(few, frozenset(), 0)}


class _Reading:
    """One pass over a directory and those below it, within bounds that no honest file exceeds."""

    def __init__(self, path: Path, file: Readable, found: Directories, orientation: int) -> None:
        self.left: list[Left] = []
        self._path = path
        self._file = file
        self._swapping = found.order == ">"
        self._orientation = orientation
        self._room = MAX_BYTES
        self._seen: set[int] = set()

    def tags(self, directory: Directory, staying: Collection[int], depth: int) -> tuple[Tag, ...]:
        self._seen.add(directory.offset)
        tags: list[Tag] = []
        for code, entry in sorted(directory.entries.items()):
            if code in staying or not entry.count:
                continue
            if len(tags) == MAX_TAGS:
                self.left.append(Left(code, f"there are more than {MAX_TAGS} tags"))
                break
            tag = self._tag(code, entry, depth)
            if isinstance(tag, Tag):
                tags.append(tag)
            elif tag:
                self.left.append(Left(code, tag))
        return tuple(sorted(tags, key=lambda tag: tag.code))

    def _tag(self, code: int, entry: Entry, depth: int) -> Tag | str:
        """Return a tag, or why it stays behind; "" where nobody would miss it."""
        if entry.kind not in WIDTHS:
            return "it is of a type that TIFF does not know"
        if code in DIRECTORIES:
            return self._below(code, entry, depth)
        if entry.kind in (IFD, IFD8):
            return "it points to data that only its maker can follow"
        if entry.size > self._room:
            return f"with the others it is larger than {MAX_BYTES >> 20} MB"
        raw = self._raw(entry)
        if raw is None:
            return "it lies beyond the end of the file"
        self._room -= entry.size
        note = _programmes_note(raw) if code == _DESCRIPTION else None
        if note is not None:
            return note
        return turned_tag(Tag(code, entry.kind, self._little(code, entry.kind, raw)), self._orientation)

    def _raw(self, entry: Entry) -> bytes | None:
        if entry.offset + entry.size > self._file.size:
            return None
        try:
            raw = self._file.read_at(entry.offset, entry.size)
        except OSError:
            return None
        return raw if len(raw) == entry.size else None

    def _little(self, code: int, kind: int, raw: bytes) -> bytes:
        width = _SWAPPED.get(kind)
        if not self._swapping or width is None or code in _OPAQUE:
            return raw
        return np.frombuffer(raw, f"u{width}").byteswap().tobytes()

    def _below(self, code: int, entry: Entry, depth: int) -> Tag | str:
        raw = self._raw(entry)
        if raw is None or entry.kind not in (LONG, IFD, LONG8, IFD8) or entry.count != 1:
            return "it does not say where its directory is"
        offset = int.from_bytes(raw, "big" if self._swapping else "little")
        if depth == _DEEPEST or offset in self._seen:
            return "its directories run in a circle"
        try:
            directory = directory_at(self._path, self._file, offset)
        except ScanError:
            return "its directory is damaged or cut off"
        below = self.tags(directory, _STAYING, depth + 1)
        return Tag(code, LONG, b"", below) if below else ""


def _programmes_note(description: bytes) -> str | None:
    """Return why a description stays behind that a programme wrote about its own file; None for any other."""
    if description.startswith(b'{"shape":'):
        return ""  # tifffile, about an array
    if description.startswith((b"ImageJ=", b"Aperio ")) or description.rstrip(b"\0 \r\n").endswith(b"OME>"):
        return "it describes the pages of the file it came in, which are not those of another"
    return None
