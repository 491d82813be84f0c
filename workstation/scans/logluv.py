"""LogLuv and LogL: light over many powers of ten in few bits, shown in 8 bits as libtiff shows it.

Only the run-length kind of 32 and 16 bits is read; what is brighter than 1 is clipped.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from workstation.scans.source import Pixels

Light = npt.NDArray[np.float64]

RUN_LENGTHS = 34676
_LOG_L, _LOG_LUV = 32844, 32845
_RGB_FROM_XYZ = np.array([[2.690, -1.276, -0.414], [-1.022, 1.978, 0.044], [0.061, -0.224, 1.163]])
_PAIR = 128


def is_light(page: Any) -> bool:
    """Tell whether a page holds light values that we read."""
    kinds = ((_LOG_L, 1), (_LOG_LUV, 3))
    known = (int(page.photometric), int(page.samplesperpixel)) in kinds and page.planarconfig == 1
    return bool(known and int(page.compression) == RUN_LENGTHS)


def light_decoder(page: Any) -> Callable[..., tuple[Pixels]]:
    """Return what decodes a piece to 8-bit grey or RGB; tifffile knows no LogLuv."""
    planes, show = (2, _grey) if int(page.photometric) == _LOG_L else (4, _rgb)

    def decode(data: bytes, index: int) -> tuple[Pixels]:
        if page.is_tiled:
            rows, columns = int(page.tilelength), int(page.tilewidth)
        else:
            strips = -(-page.imagelength // page.rowsperstrip)
            rows = min(page.rowsperstrip, page.imagelength - index % strips * page.rowsperstrip)
            columns = int(page.imagewidth)
        return (show(xyz_or_y(data, rows, columns, planes))[None],)

    return decode


def xyz_or_y(data: bytes, rows: int, columns: int, planes: int) -> Light:
    """Return (rows, columns, 3) XYZ of 32-bit LogLuv (4 planes), or (…, 1) Y of 16-bit LogL (2 planes)."""
    packed = _unpacked(data, rows, columns, planes).astype(np.int64)
    logarithm = packed[:, 0] << 8 | packed[:, 1]
    exponent = ((logarithm & 0x7FFF) + 0.5) / 256 - 64
    y = np.where(logarithm & 0x7FFF, np.exp2(exponent), 0) * np.where(logarithm & 0x8000, -1, 1)
    if planes == 2:
        return y[..., None]
    u, v = (packed[:, 2] + 0.5) / 410, (packed[:, 3] + 0.5) / 410
    return np.stack([9 * u / (4 * v) * y, y, (12 - 3 * u - 20 * v) / (4 * v) * y], axis=-1)


def _unpacked(data: bytes, rows: int, columns: int, planes: int) -> npt.NDArray[np.uint8]:
    """Return (rows, planes, columns) bytes: each row is so many planes of runs, the highest byte first."""
    out = np.zeros((rows, planes, columns), np.uint8)
    at = 0
    for line in out.reshape(-1, columns):
        done = 0
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
    return out


def _rgb(xyz: Light) -> Pixels:
    return _eight_bits(xyz @ _RGB_FROM_XYZ.T)


def _grey(y: Light) -> Pixels:
    return _eight_bits(y)


def _eight_bits(light: Light) -> Pixels:
    return np.asarray(np.minimum(256 * np.sqrt(np.clip(light, 0, 1)), 255)).astype(np.uint8)
