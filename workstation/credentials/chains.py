"""Reads from a credential with which certificates each of its manifests was signed, and who stamped it.

The C2PA library judges signatures but tells neither the certificates nor which of them it trusted for what.
So they are taken from where they lie: JUMBF boxes (ISO 19566-5), in them COSE signatures (RFC 9052, 9360) in
CBOR. Nothing here judges; what is not well formed is left out.
"""

from __future__ import annotations

import struct
import warnings
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.serialization.pkcs7 import load_der_pkcs7_certificates

from workstation.credentials.cbor import CborError, decoded

MOST_MANIFESTS, MOST_CERTIFICATES, LARGEST_SIGNATURE = 1000, 20, 1024 * 1024
_CHAIN = 33
"""The COSE header of the certificates; older credentials call it by its name."""


@dataclass(frozen=True, slots=True)
class Signed:
    """The certificates of one signature, the signer's first, and those in its time-stamp."""

    chain: tuple[x509.Certificate, ...] = ()
    stamp: tuple[x509.Certificate, ...] | None = None


def signatures(credential: bytes) -> dict[str, Signed]:
    """Return what was found for each manifest, by its label."""
    found: dict[str, Signed] = {}
    for label, body in _labelled(memoryview(credential), depth=2):
        if len(found) >= MOST_MANIFESTS:
            break
        boxes = [content for name, content in _labelled(body, depth=1) if name == "c2pa.signature"]
        if boxes:
            found[label] = _signed(boxes[0]) if len(boxes) == 1 and label not in found else Signed()
    return found


def _labelled(data: memoryview, depth: int) -> Iterator[tuple[str, memoryview]]:
    """Yield the labelled boxes inside the outermost one, or those directly in `data`."""
    for kind, content in _boxes(data):
        if kind != b"jumb":
            continue
        if depth == 2:
            yield from _labelled(content, 1)
            continue
        first = next(_boxes(content), None)
        if first is not None and first[0] == b"jumd":
            label = bytes(first[1][17:]).split(b"\0", 1)[0].decode(errors="replace")
            yield label, content


def _boxes(data: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    at = 0
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == 1 and at + 16 <= len(data):
            size, head = struct.unpack_from(">Q", data, at + 8)[0], 16
        elif size == 0:
            size = len(data) - at
        if size < head or at + size > len(data):
            return
        yield kind, data[at + head : at + size]
        at += size


def _signed(box: memoryview) -> Signed:
    body = next((content for kind, content in _boxes(box) if kind == b"cbor"), None)
    if body is None or len(body) > LARGEST_SIGNATURE:
        return Signed()
    try:
        message = decoded(bytes(body))
        protected, open_header = message[0], message[1]
        told = decoded(protected) if protected else {}
        headers = [part for part in (told, open_header) if isinstance(part, dict)]
    except (CborError, TypeError, IndexError, KeyError):
        return Signed()
    chains, stamps = _all(headers, _CHAIN, "x5chain"), _all(headers, "sigTst2", "sigTst")
    chain = _certificates(chains[0]) if len(chains) == 1 else ()
    return Signed(chain, _stamp(stamps[0]) if len(stamps) == 1 else () if stamps else None)


def _all(headers: list[dict[Any, Any]], *names: int | str) -> list[Any]:
    """Return every value under some names: of two nobody knows which the library takes."""
    return [header[name] for header in headers for name in names if name in header]


def _certificates(told: Any) -> tuple[x509.Certificate, ...]:
    parts = told if isinstance(told, list) else [told]
    found = []
    for part in parts[:MOST_CERTIFICATES]:
        if not isinstance(part, bytes):
            return ()
        try:
            found.append(x509.load_der_x509_certificate(part))
        except ValueError:
            return ()
    return tuple(found)


def _stamp(told: Any) -> tuple[x509.Certificate, ...] | None:
    """Return the certificates in a time-stamp, none of them where it is unreadable; None without a stamp."""
    tokens = told.get("tstTokens") if isinstance(told, dict) else None
    first = tokens[0] if isinstance(tokens, list) and tokens else None
    value = first.get("val") if isinstance(first, dict) else None
    if not isinstance(value, bytes):
        return None
    for data in (value, _inner(value)):  # the token alone, or in older credentials the whole answer
        with suppress(ValueError, UnsupportedAlgorithm, TypeError), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # authorities exist that do not sort their certificates
            return tuple(load_der_pkcs7_certificates(data)[:MOST_CERTIFICATES])
    return ()


def _inner(answer: bytes) -> bytes:
    """Return the token in a TimeStampResp: its second part."""
    try:
        body = asn1.decode_der(asn1.TLV, answer).data
        status = body[1] & 0x7F if len(body) > 1 else 0
        return bytes(body[2 + status :])
    except ValueError:
        return b""
