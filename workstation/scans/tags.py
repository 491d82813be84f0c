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


def _pixels_per_mm(page: Any) -> float | None:
    value, unit = page.tags.valueof(282), page.tags.valueof(296, default=2)
    if not isinstance(value, tuple) or len(value) != 2 or unit not in _PER_MM:
        return None
    above, below = value
    return above / below / _PER_MM[unit] if above > 0 and below > 0 else None
