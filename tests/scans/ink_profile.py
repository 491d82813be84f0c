"""A profile of printing inks, made here: no profile of a real press may travel with the tests."""

from __future__ import annotations

import struct
from functools import cache
from itertools import product

from workstation.scans.profiles import srgb_profile


@cache
def ink_profile(steps: int = 5) -> bytes:
    """Return an ICC profile whose inks are a little dirty, from CMYK to CIELAB by a table."""
    a2b = _to_lab(steps)
    tags = {
        b"desc": _description(b"Ink for tests"),
        b"cprt": b"text\0\0\0\0none\0",
        b"wtpt": b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061),
        b"A2B0": a2b,
        b"A2B1": a2b,
    }
    place, table, body = 132 + 12 * len(tags), b"", b""
    for name, data in tags.items():
        table += struct.pack(">4sII", name, place + len(body), len(data))
        body += data.ljust(-(-len(data) // 4) * 4, b"\0")
    data = struct.pack(">I", len(tags)) + table + body
    return _header(128 + len(data)) + data


def _header(size: int) -> bytes:
    srgb = srgb_profile()
    head = bytearray(128)
    head[:4] = struct.pack(">I", size)
    head[8:12] = bytes((2, 0x40, 0, 0))
    head[12:24] = b"prtrCMYKLab "
    head[24:44] = srgb[24:40] + bytes(4)
    head[68:80] = srgb[68:80]
    return bytes(head)


def _description(words: bytes) -> bytes:
    return b"desc\0\0\0\0" + struct.pack(">I", len(words) + 1) + words + b"\0" + bytes(78)


def _to_lab(steps: int) -> bytes:
    """Return a table of 16 bits whose every entry is L, a, b of four inks."""
    head = (
        b"mft2\0\0\0\0" + bytes((4, 3, steps, 0)) + struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    )
    line = struct.pack(">HH", 0, 65535)
    table = b""
    for cyan, magenta, yellow, black in product([i / (steps - 1) for i in range(steps)], repeat=4):
        light = (1 - 0.4 * cyan) * (1 - 0.5 * magenta) * (1 - 0.1 * yellow) * (1 - 0.85 * black)
        a = (-30 * cyan + 70 * magenta - 5 * yellow) * (1 - black)
        b = (-45 * cyan - 5 * magenta + 85 * yellow) * (1 - black)
        table += struct.pack(">3H", int(light * 65280), int((a + 128) * 256), int((b + 128) * 256))
    return head + struct.pack(">HH", 2, 2) + line * 4 + table + line * 3
