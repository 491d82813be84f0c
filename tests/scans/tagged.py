"""TIFFs with any tags, of either byte order and size, made and read without the code they test."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import TypeAlias

import numpy as np

from workstation.scans.source import Pixels

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
UNITS = {**WIDTHS, 5: 4, 10: 4}
Value: TypeAlias = "bytes | Tags"
Tags: TypeAlias = "dict[int, tuple[int, Value]]"
"""Code: type and little-endian bytes, or the tags of a directory below."""


def in_order(kind: int, data: bytes, order: str) -> bytes:
    """Return little-endian values as a file of that byte order has them."""
    unit = UNITS[kind] if order == ">" else 1
    return b"".join(data[at : at + unit][::-1] for at in range(0, len(data), unit))


def tiff(
    pixels: Pixels, tags: Tags, order: str = "<", big: bool = False, opaque: tuple[int, ...] = ()
) -> bytes:
    """Return an uncompressed TIFF of one strip with such tags; `opaque` ones are not turned to its order."""
    height, width, channels = pixels.shape
    stored = pixels.astype(pixels.dtype.newbyteorder(order)).tobytes()
    start = 16 if big else 8

    def packed(letter: str, *values: int) -> bytes:
        return struct.pack(f"<{len(values)}{letter}", *values)

    own: Tags = {
        256: (4, packed("I", width)), 257: (4, packed("I", height)),
        258: (3, packed("H", *[pixels.itemsize * 8] * channels)), 259: (3, packed("H", 1)),
        262: (3, packed("H", 2 if channels == 3 else 1)), 273: (4, packed("I", start)),
        277: (3, packed("H", channels)), 278: (4, packed("I", height)), 279: (4, packed("I", len(stored))),
    }  # fmt: skip
    data = bytearray(start) + stored
    first = _append(data, {**own, **tags}, order, big, opaque)
    letters = b"II" if order == "<" else b"MM"
    rest = (43, 8, 0, first) if big else (42, first)
    data[:start] = letters + struct.pack(order + ("HHHQ" if big else "HI"), *rest)
    return bytes(data)


def exif_block(tags: Tags, order: str) -> bytes:
    """Return the small TIFF without a picture that a JPEG carries."""
    data = bytearray(8)
    first = _append(data, tags, order, False, ())
    data[:8] = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, first)
    return bytes(data)


def _append(data: bytearray, tags: Tags, order: str, big: bool, opaque: tuple[int, ...]) -> int:
    word, room = ("Q", 8) if big else ("I", 4)
    entries = b""
    for code, (kind, value) in sorted(tags.items()):
        if isinstance(value, dict):
            place = _append(data, value, order, big, opaque)
            raw, count = struct.pack(order + ("Q" if kind in (16, 18) else "I"), place), 1
        else:
            raw, count = value if code in opaque else in_order(kind, value, order), len(value) // WIDTHS[kind]
        if len(raw) > room:
            data += bytes(len(data) & 1)
            raw, place = struct.pack(order + word, len(data)), data.extend(raw)
        entries += struct.pack(order + "HH" + word, code, kind, count) + raw.ljust(room, b"\0")
    data += bytes(len(data) & 1)
    place = len(data)
    data += struct.pack(order + ("Q" if big else "H"), len(tags)) + entries + bytes(room)
    return place


def read_tags(path: Path, below: tuple[int, ...] = (34665, 34853, 40965)) -> Tags:
    """Return all tags of a little-endian file's first directory; `below` are pointers to follow."""
    data = path.read_bytes()
    big = struct.unpack("<H", data[2:4])[0] == 43
    first = struct.unpack("<Q", data[8:16])[0] if big else struct.unpack("<I", data[4:8])[0]
    return _directory(data, first, big, below)


def _directory(data: bytes, offset: int, big: bool, below: tuple[int, ...]) -> Tags:
    word, room, head = ("Q", 8, 8) if big else ("I", 4, 2)
    count = int.from_bytes(data[offset : offset + head], "little")
    tags: Tags = {}
    for at in range(offset + head, offset + head + count * (4 + 2 * room), 4 + 2 * room):
        code, kind, values = struct.unpack_from("<HH" + word, data, at)
        size, place = values * WIDTHS[kind], at + 4 + room
        if size > room:
            place = struct.unpack_from("<" + word, data, place)[0]
        raw = data[place : place + size]
        assert len(raw) == size
        assert code not in tags
        tags[code] = (
            kind,
            _directory(data, int.from_bytes(raw, "little"), big, below) if code in below else raw,
        )
    assert list(tags) == sorted(tags)
    return tags


def plain(tags: Tags) -> dict[int, object]:
    """Return tags without the types of the pointers to directories, which differ with the size of a file."""
    return {
        code: plain(value) if isinstance(value, dict) else (kind, value)
        for code, (kind, value) in tags.items()
    }


def small_picture() -> Pixels:
    """Return a picture that is not what the tests here are about."""
    return np.arange(12 * 10 * 3, dtype=np.uint8).reshape(12, 10, 3)
