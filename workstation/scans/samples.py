"""What the samples in a TIFF mean: black is 0, palettes become RGB, one bit becomes 0 or 255.

What has no plain meaning as grey, RGB or either with alpha is refused here, in one sentence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from workstation.errors import ScanError
from workstation.scans.source import Pixels

COMPRESSIONS = {
    1: "none",
    2: "ccitt",
    3: "ccitt-fax3",
    4: "ccitt-fax4",
    5: "lzw",
    7: "jpeg",
    8: "deflate",
    32773: "packbits",
    32946: "deflate",
    33003: "jpeg2000",
    33005: "jpeg2000",
    34712: "jpeg2000",
    34925: "lzma",
    50000: "zstd",
    50001: "webp",
}
"""Compressions we decode: their decoders stand malformed bytes and say how large the result will be."""

_FOREIGN = {
    5: "in printing inks (CMYK)",
    8: "in CIELAB colour",
    9: "in ICCLAB colour",
    10: "in ITULAB colour",
    32803: "a camera's raw mosaic",
    32844: "in LogL light values",
    32845: "in LogLuv light values",
}
_WHITE_IS_ZERO, _PALETTE, _YCBCR = 0, 3, 6
_JPEG, _OLD_JPEG = 7, 6


@dataclass(frozen=True, slots=True)
class Samples:
    """How the decoded samples of a page become pixels."""

    channels: int
    dtype: np.dtype[Any]
    stored: np.dtype[Any]
    """The decoder's own type."""
    to_pixels: Callable[[Pixels], Pixels]


def samples_of(path: Path, page: Any) -> Samples:
    """Return what a tifffile page's samples mean, or raise ScanError where they have no plain meaning."""
    _check_supported(path, page)
    stored, channels, bits = np.dtype(page.dtype), int(page.samplesperpixel), int(page.bitspersample)
    photometric = int(page.photometric) if 262 in page.tags else 1
    if photometric == _PALETTE:
        return _palette(path, page, stored)
    steps: list[Callable[[Pixels], Pixels]] = []
    if photometric == _WHITE_IS_ZERO and stored.kind in "ub":
        steps.append(lambda block: _inverted(block, bits))
    if bits < 8:
        steps.append(lambda block: _stretched(block, bits))
    if photometric == _YCBCR and int(page.compression) != _JPEG:
        steps.append(_rgb_from_ycbcr)
    dtype = np.dtype(np.uint8) if bits < 8 else stored
    return Samples(channels, dtype, stored, _one_after_the_other(steps))


def _check_supported(path: Path, page: Any) -> None:
    compression, photometric = int(page.compression), int(page.photometric)
    if photometric in _FOREIGN and 262 in page.tags:
        raise ScanError(
            f"{path} is {_FOREIGN[photometric]}. Convert it to RGB or grey with its own profile first."
        )
    if compression == _OLD_JPEG:
        raise ScanError(
            f"{path} is compressed as old JPEG (TIFF 6), which no two programmes read alike. Convert it."
        )
    if compression not in COMPRESSIONS:
        raise ScanError(f"{path} is compressed in a way this programme does not read (TIFF {compression}).")
    if page.dtype is None or page.dtype.kind not in "buif" or not isinstance(page.bitspersample, int):
        raise ScanError(
            f"{path} has samples of a type this programme does not read ({page.bitspersample} bit)."
        )
    if photometric == _YCBCR and compression != _JPEG and page.dtype != np.uint8:
        raise ScanError(f"{path} is in YCbCr colour of {page.bitspersample} bit. Convert it to RGB first.")
    if page.imagedepth != 1 or page.tiledepth not in (0, 1):
        raise ScanError(f"{path} is a volume, not a picture. Save its slices as pages.")


def _palette(path: Path, page: Any, stored: np.dtype[Any]) -> Samples:
    colours = page.colormap
    if colours is None or page.samplesperpixel != 1 or stored.kind not in "bu" or stored.itemsize > 2:
        raise ScanError(f"{path} names a palette but has no usable one.")
    table = np.asarray(colours).reshape(3, -1).T
    table = (table if table.max(initial=0) < 256 else table >> 8).astype(np.uint8)
    if len(table) < 1 << int(page.bitspersample):
        raise ScanError(f"{path} has a palette of {len(table)} colours, too few for its pixels.")
    return Samples(3, np.dtype(np.uint8), stored, lambda block: table[block[..., 0].astype(np.intp)])


def _one_after_the_other(steps: list[Callable[[Pixels], Pixels]]) -> Callable[[Pixels], Pixels]:
    def convert(block: Pixels) -> Pixels:
        for step in steps:
            block = step(block)
        return block

    return convert


def _inverted(block: Pixels, bits: int) -> Pixels:
    return np.asarray(~block if block.dtype.kind == "b" else block.dtype.type((1 << bits) - 1) - block)


def _stretched(block: Pixels, bits: int) -> Pixels:
    """Spread 1 to 7 bits over 0 to 255."""
    top = (1 << bits) - 1
    table = ((np.arange(top + 1) * 255 + top // 2) // top).astype(np.uint8)
    return np.asarray(table[block.astype(np.uint8)])


def _rgb_from_ycbcr(block: Pixels) -> Pixels:
    y, cb, cr = (block[..., i].astype(np.float32) for i in range(3))
    cb -= 128
    cr -= 128
    rgb = np.stack([y + 1.402 * cr, y - 0.344136 * cb - 0.714136 * cr, y + 1.772 * cb], axis=-1)
    return np.asarray(np.clip(np.rint(rgb), 0, 255).astype(np.uint8))
