"""A PNG that is damaged inside: its rows before the damage, as a PNG that every decoder takes."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_PART = 1 << 10
"""What inflates to nothing because of an error in it is at most so much."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What is left of a picture."""

    png: bytes
    rows: int
    """So many are the picture's own; all below them are filled up."""


def saved_rows(data: bytes) -> Saved | None:
    """Return the rows before the first damage; None where there are none, or rows do not lie one by one."""
    head = b""
    for is_packed, chunks in groupby(_chunks(data), key=lambda chunk: chunk[0] == b"IDAT"):
        if is_packed:
            return _saved(head, (content for _, content in chunks))
        head = b"".join(_chunk(name, content) for name, content in chunks)
    return None


def _saved(head: bytes, packed: Iterable[bytes]) -> Saved | None:
    """Return what is left of a picture that begins with these chunks; the packed rows are read as needed."""
    if head[4:8] != b"IHDR" or len(head) < 25 or head[20]:  # interlaced: each pass holds rows from all over
        return None
    width, height, depth, colour = struct.unpack(">IIBB", head[8:18])
    row = 1 + -(-width * depth * _CHANNELS.get(colour, 1) // 8)
    found = _inflated(packed, row * height)
    rows = len(found) // row
    if not rows:
        return None
    found[rows * row :] = bytes((height - rows) * row)
    body = _chunk(b"IDAT", zlib.compress(found, 1)) + _chunk(b"IEND", b"")
    return Saved(_SIGNATURE + head + body, rows)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield name and content of each whole chunk, and of one that is cut off what there is of it."""
    at = len(_SIGNATURE)
    while at + 8 <= len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        content, check = data[at + 8 : at + 8 + length], data[at + 8 + length : at + 12 + length]
        is_cut = len(check) < 4
        if not is_cut and zlib.crc32(content, zlib.crc32(name)) != int.from_bytes(check, "big"):
            return
        yield name, content
        if is_cut:
            return
        at += 12 + length


def _inflated(packed: Iterable[bytes], most: int) -> bytearray:
    """Return up to `most` bytes; what comes after them is left alone."""
    inflater, out = zlib.decompressobj(), bytearray()
    try:
        for content in packed:
            for at in range(0, len(content), _PART):
                if len(out) >= most:
                    return out
                out += inflater.decompress(content[at : at + _PART], most - len(out))
    except zlib.error:
        pass
    return out


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content), name) + content + zlib.crc32(name + content).to_bytes(4, "big")
