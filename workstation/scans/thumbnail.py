"""Small pictures for lists, credentials and reports: 8-bit JPEGs in sRGB made from a coarse level."""

from __future__ import annotations

import io

import numpy as np

from workstation.scans.colour import SRGB, Display, conversion
from workstation.scans.computed import LARGE_PIXELS, ComputedGrid
from workstation.scans.hatch import hatched
from workstation.scans.scan import Scan
from workstation.scans.source import Pixels, TileSource, coarsest_below, colours_of


def thumbnail(source: TileSource, size: int = 512, quality: int = 85, through: Display = SRGB) -> bytes:
    """Return a JPEG whose longer side is at most `size` px; a giant scan's level 0 is never read.

    What leaves the house is in sRGB; `through` is for what is shown on the user's own screen.
    """
    from PIL import Image

    metadata, (level, pixels) = source.metadata, _coarse(source, size)
    shown = display(pixels[..., : colours_of(source)], metadata.icc, through, metadata.white)
    picture = Image.fromarray(hatched(shown, source, level, 0, 0))
    picture.thumbnail((size, size), Image.Resampling.LANCZOS, reducing_gap=3.0)
    packed = io.BytesIO()
    picture.convert("RGB").save(packed, "JPEG", quality=quality)
    return packed.getvalue()


def is_quick(scan: Scan, size: int = 512) -> bool:
    """Tell whether a thumbnail comes from levels that lie in a file, or from few pixels."""
    index = coarsest_below(scan, 16 * size * size)
    while index and isinstance(scan.grid(index), ComputedGrid):
        index -= 1
    return scan.levels[index].height * scan.levels[index].width <= LARGE_PIXELS


def display(
    pixels: Pixels, icc: bytes | None = None, through: Display = SRGB, white: int | None = None
) -> Pixels:
    """Return samples as uint8 for a screen: (h, w) for grey, (h, w, 3) for colour; alpha is left out."""
    convert = conversion(icc, pixels.shape[-1], through, white)
    shown = convert(pixels)
    small = shown if shown.dtype == np.uint8 else np.rint(shown / np.float32(257)).astype(np.uint8)
    is_grey = pixels.shape[-1] < 3 and convert.work is None
    return np.ascontiguousarray(small[..., 0]) if is_grey else small


def _coarse(source: TileSource, size: int) -> tuple[int, Pixels]:
    """Read the finest level of at most 16 times the thumbnail's pixels."""
    index = coarsest_below(source, 16 * size * size)
    level = source.levels[index]
    return index, source.read(index, 0, level.height, 0, level.width)
