"""Small pictures for lists, credentials and reports: 8-bit sRGB-like JPEGs made from a coarse level."""

from __future__ import annotations

import io

import numpy as np

from workstation.scans.source import Pixels, TileSource, coarsest_below


def thumbnail(source: TileSource, size: int = 512, quality: int = 85) -> bytes:
    """Return a JPEG whose longer side is at most `size` px; a giant scan's level 0 is never read."""
    from PIL import Image

    picture = Image.fromarray(display(_coarse(source, size)))
    picture.thumbnail((size, size), Image.Resampling.LANCZOS, reducing_gap=3.0)
    packed = io.BytesIO()
    picture.convert("RGB").save(packed, "JPEG", quality=quality)
    return packed.getvalue()


def display(pixels: Pixels) -> Pixels:
    """Return samples as uint8 for a screen: (h, w) for grey, (h, w, 3) for colour; alpha is left out.

    Integers are scaled by their type's range, floats are taken as 0 to 1.
    """
    colour = pixels[..., :3] if pixels.shape[-1] >= 3 else pixels[..., 0]
    if colour.dtype == np.uint8:
        return np.ascontiguousarray(colour)
    if colour.dtype.kind == "f":
        return np.asarray(np.clip(np.nan_to_num(colour), 0, 1) * 255 + 0.5).astype(np.uint8)
    if colour.dtype == np.bool_:
        return np.asarray(colour).astype(np.uint8) * np.uint8(255)
    top = np.iinfo(colour.dtype).max
    return (np.clip(colour, 0, None).astype(np.float64) * (255 / top) + 0.5).astype(np.uint8)


def _coarse(source: TileSource, size: int) -> Pixels:
    """Read the finest level of at most 16 times the thumbnail's pixels."""
    index = coarsest_below(source, 16 * size * size)
    level = source.levels[index]
    return source.read(index, 0, level.height, 0, level.width)
