"""LogLuv and LogL: light over many powers of ten in few bits, shown in 8 bits as libtiff shows it.

Only the run-length kind of 32 and 16 bits is read; what is brighter than 1 is clipped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from workstation.scans.source import Pixels

Light = npt.NDArray[np.float64]

RUN_LENGTHS = 34676
_LOG_L, _LOG_LUV = 32844, 32845
_RGB_FROM_XYZ = np.array([[2.690, -1.276, -0.414], [-1.022, 1.978, 0.044], [0.061, -0.224, 1.163]])
_PAIR = 128
_PART = 1 << 18
"""So many pixels become light at once: each takes a hundred bytes on the way."""


def is_light(page: Any) -> bool:
    """Tell whether a page holds light values that we read."""
    kinds = ((_LOG_L, 1), (_LOG_LUV, 3))
    known = (int(page.photometric), int(page.samplesperpixel)) in kinds and page.planarconfig == 1
    return bool(known and int(page.compression) == RUN_LENGTHS)


def light_decoder(page: Any) -> Callable[..., tuple[Pixels]]:
    """Return what decodes a piece to 8-bit grey or RGB; tifffile knows no LogLuv."""
    planes = 2 if int(page.photometric) == _LOG_L else 4

    def decode(data: bytes, index: int) -> tuple[Pixels]:
        if page.is_tiled:
            rows, columns = int(page.tilelength), int(page.tilewidth)
        else:
            strips = -(-page.imagelength // page.rowsperstrip)
            rows = min(page.rowsperstrip, page.imagelength - index % strips * page.rowsperstrip)
            columns = int(page.imagewidth)
        pixels = np.empty((1, rows, columns, 1 if planes == 2 else 3), np.uint8)
        for y, x, light in light_of(data, rows, columns, planes):
            shown = light if planes == 2 else light @ _RGB_FROM_XYZ.T
            pixels[0, y : y + light.shape[0], x : x + light.shape[1]] = _eight_bits(shown)
        return (pixels,)

    return decode


def light_of(data: bytes, rows: int, columns: int, planes: int) -> Iterator[tuple[int, int, Light]]:
    """Yield first row, first column and light of one part after the other.

    Each row is so many planes of runs, the highest byte first. The light is (rows, columns, 3) XYZ of
    32-bit LogLuv (4 planes), or (…, 1) Y of 16-bit LogL (2 planes). ValueError where the data end too early.
    """
    at, high = 0, max(1, _PART // columns)
    for y in range(0, rows, high):
        packed = np.zeros((min(high, rows - y), planes, columns), np.uint8)
        for line in packed.reshape(-1, columns):
            at = _unpack(data, at, line)
        for x in range(0, columns, _PART):
            yield y, x, _xyz_or_y(packed[..., x : x + _PART].astype(np.int32))


def _xyz_or_y(packed: npt.NDArray[np.int32]) -> Light:
    logarithm = packed[:, 0] << 8 | packed[:, 1]
    exponent = ((logarithm & 0x7FFF) + 0.5) / 256 - 64
    y = np.where(logarithm & 0x7FFF, np.exp2(exponent), 0) * np.where(logarithm & 0x8000, -1, 1)
    if packed.shape[1] == 2:
        return y[..., None]
    u, v = (packed[:, 2] + 0.5) / 410, (packed[:, 3] + 0.5) / 410
    return np.stack([9 * u / (4 * v) * y, y, (12 - 3 * u - 20 * v) / (4 * v) * y], axis=-1)


def _unpack(data: bytes, at: int, line: npt.NDArray[np.uint8]) -> int:
    """Fill one plane of a row with its runs; return where those of the next one begin."""
    done, columns = 0, len(line)
    while done < columns:
        if at + 1 >= len(data):
            raise ValueError("its data end too early")
        count = data[at]
        if count >= _PAIR:
            count += 2 - _PAIR
            line[done : done + count] = data[at + 1]
            at += 2
        else:
            values = np.frombuffer(data[at + 1 : at + 1 + count], np.uint8)[: columns - done]
            line[done : done + len(values)] = values
            at += 1 + count
        done += count
    return at


def _eight_bits(light: Light) -> Pixels:
    return np.asarray(np.minimum(256 * np.sqrt(np.clip(light, 0, 1)), 255)).astype(np.uint8)
