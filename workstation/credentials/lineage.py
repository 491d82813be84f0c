"""The chain of ancestors, checked by ourselves from the raw bytes of a credential.

Every credential holds those of its ancestors, and says of each the hash that all its bytes had (C2PA
specification, "Ingredients": hashed URI of the active manifest). The library checks that against what it
makes of the bytes, so that a changed bit in what it passes over is not seen; and where it cannot read one
record it reads none and does not tell which. (JUMBF: ISO 19566-5.)
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from workstation.credentials.cbor import CborError, decoded

LARGEST_ASSERTION, LARGEST_CHAIN, MOST_ITEMS = 1 << 20, 8 << 20, 50_000
"""Of what a credential tells of one file, and of all together, so many bytes and items are read."""
MOST_ASSERTIONS, MOST_MANIFESTS = 4096, 4096
_MANIFEST = re.compile(
    rb"(....)jumb....jumd.{16}.((?:urn:[a-z0-9]{1,32}:|[a-z]{1,32}:urn:)[!-~]{1,200})\0", re.DOTALL
)
"""Every part is bounded, or a long run of letters would be gone through again from each of its places."""
_INGREDIENT = re.compile(rb"c2pa\.ingredient(?:\.v\d)?(?:__\d+)?\0")
_CBOR = re.compile(rb"(....)cbor", re.DOTALL)
_GAP = 64
"""At most so many bytes lie between the name of an assertion and its content."""
_BOX_HEAD = 8
"""Size and kind of a box, which the hash leaves out."""
_HASHES = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}


@dataclass(frozen=True, slots=True)
class Torn:
    """An ancestor whose record is not the one that was signed."""

    label: str
    """Of its manifest."""
    title: str


def torn(credential: bytes) -> tuple[Torn, ...]:
    """Return the ancestors whose records are changed, cut or gone; any bytes may be given."""
    manifests = _manifests(credential)
    found: dict[str, Torn] = {}
    room = LARGEST_CHAIN
    digests: dict[tuple[str, tuple[int, int]], bytes] = {}
    for start, end in manifests.values():
        for data in _ingredients(credential, start, end):
            room -= len(data)
            bad = _torn(data, credential, manifests, digests) if room > 0 else None
            if bad is not None:
                found.setdefault(bad.label, bad)
    return tuple(found.values())


def _torn(
    data: bytes,
    credential: bytes,
    manifests: Mapping[str, tuple[int, int]],
    digests: dict[tuple[str, tuple[int, int]], bytes],
) -> Torn | None:
    """Return the ancestor that `data` names unless it is whole; `digests` keeps what was hashed once."""
    try:
        told = decoded(data, MOST_ITEMS)
    except CborError:
        return None
    if not isinstance(told, dict):
        return None
    reference = told.get("activeManifest")  # older claims were hashed in other ways
    if not isinstance(reference, dict):
        return None
    label = str(reference.get("url", "")).rpartition("/c2pa/")[2]
    wanted, name = reference.get("hash"), str(reference.get("alg", "sha256"))
    if not label or "/" in label or not isinstance(wanted, bytes) or name not in _HASHES:
        return None
    place = manifests.get(label)
    if place is not None and _is_whole(credential, place):
        if (name, place) not in digests:
            content = memoryview(credential)[place[0] + _BOX_HEAD : place[1]]
            digests[name, place] = _HASHES[name](content).digest()
        if digests[name, place] == wanted:
            return None
    return Torn(label, str(told.get("dc:title") or ""))


def _is_whole(credential: bytes, place: tuple[int, int]) -> bool:
    start, end = place
    return int.from_bytes(credential[start : start + 4], "big") == end - start


def _manifests(credential: bytes) -> dict[str, tuple[int, int]]:
    """Return where every manifest lies, from its box to the next one's, whatever sizes the boxes tell."""
    starts: list[tuple[int, str]] = []
    for match in _MANIFEST.finditer(credential):
        if len(starts) >= MOST_MANIFESTS:
            break
        starts.append((match.start(), match.group(2).decode("ascii")))
    borders = [*(start for start, _ in starts), len(credential)]
    return {label: (start, end) for (start, label), end in zip(starts, borders[1:], strict=False)}


def _ingredients(credential: bytes, start: int, end: int) -> Iterator[bytes]:
    """Yield what a manifest tells of each file that went in, as CBOR."""
    for number, match in enumerate(_INGREDIENT.finditer(credential, start, end)):
        if number >= MOST_ASSERTIONS:
            return
        box = _CBOR.search(credential, match.end(), min(end, match.end() + _GAP))
        if box is None:
            continue
        size = int.from_bytes(box.group(1), "big") - _BOX_HEAD
        if not 0 < size <= min(LARGEST_ASSERTION, end - box.end()):
            continue
        yield credential[box.end() : box.end() + size]
