"""What the samples in a TIFF mean: black is 0, one bit becomes 0 or 255; palette, inks, CIELAB become RGB.

Each family of colours has a module of its own (`inks`, `lab`, `ycbcr`, `alpha`). What has no plain meaning as
grey, RGB or either with alpha is refused here, in one sentence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from workstation.errors import ScanError
from workstation.scans.alpha import ALPHA, OTHER, PREMULTIPLIED, straight
from workstation.scans.inks import rgb_from_inks
from workstation.scans.lab import rgb_from_lab
from workstation.scans.logluv import is_light
from workstation.scans.source import Pixels
from workstation.scans.ycbcr import can_unpack, is_packed, rgb_from_ycbcr

Converter: TypeAlias = Callable[[Pixels], Pixels]

COMPRESSIONS = {
    1: "none",
    2: "ccitt",
    3: "ccitt-fax3",
    4: "ccitt-fax4",
    5: "lzw",
    6: "old jpeg",
    7: "jpeg",
    8: "deflate",
    32773: "packbits",
    32946: "deflate",
    33003: "jpeg2000",
    33005: "jpeg2000",
    34712: "jpeg2000",
    34676: "sgilog",
    34887: "lerc",
    34925: "lzma",
    50000: "zstd",
    50001: "webp",
    50002: "jpegxl",
    52546: "jpegxl",
}
"""Compressions we decode: their decoders stand malformed bytes and say how large the result will be."""

MAX_CHANNELS = 256

_FOREIGN = {
    10: "in ITULAB colour",
    32803: "a camera's raw mosaic",
    32844: "in LogL light values",
    32845: "in LogLuv light values",
}
_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE, _INKS, _YCBCR, _CIELAB, _ICCLAB = 0, 1, 2, 3, 5, 6, 8, 9
_JPEG, _OLD_JPEG, _LERC = 7, 6, 34887
_NOT_CMYK = 2
_GREY_OR_RGB = (_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _YCBCR)


@dataclass(frozen=True, slots=True)
class Samples:
    """How the decoded samples of a page become pixels."""

    channels: int
    dtype: np.dtype[Any]
    stored: np.dtype[Any]
    """The decoder's own type."""
    to_pixels: Callable[[Pixels], Pixels]
    made_from: str | None = None
    """Which colours the file holds and how they became sRGB; None where the pixels are the file's own."""
    extra: tuple[int, ...] | None = None
    """What each channel beyond grey or RGB is, as in Metadata; None where the file does not say it."""


def samples_of(path: Path, page: Any) -> Samples:
    """Return what a tifffile page's samples mean, or raise ScanError where they have no plain meaning."""
    if is_light(page):
        shown = np.dtype(np.uint8)
        return Samples(int(page.samplesperpixel), shown, shown, lambda block: block, "LogLuv light", ())
    _check_supported(path, page)
    stored = np.dtype(page.dtype)
    photometric = _photometric(page)
    if photometric == _PALETTE:
        return _palette(path, page, stored)
    if photometric in (_INKS, _CIELAB, _ICCLAB):
        return _foreign(path, page, stored, photometric)
    return _plain(page, stored, photometric)


def _photometric(page: Any) -> int:
    return int(page.photometric) if 262 in page.tags else 1


def _plain(page: Any, stored: np.dtype[Any], photometric: int) -> Samples:
    """Return what grey, RGB and YCbCr mean."""
    channels, bits = int(page.samplesperpixel), int(page.bitspersample)
    steps: list[Converter] = []
    if photometric == _WHITE_IS_ZERO and stored.kind in "ub":
        steps.append(lambda block: _inverted(block, bits))
    if bits < 8:
        steps.append(lambda block: _stretched(block, bits))
    if photometric == _YCBCR and int(page.compression) != _JPEG:
        steps.append(rgb_from_ycbcr(page))
    colours = 3 if photometric in (_RGB, _YCBCR) else 1
    kinds = _kinds(page, colours)
    divided = _without_premultiplied(kinds, colours, stored, bits)
    steps += divided
    dtype = np.dtype(np.uint8) if bits < 8 else stored
    extra = tuple(ALPHA if divided and kind == PREMULTIPLIED else kind for kind in kinds)
    said = extra if 262 in page.tags and photometric in _GREY_OR_RGB else None
    return Samples(channels, dtype, stored, _one_after_the_other(steps), extra=said)


def _foreign(path: Path, page: Any, stored: np.dtype[Any], photometric: int) -> Samples:
    """Return how inks or CIELAB become sRGB, with alpha where there is one; spot colours are left out."""
    colours = 4 if photometric == _INKS else 3
    further = int(page.samplesperpixel) - colours
    what = "in printing inks" if photometric == _INKS else "in CIELAB colour"
    if further < 0 or (photometric == _INKS and page.tags.valueof(332) == _NOT_CMYK):
        raise ScanError(
            f"{path} is {what} with {page.samplesperpixel} channels, which this programme does not read. "
            "Convert it to RGB first."
        )
    alpha = tuple(kind for kind in _kinds(page, colours)[:1] if kind != OTHER)
    if int(page.bitspersample) not in (8, 16, 32) or (stored.kind != "f" and stored.itemsize > 2):
        raise ScanError(f"{path} is {what} of {page.bitspersample} bit. Convert it to RGB first.")
    dtype = stored if stored.kind == "f" else np.dtype(f"u{stored.itemsize}")
    if photometric == _INKS:
        to_rgb, made_from = rgb_from_inks(page.tags.valueof(34675))
    else:
        to_rgb, made_from = rgb_from_lab(signed=photometric == _CIELAB), "CIELAB under D50"
    if further > len(alpha):
        made_from += f", leaving out {further - len(alpha)} of its {page.samplesperpixel} channels"
    kept = colours + len(alpha)
    divided = _without_premultiplied(alpha, colours, dtype, int(page.bitspersample))
    steps = [lambda block: block[..., :kept].view(dtype), *divided, to_rgb]
    extra = (ALPHA,) * len(alpha)
    return Samples(3 + len(alpha), dtype, stored, _one_after_the_other(steps), made_from, extra)


def _kinds(page: Any, colours: int) -> tuple[int, ...]:
    """Return what each channel beyond the colours is, 0 where the file does not say it."""
    further = max(int(page.samplesperpixel) - colours, 0)
    told = [int(kind) if kind in (PREMULTIPLIED, ALPHA) else OTHER for kind in page.extrasamples]
    return tuple([*told, *[OTHER] * further][:further])


def _without_premultiplied(
    kinds: tuple[int, ...], colours: int, stored: np.dtype[Any], bits: int
) -> list[Converter]:
    """Return what takes alpha out of the colours, where it is in them and the samples can be divided."""
    if PREMULTIPLIED not in kinds or stored.kind not in "buf" or (stored.kind == "u" and stored.itemsize > 4):
        return []
    top = 255 if bits < 8 else (1 << bits) - 1
    return [straight(colours, colours + kinds.index(PREMULTIPLIED), top)]


def _check_supported(path: Path, page: Any) -> None:
    compression, photometric = int(page.compression), int(page.photometric)
    if photometric in _FOREIGN and 262 in page.tags:
        raise ScanError(
            f"{path} is {_FOREIGN[photometric]}. Convert it to RGB or grey with its own profile first."
        )
    if (
        compression == _OLD_JPEG
        or compression not in COMPRESSIONS
        or (compression == _LERC and _is_pressed_twice(page))
    ):
        raise ScanError(f"{path} is compressed in a way this programme does not read (TIFF {compression}).")
    if page.dtype is None or page.dtype.kind not in "buif" or not isinstance(page.bitspersample, int):
        raise ScanError(
            f"{path} has samples of a type this programme does not read ({_bits(page)}). "
            "Save it in 8 or 16 bit."
        )
    if not 1 <= int(page.samplesperpixel) <= MAX_CHANNELS:
        raise ScanError(
            f"{path} says it has {page.samplesperpixel} channels; this programme reads 1 to {MAX_CHANNELS}."
        )
    if photometric == _YCBCR and compression != _JPEG and page.dtype != np.uint8:
        raise ScanError(f"{path} is in YCbCr colour of {page.bitspersample} bit. Convert it to RGB first.")
    if photometric == _YCBCR and int(page.samplesperpixel) < 3:
        raise ScanError(f"{path} is damaged: it says it is in colour but has one channel. Get a good copy.")
    if is_packed(page) and not can_unpack(page):
        raise ScanError(f"{path} is in YCbCr colour, packed in an unusual way. Convert it to RGB first.")
    if page.imagedepth != 1 or page.tiledepth not in (0, 1):
        raise ScanError(f"{path} is a volume, not a picture. Save its slices as pages.")


def _bits(page: Any) -> str:
    bits = page.bitspersample
    return f"{bits} bit" if isinstance(bits, int) else "channels of different depth"


def _is_pressed_twice(page: Any) -> bool:
    parameters = page.tags.valueof(50674)
    return isinstance(parameters, tuple) and len(parameters) > 1 and parameters[1] != 0


def _palette(path: Path, page: Any, stored: np.dtype[Any]) -> Samples:
    table = np.asarray(page.colormap)
    whole = table.dtype.kind in "ui" and table.size % 3 == 0
    if not whole or page.samplesperpixel != 1 or stored.kind not in "bu" or stored.itemsize > 2:
        raise ScanError(f"{path} names a palette but has no usable one.")
    table = table.reshape(3, -1).T
    table = (table if table.max(initial=0) < 256 else table >> 8).astype(np.uint8)
    if len(table) < 1 << int(page.bitspersample):
        raise ScanError(f"{path} has a palette of {len(table)} colours, too few for its pixels.")
    return Samples(
        3, np.dtype(np.uint8), stored, lambda block: table[block[..., 0].astype(np.intp)], extra=()
    )


def _one_after_the_other(steps: list[Converter]) -> Converter:
    def convert(block: Pixels) -> Pixels:
        for step in steps:
            block = step(block)
        return block

    return convert


def _inverted(block: Pixels, bits: int) -> Pixels:
    """Make black 0; what lies beside the grey, such as alpha, is not light and stays."""
    out = block.copy()
    grey = block[..., 0]
    out[..., 0] = ~grey if block.dtype.kind == "b" else block.dtype.type((1 << bits) - 1) - grey
    return out


def _stretched(block: Pixels, bits: int) -> Pixels:
    """Spread 1 to 7 bits over 0 to 255."""
    top = (1 << bits) - 1
    table = ((np.arange(top + 1) * 255 + top // 2) // top).astype(np.uint8)
    return np.asarray(table[block.astype(np.uint8)])
