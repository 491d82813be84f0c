"""YCbCr without JPEG: as RGB, also where neighbouring pixels share their colour (subsampling)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from workstation.scans.source import Pixels

_CODING = (0.299, 0.587, 0.114)
_REFERENCE = (0.0, 255.0, 128.0, 255.0, 128.0, 255.0)
PACKED = (1, 5, 8, 32773, 32946, 34925, 50000)
"""Compressions of bytes: what they hold may be packed in units of several pixels."""


def rgb_from_ycbcr(page: Any) -> Callable[[Pixels], Pixels]:
    """Return what turns 8-bit YCbCr into RGB, by the coding and the black and white that the page names.

    Channels beyond those three stay as they are.
    """
    black, white, blue_zero, blue_top, red_zero, red_top = _rationals(page, 532, _REFERENCE)
    red, green, blue = _rationals(page, 529, _CODING)
    y_scale, b_scale, r_scale = (
        255 / (white - black),
        127 / (blue_top - blue_zero),
        127 / (red_top - red_zero),
    )

    def convert(block: Pixels) -> Pixels:
        y = (block[..., 0].astype(np.float32) - black) * y_scale
        r = y + (block[..., 2].astype(np.float32) - red_zero) * (r_scale * (2 - 2 * red))
        b = y + (block[..., 1].astype(np.float32) - blue_zero) * (b_scale * (2 - 2 * blue))
        g = (y - blue * b - red * r) / green
        rgb = np.stack([r, g, b], axis=-1)
        eight = np.clip(np.rint(rgb), 0, 255).astype(np.uint8)
        return np.concatenate((eight, block[..., 3:]), axis=-1)

    return convert


def subsampled_decoder(page: Any) -> Callable[..., tuple[Pixels]]:
    """Return what decodes pieces made of units: the lumas of a few pixels, then their common Cb and Cr.

    It stands in for tifffile's own decoder, which refuses such pieces.
    """
    import tifffile

    across, down = page.subsampling
    compression, unit = int(page.compression), across * down + 2
    unpress = tifffile.TIFF.DECOMPRESSORS[compression] if compression != 1 else None

    def decode(data: bytes, index: int) -> tuple[Pixels]:
        rows, columns = _size(page, index)
        units_down, units_across = -(-rows // down), -(-columns // across)
        size = units_down * units_across * unit
        raw = data if unpress is None else unpress(data, out=size)
        units = np.frombuffer(raw, np.uint8, size).reshape(units_down, units_across, unit)
        lumas = units[..., :-2].reshape(units_down, units_across, down, across).swapaxes(1, 2)
        luma = lumas.reshape(units_down * down, units_across * across, 1)
        chroma = units[..., -2:].repeat(down, axis=0).repeat(across, axis=1)
        return (np.concatenate((luma, chroma), axis=-1)[None, :rows, :columns],)

    return decode


def is_packed(page: Any) -> bool:
    """Tell whether a page's data are units of several pixels that we unpack ourselves."""
    shared = page.subsampling is not None and tuple(page.subsampling) != (1, 1)
    return bool(shared and int(page.photometric) == 6 and int(page.compression) in PACKED)


def can_unpack(page: Any) -> bool:
    """Tell whether such data are as TIFF describes them."""
    sides = tuple(page.subsampling)
    plain = (
        page.planarconfig == 1 and page.samplesperpixel == 3 and page.predictor == 1 and page.fillorder == 1
    )
    return bool(plain and len(sides) == 2 and all(side in (1, 2, 4) for side in sides))


def _size(page: Any, index: int) -> tuple[int, int]:
    if page.is_tiled:
        return int(page.tilelength), int(page.tilewidth)
    return min(page.rowsperstrip, page.imagelength - index * page.rowsperstrip), int(page.imagewidth)


def _rationals(page: Any, code: int, default: tuple[float, ...]) -> tuple[float, ...]:
    """Return the numbers of a tag, or the default where they are no use."""
    value = page.tags.valueof(code)
    if not isinstance(value, tuple) or not all(isinstance(number, int | float) for number in value):
        return default
    if len(value) == 2 * len(default):
        value = tuple(a / b if b else 0.0 for a, b in zip(value[::2], value[1::2], strict=True))
    if len(value) != len(default):
        return default
    spans = value if len(value) == 3 else [b - a for a, b in zip(value[::2], value[1::2], strict=True)]
    return tuple(map(float, value)) if min(spans) > 0 and max(value) < 1e6 else default
