"""What a scan says of itself, as this programme reads it, and the tags that say it again in what we write."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from workstation import VERSION
from workstation.scans.source import Metadata
from workstation.scans.tag import ASCII, BYTE, RATIONAL, SHORT, UNDEFINED, Tag

SOFTWARE = f"Conservation Workstation {VERSION}"
_SOFTWARE, _PROCESSING_SOFTWARE = 305, 11
_DESCRIPTION, _PAGE_NAME, _ARTIST, _COPYRIGHT, _ICC, _XMP = 270, 285, 315, 33432, 34675, 700
_ACROSS, _DOWN, _UNIT = 282, 283, 296
_PER_MM = {2: 25.4, 3: 10.0}  # resolution units: inch, centimetre


def said_by(tags: Mapping[int, Tag]) -> Metadata:
    """Return what tags say."""
    return Metadata(
        pixels_per_mm=pixels_per_mm(tags, _ACROSS),
        icc=_bytes_of(tags.get(_ICC)),
        xmp=_bytes_of(tags.get(_XMP)),
        description=text_of(tags.get(_DESCRIPTION)),
        page_name=text_of(tags.get(_PAGE_NAME)),
        artist=text_of(tags.get(_ARTIST)),
        copyright=text_of(tags.get(_COPYRIGHT)),
    )


def tags_saying(metadata: Metadata) -> list[Tag]:
    """Return all tags of a picture that we write: the scan's own bytes wherever they still say what is so.

    The scan's Software keeps its place; ours is told in ProcessingSoftware, and in the credential.
    """
    tags = {tag.code: tag for tag in metadata.carried().tags}
    says = said_by(tags)
    for name, (codes, made) in _FIELDS.items():
        value = getattr(metadata, name)
        if value != getattr(says, name):
            tags = {code: tag for code, tag in tags.items() if code not in codes}
            tags |= {tag.code: tag for tag in (made(value) if value else ())}
    tags.setdefault(_SOFTWARE, _text(_SOFTWARE, SOFTWARE))
    tags[_PROCESSING_SOFTWARE] = _text(_PROCESSING_SOFTWARE, SOFTWARE)
    return list(tags.values())


def text_of(tag: Tag | None) -> str | None:
    """Return a tag's words; older programmes write them as Windows does."""
    if tag is None or tag.kind not in (ASCII, BYTE, UNDEFINED):
        return None
    try:
        text = tag.data.decode()
    except UnicodeDecodeError:
        text = tag.data.decode("cp1252", "replace")
    return text.strip("\0 \n").replace("\0", "; ") or None


def _bytes_of(tag: Tag | None) -> bytes | None:
    return (tag.data or None) if tag else None


def pixels_per_mm(tags: Mapping[int, Tag], code: int) -> float | None:
    """Return the scale that the resolution of that code (across or down) gives; None where it has no unit."""
    scale, unit = tags.get(code), tags.get(_UNIT)
    number = int.from_bytes(unit.data, "little") if unit else 2
    if scale is None or scale.kind != RATIONAL or scale.count != 1 or number not in _PER_MM:
        return None
    above, below = struct.unpack("<II", scale.data)
    return above / below / _PER_MM[number] if above and below else None


def _scale(pixels_per_mm: float) -> list[Tag]:
    """Give the scale in pixels per centimetre, as the nearest fraction that fits."""
    exact = Fraction(pixels_per_mm * 10)
    scale = exact.limit_denominator(10**5 if exact < 2**15 else 1)
    pair = struct.pack("<II", min(scale.numerator, 2**32 - 1), scale.denominator)
    return [Tag(_ACROSS, RATIONAL, pair), Tag(_DOWN, RATIONAL, pair), Tag(_UNIT, SHORT, struct.pack("<H", 3))]


def _text(code: int, text: str) -> Tag:
    return Tag(code, ASCII, text.replace("\0", " ").encode() + b"\0")


def _words(code: int) -> tuple[tuple[int, ...], Callable[[Any], list[Tag]]]:
    return (code,), lambda text: [_text(code, text)]


def _bytes(code: int, kind: int) -> tuple[tuple[int, ...], Callable[[Any], list[Tag]]]:
    return (code,), lambda data: [Tag(code, kind, data)]


_FIELDS: dict[str, tuple[tuple[int, ...], Callable[[Any], list[Tag]]]] = {
    "pixels_per_mm": ((_ACROSS, _DOWN, _UNIT), _scale),
    "icc": _bytes(_ICC, UNDEFINED),
    "xmp": _bytes(_XMP, BYTE),
    "description": _words(_DESCRIPTION),
    "page_name": _words(_PAGE_NAME),
    "artist": _words(_ARTIST),
    "copyright": _words(_COPYRIGHT),
}
READ = frozenset(code for codes, _ in _FIELDS.values() for code in codes)
"""The tags that are read whenever a scan is opened; all others only when somebody asks."""
