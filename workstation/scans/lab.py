"""CIELAB as sRGB. TIFF keeps it under D50; what lies outside sRGB is clipped. 16 bit stays 16 bit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from workstation.scans.source import Pixels

Light = npt.NDArray[np.float32]

_D50 = np.array([0.96422, 1.0, 0.82521], np.float32)
_SRGB_FROM_XYZ_D50 = np.array(
    [
        [3.1338561, -1.6168667, -0.4906146],
        [-0.9787684, 1.9161415, 0.0334540],
        [0.0719453, -0.2289914, 1.4052427],
    ],
    np.float32,
)
_EDGE = np.float32(6 / 29)


def rgb_from_lab(*, signed: bool) -> Callable[[Pixels], Pixels]:
    """Return what turns (h, w, 3) CIELAB and perhaps alpha into RGB and alpha of as many bits.

    `signed` is TIFF's own CIELAB, whose a and b are signed; else they are shifted, as in ICC profiles.
    """

    def convert(block: Pixels) -> Pixels:
        light = _lightness_first(block, signed)
        rgb = _samples(srgb_from_lab(light), block.dtype)
        return np.concatenate((rgb, block[..., 3:].view(rgb.dtype)), axis=-1)

    return convert


def srgb_from_lab(lab: Light) -> Light:
    """Return sRGB from 0 to 1 of CIELAB under D50 (L from 0 to 100)."""
    f = np.empty_like(lab)
    f[..., 1] = (lab[..., 0] + 16) / 116
    f[..., 0] = f[..., 1] + lab[..., 1] / 500
    f[..., 2] = f[..., 1] - lab[..., 2] / 200
    xyz = np.where(f > _EDGE, f * f * f, 3 * _EDGE * _EDGE * (f - np.float32(4 / 29))) * _D50
    linear = np.clip(xyz @ _SRGB_FROM_XYZ_D50.T, 0, 1)
    curved = np.float32(1.055) * linear ** np.float32(1 / 2.4) - np.float32(0.055)
    return np.asarray(np.where(linear <= 0.0031308, linear * np.float32(12.92), curved), np.float32)


def _lightness_first(block: Pixels, signed: bool) -> Light:
    """Return L from 0 to 100, a and b."""
    if block.dtype.kind == "f":
        return np.asarray(np.nan_to_num(block[..., :3]), np.float32)
    bits = block.dtype.itemsize * 8
    top, unit = (65280 if bits == 16 and not signed else (1 << bits) - 1), 1 << (bits - 8)
    lab = np.empty((*block.shape[:2], 3), np.float32)
    lab[..., 0] = block[..., 0].view(f"u{bits // 8}") * np.float32(100 / top)
    if signed:
        lab[..., 1:] = block[..., 1:3].view(f"i{bits // 8}")
        lab[..., 1:] /= unit
    else:
        lab[..., 1:] = block[..., 1:3]
        lab[..., 1:] = lab[..., 1:] / unit - 128
    return lab


def _samples(rgb: Light, dtype: np.dtype[Any]) -> Pixels:
    if dtype.kind == "f":
        return rgb.astype(dtype)
    bits = dtype.itemsize * 8
    return (rgb * ((1 << bits) - 1) + np.float32(0.5)).astype(f"u{bits // 8}")
