"""The directories of a TIFF that we write: tags sorted, classic below 4 GiB and BigTIFF above."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from workstation.scans.alpha import ALPHA, OTHER
from workstation.scans.encoding import Encoding
from workstation.scans.source import Metadata
from workstation.scans.tag import IFD, IFD8, LONG, LONG8, SHORT, Tag
from workstation.scans.tags import tags_saying

HEADER = 16
"""Bytes kept free at the start: enough for either kind of header."""
CLASSIC_END = (1 << 32) - (64 << 20)
"""A classic TIFF ends before this, so that a credential added later still fits."""
_WIDE = (16, 17, 18)
"""Types of 8 bytes, which only BigTIFF knows."""
_ENTRY = 20


class Appender(Protocol):
    """A file that grows: returns where the bytes went."""

    def append(self, data: bytes) -> int:
        """Write `data` at an even place at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Layout:
    """What all levels of a picture share."""

    channels: int
    dtype: np.dtype[Any]
    tile: int
    encoding: Encoding


@dataclass(frozen=True, slots=True)
class Tiled:
    """One level: its size, and where its tiles lie."""

    height: int
    width: int
    offsets: np.ndarray[Any, np.dtype[np.uint64]]
    counts: np.ndarray[Any, np.dtype[np.uint32]]


def append_directories(
    file: Appender, end: int, layout: Layout, levels: Sequence[Tiled], metadata: Metadata
) -> bytes:
    """Write the directories of all levels at the end of the file and return its header.

    The header goes to the start of the file last: until then nothing can open it.
    """
    saying = tags_saying(metadata)
    tables = sum(16 * len(level.offsets) + 4096 for level in levels)
    big = end + tables + sum(map(_room, saying)) > CLASSIC_END or any(map(_is_wide, saying))
    extra = _extra_of(layout.channels, metadata.extra)
    below = [_append(file, big, _level_tags(layout, level, big, extra, reduced=True)) for level in levels[1:]]
    tags = _level_tags(layout, levels[0], big, extra, reduced=False) + saying
    if metadata.white and layout.dtype.kind == "u" and 255 < metadata.white < 1 << 16:
        tags.append(_shorts(281, *[metadata.white] * layout.channels))
    if below:
        tags.append(Tag(330, IFD8 if big else IFD, np.asarray(below, "<u8" if big else "<u4").tobytes()))
    first = _append(file, big, tags)
    if big:
        return struct.pack("<2sHHHQ", b"II", 43, 8, 0, first)
    return struct.pack("<2sHI", b"II", 42, first).ljust(HEADER, b"\0")


def _extra_of(channels: int, said: tuple[int, ...] | None) -> tuple[int, ...]:
    """Return what each channel beyond grey or RGB is: as the source says, else as their number suggests."""
    if said is not None and channels - len(said) in (1, 3):
        return said
    if channels in (2, 4):
        return (ALPHA,)
    return () if channels == 3 else (OTHER,) * (channels - 1)


def _room(tag: Tag) -> int:
    """Return how many bytes a tag takes in a file, at most."""
    return _ENTRY + len(tag.data) + 1 + sum(_ENTRY + _room(below) for below in tag.below)


def _is_wide(tag: Tag) -> bool:
    return tag.kind in _WIDE or any(map(_is_wide, tag.below))


def _level_tags(
    layout: Layout, level: Tiled, big: bool, extra: tuple[int, ...], *, reduced: bool
) -> list[Tag]:
    channels, bits = layout.channels, layout.dtype.itemsize * 8
    photometric = 6 if layout.encoding.ycbcr else 2 if channels - len(extra) == 3 else 1
    tags = [
        _longs(254, int(reduced)),
        _longs(256, level.width),
        _longs(257, level.height),
        _shorts(258, *[bits] * channels),
        _shorts(259, layout.encoding.number),
        _shorts(262, photometric),
        _shorts(277, channels),
        _shorts(284, 1),
        _longs(322, layout.tile),
        _longs(323, layout.tile),
        Tag(324, LONG8 if big else LONG, level.offsets.astype("<u8" if big else "<u4").tobytes()),
        Tag(325, LONG, level.counts.astype("<u4").tobytes()),
        _shorts(339, *[{"u": 1, "i": 2, "f": 3}[layout.dtype.kind]] * channels),
    ]
    if layout.encoding.predictor != 1:
        tags.append(_shorts(317, layout.encoding.predictor))
    if layout.encoding.ycbcr:
        tags.append(_shorts(530, 1, 1))
    if extra:
        tags.append(_shorts(338, *extra))
    return tags


def _append(file: Appender, big: bool, tags: Sequence[Tag]) -> int:
    """Write one directory, its long values and the directories below before it, and return its place."""
    room, word = (8, "Q") if big else (4, "I")
    entries = b""
    for tag in sorted(tags, key=lambda tag: tag.code):
        kind, count, data = tag.kind, tag.count, tag.data
        if tag.below:
            kind, count = (LONG8 if big else LONG), 1
            data = struct.pack(f"<{word}", _append(file, big, tag.below))
        value = data if len(data) <= room else struct.pack(f"<{word}", file.append(data))
        entries += struct.pack(f"<HH{word}", tag.code, kind, count) + value.ljust(room, b"\0")
    head = struct.pack("<Q" if big else "<H", len(tags))
    return file.append(head + entries + struct.pack(f"<{word}", 0))


def _shorts(code: int, *values: int) -> Tag:
    return Tag(code, SHORT, struct.pack(f"<{len(values)}H", *values))


def _longs(code: int, *values: int) -> Tag:
    return Tag(code, LONG, struct.pack(f"<{len(values)}I", *values))
