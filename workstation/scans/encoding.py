"""How a tile becomes bytes: the compressions a pyramid may have, and the TIFF tags that go with each."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

import imagecodecs
import numpy as np

from workstation.errors import UsageError
from workstation.scans.source import Pixels

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Compression: TypeAlias = Literal["none", "deflate", "zstd", "lzw", "jpegxl", "jpeg"]
COMPRESSIONS: tuple[Compression, ...] = get_args(Compression)
JPEG_QUALITY = 90
ZSTD_LEVEL = 3
DEFLATE_LEVEL = 6
JPEGXL_EFFORT = 2
"""One less is ten times as fast and nearly as small, but then hardly a flipped bit is noticed."""
GOOD_FOR: dict[Compression, str] = {
    "none": "fastest, largest",
    "deflate": "without loss, read by every programme",
    "zstd": "without loss, fast, any damage is noticed: for working files",
    "lzw": "without loss, for old programmes",
    "jpegxl": "without loss, smallest, slow; not all damage is noticed, few programmes read it",
    "jpeg": "small, with loss, 8 bit only: for looking",
}
"""What each is good for, in words for whoever has to choose."""
_NUMBERS: dict[Compression, int] = {"none": 1, "deflate": 8, "zstd": 50000, "lzw": 5, "jpeg": 7}


@dataclass(frozen=True, slots=True)
class Encoding:
    """One way to encode the tiles of one picture; `encode` is safe in many threads."""

    number: int
    """TIFF tag 259."""
    predictor: int
    """TIFF tag 317: 2 where neighbours are subtracted first."""
    ycbcr: bool
    """True for colour JPEG, whose tiles TIFF calls YCbCr."""
    encode: Callable[[Pixels], bytes]
    """Takes a tile as it lies in a larger block, too."""


def encoding_for(compression: Compression, channels: int, dtype: np.dtype[Any]) -> Encoding:
    """Return the encoder for tiles of such pixels, or raise UsageError where the two do not fit."""
    if compression not in COMPRESSIONS:
        raise UsageError(f"There is no compression {compression}. Use one of: {', '.join(COMPRESSIONS)}.")
    if dtype.kind not in "uif":
        raise UsageError(f"Samples of type {dtype} cannot be written. Use integers or floats.")
    if compression == "jpeg":
        return _jpeg(channels, dtype)
    if compression == "jpegxl":
        return _jpegxl(channels, dtype)
    if compression == "none":
        return Encoding(1, 1, False, lambda tile: tile.tobytes())
    predicts = dtype.kind in "ui" and dtype.itemsize <= 4
    return Encoding(_NUMBERS[compression], 2 if predicts else 1, False, _lossless(compression, predicts))


def _lossless(compression: Compression, predicts: bool) -> Callable[[Pixels], bytes]:
    compress: dict[str, Callable[[Any], bytes | bytearray]] = {
        "deflate": lambda tile: imagecodecs.deflate_encode(tile, level=DEFLATE_LEVEL, raw=False),
        "zstd": _zstd,
        "lzw": lambda tile: imagecodecs.lzw_encode(tile),
    }
    press = compress[compression]
    if not predicts:
        return lambda tile: bytes(press(tile.tobytes()))
    return lambda tile: bytes(press(_differences(tile)))


_here = threading.local()


def _zstd(tile: Any) -> bytes:
    """Encode with a checksum, which imagecodecs leaves out: without it most damage would pass unseen."""
    press: zstd.ZstdCompressor | None = getattr(_here, "zstd", None)
    if press is None:
        wanted = zstd.CompressionParameter
        press = _here.zstd = zstd.ZstdCompressor(
            options={wanted.compression_level: ZSTD_LEVEL, wanted.checksum_flag: 1}
        )
    return press.compress(tile, mode=press.FLUSH_FRAME)


def _differences(tile: Pixels) -> Pixels:
    """Subtract from each pixel its left neighbour, as predictor 2 does; overflow is meant.

    The next tile of this thread goes into the same memory: new pages for each would cost as much again.
    """
    out: Pixels | None = getattr(_here, "differences", None)
    if out is None or out.shape != tile.shape or out.dtype != tile.dtype:
        out = _here.differences = np.empty(tile.shape, tile.dtype)
    out[:, 0] = tile[:, 0]
    np.subtract(tile[:, 1:], tile[:, :-1], out=out[:, 1:])
    return out


_solid = np.ascontiguousarray


def _jpeg(channels: int, dtype: np.dtype[Any]) -> Encoding:
    if dtype != np.uint8 or channels not in (1, 3):
        raise UsageError(
            f"JPEG holds 8-bit grey or RGB only, not {channels} channels of {dtype}. Use zstd or deflate."
        )
    if channels == 1:
        return Encoding(
            7,
            1,
            False,
            lambda tile: bytes(imagecodecs.jpeg8_encode(_solid(tile[..., 0]), level=JPEG_QUALITY)),
        )
    return Encoding(7, 1, True, _ycbcr)


def _ycbcr(tile: Pixels) -> bytes:
    return bytes(
        imagecodecs.jpeg8_encode(
            _solid(tile), level=JPEG_QUALITY, colorspace="rgb", outcolorspace="ycbcr", subsampling="444"
        )
    )


def _jpegxl(channels: int, dtype: np.dtype[Any]) -> Encoding:
    """Encode without loss. Its 16-bit floats lose what is not a number, so they are refused."""
    if dtype not in (np.uint8, np.uint16, np.float32) or channels > 4:
        raise UsageError(
            "JPEG XL holds 8 or 16-bit integers or 32-bit floats of at most 4 channels, "
            f"not {channels} channels of {dtype}. Use zstd or deflate."
        )

    def encode(tile: Pixels) -> bytes:
        return bytes(
            imagecodecs.jpegxl_encode(_solid(tile), lossless=True, effort=JPEGXL_EFFORT, numthreads=1)
        )

    return Encoding(50002, 1, False, encode)
