"""Credentials as somebody makes them who wants to harm: built of boxes and CBOR, without the library."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

_UUID = bytes.fromhex("00110010800000aa00389b71")


@dataclass
class Box:
    """One box of JUMBF (ISO 19566-5): bytes, or boxes."""

    kind: bytes
    body: bytes = b""
    parts: list[Box] = field(default_factory=list)

    def packed(self) -> bytes:
        """Return the box as bytes."""
        body = b"".join(part.packed() for part in self.parts) if self.kind == b"jumb" else self.body
        return struct.pack(">I4s", len(body) + 8, self.kind) + body

    @property
    def label(self) -> str:
        """The name in the description of a box of boxes."""
        return self.parts[0].body[17:].partition(b"\0")[0].decode()

    def find(self, label: str) -> Box:
        """Return the box of that name, at any depth."""
        return next(box for box in self._all() if box.label == label)

    def _all(self) -> list[Box]:
        inner = [part for part in self.parts if part.kind == b"jumb"]
        return [self, *(box for part in inner for box in part._all())]


def parsed(data: bytes) -> list[Box]:
    """Return the boxes that lie one after the other."""
    found, at = [], 0
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + size]
        found.append(Box(kind, body, parsed(body)) if kind == b"jumb" else Box(kind, body))
        at += size
    return found


def described(kind: bytes, label: str) -> Box:
    """Return the description of a box."""
    return Box(b"jumd", kind + _UUID + b"\x03" + label.encode() + b"\0")


def assertion(label: str, cbor: bytes) -> Box:
    """Return an assertion in CBOR."""
    return Box(b"jumb", parts=[described(b"cbor", label), Box(b"cbor", cbor)])


def cbor(value: Any) -> bytes:
    """Return plain values as CBOR (RFC 8949)."""
    import cbor2

    return bytes(cbor2.dumps(value))


Change = Callable[[Box], None]


def changed(credential: bytes, change: Change) -> bytes:
    """Return a credential with its boxes changed."""
    [store] = parsed(credential)
    change(store)
    return store.packed()


def with_content(label: str, data: bytes) -> Change:
    """Return what gives a box other content."""

    def change(store: Box) -> None:
        store.find(label).parts[1].body = data

    return change


def _claim(labels: list[str]) -> bytes:
    told = [{"url": f"self#jumbf=c2pa.assertions/{label}", "hash": bytes(32)} for label in labels]
    return cbor(
        {
            "instanceID": "xmp:iid:1",
            "claim_generator_info": {"name": "x"},
            "signature": "self#jumbf=c2pa.signature",
            "created_assertions": told,
            "dc:title": "x",
            "alg": "sha256",
        }
    )


def referring(times: int, size: int) -> Change:
    """Return what names one large assertion many times: the library copies it each time."""

    def change(store: Box) -> None:
        large = assertion("org.example.large", b"\x5a" + struct.pack(">I", size) + bytes(size))
        store.find("c2pa.assertions").parts.append(large)
        labels = ["c2pa.actions.v2", "c2pa.hash.data", *["org.example.large"] * times]
        store.find("c2pa.claim.v2").parts[1].body = _claim(labels)

    return change


def numbered(count: int) -> Change:
    """Return what adds many empty assertions, all named by the claim."""

    def change(store: Box) -> None:
        labels = [f"org.example.x__{number}" for number in range(1, count)]
        store.find("c2pa.assertions").parts += [assertion(label, b"\xa0") for label in labels]
        store.find("c2pa.claim.v2").parts[1].body = _claim(["c2pa.actions.v2", "c2pa.hash.data", *labels])

    return change


def nested(depth: int) -> Change:
    """Return what puts boxes into boxes."""

    def change(store: Box) -> None:
        name = described(b"cbor", "x").packed()
        one = 8 + len(name)
        deep = b"".join(struct.pack(">I4s", one * (depth - at), b"jumb") + name for at in range(depth))
        store.find("c2pa.assertions").parts.append(Box(deep[4:8], deep[8:]))
        store.find("c2pa.assertions").parts[-1].kind = b"jumd"  # packed as it is
        store.find("c2pa.assertions").parts[-1].body = deep

    return change


def crowded(count: int) -> Change:
    """Return what adds whole manifests that nobody refers to."""

    def change(store: Box) -> None:
        own = store.parts[1]
        body, label = own.packed()[8:], own.label.encode()
        store.parts[1:1] = [
            Box(b"free", body.replace(label, label[:-8] + b"%08d" % number)) for number in range(count)
        ]
        for part in store.parts[1:-1]:
            part.kind = b"jumb"
            part.parts = [Raw(part.body)]

    return change


class Raw(Box):
    """Bytes that are written as they are."""

    def __init__(self, data: bytes) -> None:
        super().__init__(b"raw ", data)

    def packed(self) -> bytes:
        return self.body


def _many(head: bytes, item: bytes, count: int) -> bytes:
    return head + struct.pack(">I", count) + item * count


ACTIONS = b"\xa1gactions\x9a"
BOMBS: dict[str, bytes] = {
    "a list in a list a million times": b"\x81" * 10**6 + b"\0",
    "a map in a map a million times": b"\xa1\x61a" * 10**6 + b"\0",
    "lists without an end": b"\x9f" * 10**6,
    "a list said to have 2^60 values": b"\x9b" + struct.pack(">Q", 1 << 60),
    "a map said to have 2^60 values": b"\xbb" + struct.pack(">Q", 1 << 60),
    "a text said to have 2^62 bytes": b"\x7b" + struct.pack(">Q", 1 << 62),
    "bytes said to be 2^62": b"\x5b" + struct.pack(">Q", 1 << 62),
    "ten million zeros": _many(b"\x9a", b"\0", 10**7),
    "ten million empty maps": _many(b"\x9a", b"\xa0", 10**7),
    "a million things made": _many(ACTIONS, b"\xa1factionlc2pa.created", 10**6),
    "a text of 60 MB": b"\xa1ax\x7a" + struct.pack(">I", 60 << 20) + b"a" * (60 << 20),
}
CHANGES: dict[str, Change] = {
    "one large assertion named a thousand times": referring(1000, 10 << 20),
    "one small assertion named a hundred thousand times": referring(100_000, 100_000),
    "twenty thousand assertions": numbered(20_000),
    "boxes in boxes, ten thousand deep": nested(10_000),
    "boxes in boxes, a million deep": nested(1_000_000),
    "two thousand manifests": crowded(2000),
}


def _chunk(kind: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _riff(body: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WAVE" + body


def _app11(number: int, data: bytes) -> bytes:
    return b"\xff\xeb" + struct.pack(">H", len(data) + 10) + b"JP" + struct.pack(">HI", 0x211, number) + data


_FILM = struct.pack(">I4s", 16, b"ftyp") + b"mp42\0\0\0\0"
_PNG = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
_SVG = b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:c2pa="http://c2pa.org/manifest"><metadata>'
CONTAINERS: dict[str, Callable[[], bytes]] = {
    "boxes.mp4": lambda: _FILM + struct.pack(">I4s", 8, b"moov") * 5_000_000,
    "deep.mp4": lambda: (
        _FILM + b"".join(struct.pack(">I4s", 8 * (500_000 - at), b"moov") for at in range(500_000))
    ),
    "endless.mp4": lambda: _FILM + struct.pack(">I4s", 0, b"moov") * 1_000_000,
    "chunks.wav": lambda: _riff(b"abcd\0\0\0\0" * 5_000_000),
    "deep.wav": lambda: _riff(
        b"".join(b"LIST" + struct.pack("<I", 12 * (300_000 - at) - 8) + b"INFO" for at in range(300_000))
    ),
    "chunks.png": lambda: _PNG + _chunk(b"tEXt") * 5_000_000 + _chunk(b"IEND"),
    "credentials.png": lambda: _PNG + _chunk(b"caBX", b"abc") * 5_000_000 + _chunk(b"IEND"),
    "lying.png": lambda: _PNG + struct.pack(">I", 0x7FFFFFFF) + b"caBX" + b"abc",
    "pieces.jpg": lambda: (
        b"\xff\xd8"
        + b"".join(_app11(at + 1, struct.pack(">I4s", 1 << 30, b"jumb") + b"a") for at in range(10**5))
        + b"\xff\xd9"
    ),
    "markers.jpg": lambda: b"\xff\xd8" + b"\xff\xe1\0\2" * 5_000_000 + b"\xff\xd9",
    "comments.gif": lambda: b"GIF89a\1\0\1\0\0\0\0" + b"\x21\xfe\0" * 5_000_000 + b";",
    "deep.svg": lambda: _SVG + b"<g>" * 3_000_000,
    "long.svg": lambda: _SVG + b"<c2pa:manifest>" + b"AAAA" * 10**7 + b"</c2pa:manifest></metadata></svg>",
    "laughs.svg": lambda: (
        b'<!DOCTYPE svg [<!ENTITY a "ha">'
        + b"".join(b'<!ENTITY %c "%s">' % (98 + at, b"&%c;" % (97 + at) * 10) for at in range(9))
        + b"]>"
        + _SVG
        + b"&j;</metadata></svg>"
    ),
    "deep.pdf": lambda: (
        b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/AF "
        + b"[" * 10**6
        + b">>\nendobj\ntrailer\n<</Size 2/Root 1 0 R>>\nstartxref\n9\n%%EOF"
    ),
}
"""Files of which the library would read for minutes, or deeper than any stack."""
