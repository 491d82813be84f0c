"""The one way a picture is halved: every level of every pyramid, stored or computed, is made with it."""

from __future__ import annotations

from typing import Any

import numpy as np

from workstation.scans.source import Pixels

_EXACT_CHANNELS, _EXACT_TYPES = (1, 3, 4), ("u1", "u2", "i2")
"""With these OpenCV rounds as we do, in a sixth of the time; with others it rounds halves to even."""
_NARROWED = 8
"""So many halvings at once are exact: OpenCV adds up 16 bits as single floats."""


def halve(pixels: Pixels) -> Pixels:
    """Return the 2×2 box means: sizes rounded up, the last row and column repeated, halves rounded up."""
    even = _even(pixels)
    if _fits_opencv(even):
        return _halve_exactly(even)
    if even.dtype.kind == "f":
        return _halve_floats(even)
    if even.dtype.itemsize == 8:
        return _halve_wide(even)
    return _halve_integers(even)


def halved_size(size: int, times: int = 1) -> int:
    """Return a height or width after so many halvings."""
    return -(-size // (1 << times))


def narrow(pixels: Pixels, steps: int) -> Pixels:
    """Return the means of 2^steps columns of each row, the last column repeated; rounded once or twice."""
    while steps > 0:
        once = min(steps, _NARROWED) if _fits_opencv(pixels) else 1
        pixels, steps = _narrowed(pixels, once), steps - once
    return pixels


def _narrowed(pixels: Pixels, steps: int) -> Pixels:
    height, width, channels = pixels.shape
    narrower = halved_size(width, steps)
    missing = (narrower << steps) - width
    if missing:
        pixels = np.pad(pixels, ((0, 0), (0, missing), (0, 0)), mode="edge")
    if not _fits_opencv(pixels):
        return halve(np.repeat(pixels, 2, axis=0))
    import cv2

    cv2.setNumThreads(1)
    means = cv2.resize(pixels, (narrower, height), interpolation=cv2.INTER_AREA)
    return np.asarray(means).reshape(height, narrower, channels)


def _fits_opencv(pixels: Pixels) -> bool:
    return pixels.dtype.str[1:] in _EXACT_TYPES and pixels.shape[2] in _EXACT_CHANNELS


def _halve_exactly(pixels: Pixels) -> Pixels:
    import cv2

    cv2.setNumThreads(1)  # whoever calls has threads of its own
    height, width, channels = pixels.shape
    halved = cv2.resize(pixels, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    return np.asarray(halved).reshape(height // 2, width // 2, channels)


def _even(pixels: Pixels) -> Pixels:
    odd_rows, odd_columns = pixels.shape[0] & 1, pixels.shape[1] & 1
    if not odd_rows and not odd_columns:
        return pixels
    return np.pad(pixels, ((0, odd_rows), (0, odd_columns), (0, 0)), mode="edge")


def _halve_integers(pixels: Pixels) -> Pixels:
    size = pixels.dtype.itemsize * 2
    total = _sum(pixels, np.dtype(f"{pixels.dtype.kind}{size}"))
    total += 2
    total >>= 2
    return total.astype(pixels.dtype)


def _halve_wide(pixels: Pixels) -> Pixels:
    """Halve 64-bit integers, whose sum of four would not fit."""
    total = _sum(pixels >> 2, pixels.dtype)
    total += (_sum(pixels & 3, pixels.dtype) + 2) >> 2
    return total


def _halve_floats(pixels: Pixels) -> Pixels:
    wide = np.dtype(np.float32 if pixels.dtype.itemsize == 2 else np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        total = _sum(pixels, wide)
        total *= 0.25
        return total.astype(pixels.dtype)


def _sum(pixels: Pixels, wide: np.dtype[Any]) -> Pixels:
    rows = np.add(pixels[0::2], pixels[1::2], dtype=wide)
    return np.asarray(rows[:, 0::2] + rows[:, 1::2])
