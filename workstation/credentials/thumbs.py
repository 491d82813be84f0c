"""The small pictures that credentials carry: strangers' bytes, decoded within bounds and made anew."""

from __future__ import annotations

import io
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

LARGEST_THUMB, LARGEST_PIXELS = 4 * 1024 * 1024, 16_000_000
EDGE, QUALITY = 320, 82


def thumb_of(told: dict[str, Any], reader: Any) -> bytes | None:
    """Return the small picture of a manifest or an ingredient, as `told` by it; None where it has none."""
    named = told.get("thumbnail")
    place = named.get("identifier") if isinstance(named, dict) else None
    if not isinstance(place, str) or not place.startswith("self#jumbf="):
        return None
    from c2pa import C2paError

    bounded = _Bounded()
    with suppress(C2paError):
        reader.resource_to_stream(place, bounded)
        return small(bounded.getvalue())
    return None


def small(data: bytes, edge: int = EDGE) -> bytes | None:
    """Return a JPEG or PNG as an RGB JPEG of at most `edge` px, without metadata; None where it cannot be."""
    from PIL import Image

    if len(data) > LARGEST_THUMB:
        return None
    try:
        with _opened(data) as picture:
            if picture.width * picture.height > LARGEST_PIXELS:
                return None
            picture.draft("RGB", (2 * edge, 2 * edge))
            picture.thumbnail((edge, edge), Image.Resampling.LANCZOS)
            packed = io.BytesIO()
            picture.convert("RGB").save(packed, "JPEG", quality=QUALITY)
    except (OSError, ValueError, SyntaxError):
        return None
    return packed.getvalue()


def _opened(data: bytes) -> ImageFile:
    """Read the head of a picture. Not by Image.open, which warns on the terminal of sizes that we refuse.

    No WebP: its decoder takes memory for the whole picture before its size can be asked.
    """
    from PIL.JpegImagePlugin import JpegImageFile
    from PIL.PngImagePlugin import PngImageFile

    return PngImageFile(io.BytesIO(data)) if data.startswith(b"\x89PNG") else JpegImageFile(io.BytesIO(data))


class _Bounded(io.BytesIO):
    """Takes so much and no more."""

    def write(self, data: Any) -> int:
        """Take bytes; OSError where there would be too many."""
        if self.tell() + len(data) > LARGEST_THUMB:
            raise OSError("too large for a small picture")
        return super().write(data)
