"""How large a tile says it will become: read in its first bytes, before any decoder spends memory on it."""

from __future__ import annotations

import struct
from collections.abc import Callable

from workstation.scans.jpegmarks import ALONE, segments

Size = tuple[int, int, int]
"""Rows, columns and channels; of channels at least so many."""


def declared_size(data: bytes, compression: int) -> Size | None:
    """Return the size that encoded data says it will decode to.

    None where it does not say so, or where the compression has no size of its own.
    """
    read = _READERS.get(compression)
    try:
        return read(data) if read else None
    except (struct.error, IndexError):
        return None


def must_declare(compression: int) -> bool:
    """Tell whether data of this compression without a size of its own is not to be decoded."""
    return compression in _READERS


def _jpeg(data: bytes) -> Size | None:
    """Read the one frame header; None where not every decoder would come to it."""
    frame, has_alone = None, False
    for kind, at in segments(data):
        has_alone |= kind in ALONE
        if kind in _FRAMES:
            if frame is not None:
                return None
            frame = at
    if frame is None or (has_alone and _LOSSLESS in data):
        return None
    height, width, channels = struct.unpack(">HHB", data[frame + 5 : frame + 10])
    return height, width, channels


def _jpeg2000(data: bytes) -> Size | None:
    at = 0 if data[:2] == b"\xff\x4f" else _box(data, b"jp2c")
    if at is None or data[at : at + 4] != b"\xff\x4f\xff\x51":
        return None
    right, bottom, left, top = struct.unpack(">4I", data[at + 8 : at + 24])
    return max(bottom - top, 0), max(right - left, 0), int(struct.unpack(">H", data[at + 40 : at + 42])[0])


def _box(data: bytes, *kinds: bytes) -> int | None:
    """Return where the content of the first box of such a kind begins."""
    at = 0
    while at + 16 <= len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        head = 16 if length == 1 else 8
        if kind in kinds:
            return at + head
        if length == 1:
            length = struct.unpack(">Q", data[at + 8 : at + 16])[0]
        if length < head:
            return None
        at += length
    return None


def _webp(data: bytes) -> Size | None:
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        return None
    kind = data[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(data[27:30], "little"), 1 + int.from_bytes(data[24:27], "little"), 3
    if kind == b"VP8L" and data[20] == 0x2F:
        bits = struct.unpack("<I", data[21:25])[0]
        return 1 + (bits >> 14 & 0x3FFF), 1 + (bits & 0x3FFF), 3
    if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", data[26:30])
        return height & 0x3FFF, width & 0x3FFF, 3
    return None


def _lerc(data: bytes) -> Size | None:
    if data[:6] != b"Lerc2 ":
        return None
    version = struct.unpack("<i", data[6:10])[0]
    height, width = struct.unpack("<ii", data[14:22] if version >= 3 else data[10:18])
    samples = struct.unpack("<i", data[22:26])[0] if version >= 4 else 1
    samples *= data.count(b"Lerc2 ")  # one band after the other, each as large as the first
    return (height, width, samples) if min(height, width, samples) > 0 else None


def _jpegxl(data: bytes) -> Size | None:
    """Read the header of a bare codestream, or of the one in a container."""
    if data[:2] == b"\xff\x0a":
        return _jpegxl_header(data[2:18])
    at = _box(data, b"jxlc", b"jxlp")
    if at is None:
        return None
    at += 0 if data[at : at + 2] == b"\xff\x0a" else 4  # a partial one is numbered
    return _jpegxl_header(data[at + 2 : at + 18]) if data[at : at + 2] == b"\xff\x0a" else None


class _Bits:
    """Bits of bytes, the lowest first."""

    def __init__(self, data: bytes) -> None:
        self._left = int.from_bytes(data, "little")

    def take(self, count: int) -> int:
        value = self._left & ((1 << count) - 1)
        self._left >>= count
        return value

    def choose(self, widths: tuple[int, int, int, int]) -> int:
        """Take a number as wide as the two bits before it choose."""
        return self.take(widths[self.take(2)])


_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))


def _jpegxl_header(data: bytes) -> Size | None:
    """Read a size header and the number of extra channels; None for films and for pictures with a preview."""
    if len(data) < 14:
        return None
    bits = _Bits(data)
    height, width = _jpegxl_size(bits)
    if bits.take(1):  # all as usual
        return height, width, 1
    if bits.take(1):
        if bits.take(3) > 3:  # on its side; who decodes it turns it
            height, width = width, height
        if bits.take(3):
            return None
    if bits.take(1):  # float
        bits.choose((0, 0, 0, 6))
        bits.take(4)
    else:
        bits.choose((0, 0, 0, 6))
    bits.take(1)
    selector = bits.take(2)
    extra = (0, 1, 2, 1)[selector] + bits.take((0, 0, 4, 12)[selector])
    return height, width, 1 + extra


def _jpegxl_size(bits: _Bits) -> tuple[int, int]:
    small = bits.take(1)

    def side() -> int:
        return (bits.take(5) + 1) * 8 if small else 1 + bits.choose((9, 13, 18, 30))

    height, ratio = side(), bits.take(3)
    if ratio == 0:
        return height, side()
    across, down = _RATIOS[ratio - 1]
    return height, height * across // down


_FRAMES = tuple(kind for kind in range(0xC0, 0xD0) if kind not in (0xC4, 0xC8, 0xCC))
_LOSSLESS = b"\xff\xc3"
"""What libjpeg gives up goes to a decoder that looks for this alone, and takes a length after every mark."""
_READERS: dict[int, Callable[[bytes], Size | None]] = {
    7: _jpeg,
    33003: _jpeg2000,
    33005: _jpeg2000,
    34712: _jpeg2000,
    34887: _lerc,
    50001: _webp,
    50002: _jpegxl,
    52546: _jpegxl,
}
