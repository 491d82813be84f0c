"""A PNG that is damaged inside: its rows before the damage, as a PNG that every decoder takes."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

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
    head, packed = b"", b""
    for name, content, is_sound in _chunks(data):
        if name == b"IDAT":
            packed += content
        elif packed or not is_sound:
            break
        else:
            head += _chunk(name, content)
    if head[4:8] != b"IHDR" or len(head) < 25 or head[20]:  # interlaced: each pass holds rows from all over
        return None
    width, height, depth, colour = struct.unpack(">IIBB", head[8:18])
    row = 1 + -(-width * depth * _CHANNELS.get(colour, 1) // 8)
    found = _inflated(packed, row * height)
    rows = len(found) // row
    if not rows:
        return None
    pixels = found[: rows * row].ljust(height * row, b"\0")
    body = _chunk(b"IDAT", zlib.compress(pixels, 1)) + _chunk(b"IEND", b"")
    return Saved(_SIGNATURE + head + body, rows)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes, bool]]:
    """Yield name and content of each chunk, and whether it is whole; nothing under a wrong checksum."""
    at, is_sound = len(_SIGNATURE), True
    while is_sound and at + 8 <= len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        content, check = data[at + 8 : at + 8 + length], data[at + 8 + length : at + 12 + length]
        is_cut = len(check) < 4
        is_sound = not is_cut and zlib.crc32(name + content) == int.from_bytes(check, "big")
        yield name, content if is_sound or is_cut else b"", is_sound
        at += 12 + length


def _inflated(packed: bytes, most: int) -> bytes:
    inflater, out = zlib.decompressobj(), bytearray()
    try:
        for at in range(0, len(packed), _PART):
            if len(out) >= most:
                break
            out += inflater.decompress(packed[at : at + _PART], most - len(out))
    except zlib.error:
        pass
    return bytes(out)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content), name) + content + zlib.crc32(name + content).to_bytes(4, "big")
