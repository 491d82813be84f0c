"""What a TIFF says about itself in words and bytes: name, description, profile, scale."""

from __future__ import annotations

from typing import Any

from workstation.scans.source import Metadata

_PER_MM = {2: 25.4, 3: 10.0}  # resolution units: inch, centimetre
_MAX_BYTES = 64 << 20


def metadata_of(page: Any) -> Metadata:
    """Return what travels with the pixels of a tifffile page."""
    description = _text(page, 270)
    if description is not None and description.startswith('{"shape":'):
        description = None  # tifffile's own note about the array, not a person's words
    return Metadata(
        pixels_per_mm=_pixels_per_mm(page),
        icc=_bytes(page, 34675),
        xmp=_bytes(page, 700),
        description=description,
        page_name=_text(page, 285),
        artist=_text(page, 315),
        copyright=_text(page, 33432),
        white=_white(page),
    )


def _text(page: Any, code: int) -> str | None:
    value = page.tags.valueof(code)
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return value.strip("\0 \n") or None if isinstance(value, str) else None


def _bytes(page: Any, code: int) -> bytes | None:
    tag = page.tags.get(code)
    if tag is None or tag.count > _MAX_BYTES:
        return None
    value = tag.value
    if isinstance(value, str):
        return value.encode()
    return bytes(value) if isinstance(value, bytes) and value else None


def _white(page: Any) -> int | None:
    """Return the highest sample of scans of 9 to 15 or 24 bits, also where we kept such a scan in more bits.

    Other programmes put any number into tag 281 (the highest sample used): only all bits set counts.
    """
    bits = page.bitspersample
    if page.dtype is None or page.dtype.kind != "u" or not isinstance(bits, int) or bits <= 8:
        return None
    if bits not in (16, 32, 64):
        return (1 << bits) - 1
    most = page.tags.valueof(281)
    most = most[0] if isinstance(most, tuple) and len(set(most)) == 1 else most
    if isinstance(most, int) and 255 < most < (1 << bits) - 1 and most & (most + 1) == 0:
        return most
    return None


def _pixels_per_mm(page: Any) -> float | None:
    value, unit = page.tags.valueof(282), page.tags.valueof(296, default=2)
    if not isinstance(value, tuple) or len(value) != 2 or not isinstance(unit, int) or unit not in _PER_MM:
        return None
    above, below = value
    return above / below / _PER_MM[unit] if above > 0 and below > 0 else None
