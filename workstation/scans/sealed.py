"""A checksum behind every zstd tile that we write, so that one changed bit is damage and not another picture.

A zstd frame as the library makes it here has no checksum: seven of eight changed bits would pass unseen. The
checksum lies in a "skippable frame", which the zstd format has for such use and all decoders step over.
"""

from __future__ import annotations

import struct

import imagecodecs

_FRAME, _OWN_CHECKSUM = b"\x28\xb5\x2f\xfd", 4
_SKIPPABLE = 0x184D2A5C
_NAME = b"CRC "
_SEAL = struct.Struct("<II4sI")


def sealed(frame: bytes | bytearray) -> bytes:
    """Return a zstd frame with its checksum behind it."""
    return b"".join((frame, _SEAL.pack(_SKIPPABLE, 8, _NAME, imagecodecs.deflate_crc32(frame))))


def has_checksum(data: bytes) -> bool:
    """Tell whether zstd data carry a checksum, ours or their own."""
    own = data[:4] == _FRAME and len(data) > 4 and data[4] & _OWN_CHECKSUM
    return bool(own) or _seal(data) is not None


def is_broken(data: bytes) -> bool:
    """Tell whether data carry a checksum that is not theirs."""
    checksum = _seal(data)
    return checksum is not None and checksum != imagecodecs.deflate_crc32(data[: -_SEAL.size])


def _seal(data: bytes) -> int | None:
    """Return our checksum behind a frame."""
    if len(data) < _SEAL.size:
        return None
    magic, size, name, checksum = _SEAL.unpack(data[-_SEAL.size :])
    return int(checksum) if (magic, size, name) == (_SKIPPABLE, 8, _NAME) else None
