"""A checksum behind every zstd tile that we write, so that one changed bit is damage and not another picture.

A zstd frame as the library makes it here has no checksum: seven of eight changed bits would pass unseen. The
checksum lies in a "skippable frame", which the zstd format has for such use and all decoders step over.
"""

from __future__ import annotations

import struct

import imagecodecs

_SKIPPABLE = 0x184D2A5C
_NAME = b"CRC "
_SEAL = struct.Struct("<II4sI")


def sealed(frame: bytes | bytearray) -> bytes:
    """Return a zstd frame with its checksum behind it."""
    return b"".join((frame, _SEAL.pack(_SKIPPABLE, 8, _NAME, imagecodecs.deflate_crc32(frame))))


def is_broken(data: bytes) -> bool:
    """Tell whether data carry a checksum that is not theirs."""
    end = len(data) - _SEAL.size
    if end < 0:
        return False
    magic, size, name, checksum = _SEAL.unpack_from(data, end)
    return (magic, size, name) == (_SKIPPABLE, 8, _NAME) and checksum != imagecodecs.deflate_crc32(data[:end])
