"""The certificates that signed, taken out of a credential's bytes, so that experts can compare fingerprints.

The library tells of a certificate its names and its serial number only. Boxes are those of JUMBF (ISO/IEC
19566-5), the signature is COSE (RFC 9052) in CBOR (RFC 8949) and holds its certificates under "x5chain" (RFC
9360). Nothing is judged here: what cannot be read is left out.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

DEEPEST, MOST_BOXES, MOST_ITEMS = 8, 20_000, 4096
SIGNATURE = "c2pa.signature"
LONGEST_LABEL = 1024
X5CHAIN = (33, "x5chain")


class _BrokenError(Exception):
    """The bytes are not what they should be."""


def fingerprints(credential: bytes) -> dict[tuple[str, str], str]:
    """Return the SHA-256 (64 hex digits) of signers' certificates, by manifest label and serial number."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    found: dict[tuple[str, str], str] = {}
    for label, cose in _signatures(memoryview(credential)):
        with suppress(_BrokenError, ValueError):
            certificate = x509.load_der_x509_certificate(_leaf(cose))
            serial = str(certificate.serial_number)
            found[label, serial] = certificate.fingerprint(hashes.SHA256()).hex()
    return found


def _signatures(data: memoryview) -> Iterator[tuple[str, bytes]]:
    """Yield the label of each manifest and the bytes of its signature."""
    with suppress(_BrokenError, struct.error):
        for store in _boxes(data, b"jumb"):
            for manifest in _boxes(store, b"jumb"):
                for part in _boxes(manifest, b"jumb"):
                    if _label(part) == SIGNATURE:
                        yield from ((_label(manifest), bytes(cose)) for cose in _boxes(part, b"cbor"))


def _boxes(data: memoryview, kind: bytes) -> Iterator[memoryview]:
    """Yield the contents of the boxes of one kind that lie in a row."""
    at = 0
    for _ in range(MOST_BOXES):
        if at + 8 > len(data):
            return
        size, head = struct.unpack_from(">I", data, at)[0], 8
        if size == 1:
            size, head = struct.unpack_from(">Q", data, at + 8)[0], 16
        elif size == 0:
            size = len(data) - at
        if size < head or at + size > len(data):
            raise _BrokenError
        if data[at + 4 : at + 8] == kind:
            yield data[at + head : at + size]
        at += size


def _label(box: memoryview) -> str:
    """Return the label of a superbox: after the 16 bytes of its kind and one of flags."""
    described = bytes(next(_boxes(box, b"jumd"), memoryview(b""))[:LONGEST_LABEL])
    if len(described) < 18 or not described[16] & 2:
        return ""
    return described[17:].partition(b"\0")[0].decode(errors="replace")


def _leaf(cose: bytes) -> bytes:
    """Return the first certificate of a signature."""
    parts, _ = _item(cose, 0, 0)
    if not isinstance(parts, list) or len(parts) != 4:
        raise _BrokenError
    protected = _item(parts[0], 0, 0)[0] if isinstance(parts[0], bytes) and parts[0] else {}
    for headers in (protected, parts[1]):
        for name in X5CHAIN:
            chain = headers.get(name) if isinstance(headers, dict) else None
            leaf = chain[0] if isinstance(chain, list) and chain else chain
            if isinstance(leaf, bytes):
                return leaf
    raise _BrokenError


def _item(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    """Read one item of CBOR; return it and where the next one begins. Broken numbers become None."""
    if depth > DEEPEST or at >= len(data):
        raise _BrokenError
    major, short = data[at] >> 5, data[at] & 31
    at += 1
    if short < 24:
        value = short
    elif short < 28:
        width = 1 << (short - 24)
        if at + width > len(data):
            raise _BrokenError
        value = int.from_bytes(data[at : at + width], "big")
        at += width
    else:
        raise _BrokenError  # of no known length: never in what C2PA signs
    if major < 2:
        return (value if major == 0 else -1 - value), at
    if major in (2, 3):
        return _text(data, at, value, major == 3), at + value
    if major in (4, 5):
        return _many(data, at, value, major == 5, depth)
    return _item(data, at, depth + 1) if major == 6 else (None, at)


def _text(data: bytes, at: int, size: int, is_text: bool) -> bytes | str:
    if at + size > len(data):
        raise _BrokenError
    found = data[at : at + size]
    return found.decode(errors="replace") if is_text else found


def _many(data: bytes, at: int, count: int, is_map: bool, depth: int) -> tuple[Any, int]:
    if count > MOST_ITEMS:
        raise _BrokenError
    parts: list[Any] = []
    for _ in range(2 * count if is_map else count):
        part, at = _item(data, at, depth + 1)
        parts.append(part)
    if not is_map:
        return parts, at
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return {key: value for key, value in pairs if isinstance(key, int | str)}, at
