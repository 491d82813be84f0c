"""The directories of a TIFF that we write: tags sorted, classic below 4 GiB and BigTIFF above."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

import numpy as np

from workstation import VERSION
from workstation.scans.encoding import Encoding
from workstation.scans.source import Metadata

HEADER = 16
"""Bytes kept free at the start: enough for either kind of header."""
CLASSIC_END = (1 << 32) - (64 << 20)
"""A classic TIFF ends before this, so that a credential added later still fits."""
_BYTE, _ASCII, _SHORT, _LONG, _RATIONAL, _UNDEFINED, _IFD, _LONG8, _IFD8 = 1, 2, 3, 4, 5, 7, 13, 16, 18
_WIDTHS = {
    _BYTE: 1,
    _ASCII: 1,
    _SHORT: 2,
    _LONG: 4,
    _RATIONAL: 8,
    _UNDEFINED: 1,
    _IFD: 4,
    _LONG8: 8,
    _IFD8: 8,
}
SOFTWARE = f"Conservation Workstation {VERSION}"


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


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag: its value as bytes, already in file order."""

    code: int
    kind: int
    data: bytes

    @property
    def count(self) -> int:
        """How many values the bytes are."""
        return len(self.data) // _WIDTHS[self.kind]


def append_directories(
    file: Appender, end: int, layout: Layout, levels: Sequence[Tiled], metadata: Metadata
) -> bytes:
    """Write the directories of all levels at the end of the file and return its header.

    The header goes to the start of the file last: until then nothing can open it.
    """
    big = end + sum(16 * len(level.offsets) + 4096 for level in levels) + _extra(metadata) > CLASSIC_END
    below = [_append(file, big, _level_tags(layout, level, big, reduced=True)) for level in levels[1:]]
    tags = _level_tags(layout, levels[0], big, reduced=False) + _words(metadata)
    if metadata.white and layout.dtype.kind == "u" and 255 < metadata.white < 1 << 16:
        tags.append(_shorts(281, *[metadata.white] * layout.channels))
    if below:
        tags.append(Tag(330, _IFD8 if big else _IFD, np.asarray(below, "<u8" if big else "<u4").tobytes()))
    first = _append(file, big, tags)
    if big:
        return struct.pack("<2sHHHQ", b"II", 43, 8, 0, first)
    return struct.pack("<2sHI", b"II", 42, first).ljust(HEADER, b"\0")


def _extra(metadata: Metadata) -> int:
    texts = (metadata.description, metadata.page_name, metadata.artist, metadata.copyright)
    return len(metadata.icc or b"") + len(metadata.xmp or b"") + sum(4 * len(text or "") for text in texts)


def _level_tags(layout: Layout, level: Tiled, big: bool, *, reduced: bool) -> list[Tag]:
    channels, bits = layout.channels, layout.dtype.itemsize * 8
    colours = 3 if channels in (3, 4) else 1
    photometric = 6 if layout.encoding.ycbcr else 2 if colours == 3 else 1
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
        Tag(324, _LONG8 if big else _LONG, level.offsets.astype("<u8" if big else "<u4").tobytes()),
        Tag(325, _LONG, level.counts.astype("<u4").tobytes()),
        _shorts(339, *[{"u": 1, "i": 2, "f": 3}[layout.dtype.kind]] * channels),
    ]
    if layout.encoding.predictor != 1:
        tags.append(_shorts(317, layout.encoding.predictor))
    if layout.encoding.ycbcr:
        tags.append(_shorts(530, 1, 1))
    if channels > colours:
        tags.append(_shorts(338, *[2 if channels in (2, 4) else 0] * (channels - colours)))
    return tags


def _words(metadata: Metadata) -> list[Tag]:
    tags = [_text(305, SOFTWARE)]
    texts = {
        270: metadata.description,
        285: metadata.page_name,
        315: metadata.artist,
        33432: metadata.copyright,
    }
    tags += [_text(code, text) for code, text in texts.items() if text]
    if metadata.icc:
        tags.append(Tag(34675, _UNDEFINED, metadata.icc))
    if metadata.xmp:
        tags.append(Tag(700, _BYTE, metadata.xmp))
    if metadata.pixels_per_mm:
        tags += _resolution(metadata.pixels_per_mm)
    return tags


def _resolution(pixels_per_mm: float) -> list[Tag]:
    """Give the scale in pixels per centimetre, as the nearest fraction that fits."""
    exact = Fraction(pixels_per_mm * 10)
    scale = exact.limit_denominator(10**5 if exact < 2**15 else 1)
    pair = struct.pack("<II", min(scale.numerator, 2**32 - 1), scale.denominator)
    return [Tag(282, _RATIONAL, pair), Tag(283, _RATIONAL, pair), _shorts(296, 3)]


def _append(file: Appender, big: bool, tags: list[Tag]) -> int:
    """Write one directory, its long values before it, and return its place."""
    room, word = (8, "Q") if big else (4, "I")
    entries = b""
    for tag in sorted(tags, key=lambda tag: tag.code):
        value = tag.data if len(tag.data) <= room else struct.pack(f"<{word}", file.append(tag.data))
        entries += struct.pack(f"<HH{word}", tag.code, tag.kind, tag.count) + value.ljust(room, b"\0")
    count = struct.pack("<Q" if big else "<H", len(tags))
    return file.append(count + entries + struct.pack(f"<{word}", 0))


def _shorts(code: int, *values: int) -> Tag:
    return Tag(code, _SHORT, struct.pack(f"<{len(values)}H", *values))


def _longs(code: int, *values: int) -> Tag:
    return Tag(code, _LONG, struct.pack(f"<{len(values)}I", *values))


def _text(code: int, text: str) -> Tag:
    return Tag(code, _ASCII, text.replace("\0", " ").encode() + b"\0")
