"""One directory of a TIFF as a tifffile page, without its tables of tiles.

tifffile turns the tables of a giant (millions of places) into Python numbers, which takes seconds and
hundreds of megabytes. So it is given a copy of the directory in memory that lists one tile only, and the real
tables stay in the file, where `Numbers` looks up what is asked for. tifffile never touches the file itself.
"""

from __future__ import annotations

import struct
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from workstation.errors import ChangedError, ScanError
from workstation.portable import ReadOnlyFile
from workstation.scans.directories import Directories, Directory, Entry

OFFSETS, COUNTS = (324, 273), (325, 279)
_KEPT = {
    256, 257, 258, 259, 262, 266, 274, 277, 278, 281, 284, 292, 293, 317, 320, 322, 323, 332, 338, 339, 347,
    529, 530, 532, 32997, 32998, 34675, 42113, 50674,
}  # fmt: skip
_MOST = 64 << 20
_HEAD = 64
_IN_MEMORY = 1 << 16
_PART = 512
_DTYPES = {1: "u1", 3: "u2", 4: "u4", 13: "u4", 16: "u8", 18: "u8"}


class Numbers:
    """A table of places or lengths: a short one in memory, of a long one the part that was read last."""

    def __init__(self, file: ReadOnlyFile, entry: Entry, order: str) -> None:
        self._file = file
        self._offset = entry.offset
        self._dtype = np.dtype(order + _DTYPES[entry.kind])
        self._count = entry.count
        self._part = (0, self._read(0, entry.count if entry.size <= _IN_MEMORY else 0))

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> int:
        start, part = self._part  # taken once: another thread may put another part there
        if not 0 <= index - start < len(part):
            start = index // _PART * _PART
            self._part = start, part = start, self._read(start, min(_PART, self._count - start))
        return int(part[index - start])

    def _read(self, index: int, count: int) -> np.ndarray[Any, Any]:
        """Return a part; ScanError where it cannot be read now, long after the scan was opened."""
        size, path = self._dtype.itemsize, self._file.path
        try:
            data = self._file.read_at(self._offset + index * size, count * size)
        except OSError as error:
            raise ScanError(f"{path} could not be read: {error.strerror}. Try it again later.") from error
        if len(data) < count * size:
            raise cut_off_now(path)
        return np.frombuffer(data, self._dtype)


def cut_off_now(path: Path) -> ChangedError:
    """Return the error for a file that is shorter than when it was opened."""
    return ChangedError(f"{path} was cut off while it was read. Start again with a whole copy.")


def numbers(
    file: ReadOnlyFile, found: Directories, directory: Directory, codes: tuple[int, ...]
) -> Numbers | None:
    """Return the first of the named tables that the directory has."""
    for code in codes:
        entry = directory.entries.get(code)
        if entry is not None and entry.kind in _DTYPES and entry.count:
            return Numbers(file, entry, found.order)
    return None


_SINGLE = (
    "imagewidth", "imagelength", "imagedepth", "tilewidth", "tilelength", "tiledepth", "rowsperstrip",
    "samplesperpixel", "planarconfig", "photometric", "compression", "predictor", "fillorder",
)  # fmt: skip


def page_of(path: Path, file: ReadOnlyFile, found: Directories, directory: Directory) -> Any:
    """Return tifffile's view of a directory; its ten kinds of exceptions become one sentence."""
    head = _head(file, found, directory)
    try:
        page = tifffile.TiffFile(BytesIO(_copy(file, found, directory, head))).pages.first
    except Exception as error:
        raise unreadable(path, error) from error
    for name in _SINGLE:
        if not isinstance(getattr(page, name), int):  # a damaged count makes it a tuple
            raise ScanError(f"{path} is damaged: its {name} is not one number. Get a good copy.")
    return page


def unreadable(path: Path, error: Exception) -> ScanError:
    """Say that tifffile cannot make sense of a file, and why."""
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
    return ScanError(f"{path} is not a TIFF that can be read: {reason.rstrip('.')}.")


def _head(file: ReadOnlyFile, found: Directories, directory: Directory) -> bytes:
    """Return the first bytes of the first tile, by which tifffile tells JPEGs in RGB from those in YCbCr."""
    offsets = numbers(file, found, directory, OFFSETS)
    if offsets is None or not 0 < offsets[0] < file.size:
        return b""
    return file.read_at(offsets[0], _HEAD)


def _copy(file: ReadOnlyFile, found: Directories, directory: Directory, head: bytes) -> bytes:
    """Return a small TIFF: header, values, and last the directory, which lists one tile of a few bytes."""
    word, room, start = ("Q", 8, 16) if found.big else ("I", 4, 8)
    data = bytearray(start) + head
    tiled = OFFSETS[0] in directory.entries
    places, lengths = (OFFSETS[0], COUNTS[0]) if tiled else (OFFSETS[1], COUNTS[1])
    rows = {code: struct.pack(found.order + "HH" + word, code, 4, 1) for code in (places, lengths)}
    rows[places] += struct.pack(found.order + "I", start).ljust(room, b"\0")
    rows[lengths] += struct.pack(found.order + "I", len(head)).ljust(room, b"\0")
    for code, entry in directory.entries.items():
        if code not in _KEPT or len(data) + entry.size > _MOST or entry.offset + entry.size > file.size:
            continue
        raw = file.read_at(entry.offset, entry.size)
        if entry.size > room:
            data, raw = data + raw, struct.pack(found.order + word, len(data))
        rows[code] = struct.pack(found.order + "HH" + word, code, entry.kind, entry.count) + raw.ljust(
            room, b"\0"
        )
    data[:start] = _header(found, len(data))
    count = struct.pack(found.order + ("Q" if found.big else "H"), len(rows))
    return bytes(data) + count + b"".join(rows[code] for code in sorted(rows)) + bytes(room)


def _header(found: Directories, directory: int) -> bytes:
    letters = b"II" if found.order == "<" else b"MM"
    if found.big:
        return letters + struct.pack(found.order + "HHHQ", 43, 8, 0, directory)
    return letters + struct.pack(found.order + "HI", 42, directory)
