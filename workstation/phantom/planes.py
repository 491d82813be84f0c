"""Small work on whole planes of samples: softening, making coarser and finer, and how far the outlines are.

Written in a few lines of numpy because the library that has them takes longer to load than they take to run.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from workstation.phantom.noise import Floats


def softened(plane: npt.NDArray[Any], radius: float) -> Floats:
    """Blur rows × columns (× channels) by a bell curve of that many samples; a wide one on fewer samples."""
    if radius < 0.2:
        return plane
    if radius > 1.3:
        return doubled(softened(halved(plane), (radius * radius - 0.5) ** 0.5 / 2), plane.shape)
    return smooth(smooth(plane, radius, 0), radius, 1)


def smooth(plane: Floats, radius: float, axis: int) -> Floats:
    """Blur along one axis only; beyond the edge the last sample repeats."""
    reach, size = int(np.ceil(2.2 * radius)), plane.shape[axis]
    weights = np.exp(-0.5 * (np.arange(reach + 1) / radius) ** 2)
    weights = (weights / (2 * weights.sum() - 1)).astype(np.float32)
    wide = _edged(plane, reach, axis)
    total: Floats = plane * weights[0]
    for step in range(1, reach + 1):
        before, after = (_some(wide, axis, start, start + size) for start in (reach - step, reach + step))
        pair = before + after
        pair *= weights[step]
        total += pair
    return total


def halved(plane: Floats) -> Floats:
    """Keep every second sample of rows and columns, each mixed with its neighbours."""
    for axis in (0, 1):
        wide, size = _edged(plane, 1, axis), plane.shape[axis]
        before, middle, after = (_some(wide, axis, start, start + size, 2) for start in (0, 1, 2))
        plane = (before + after) * np.float32(0.25) + middle * np.float32(0.5)
    return plane


def doubled(plane: Floats, shape: tuple[int, ...]) -> Floats:
    """Put new samples half-way between the given ones, until there are as many as `shape` says."""
    for axis in (0, 1):
        wide, size = _edged(plane, 1, axis), shape[axis]
        fine = np.empty((*plane.shape[:axis], size, *plane.shape[axis + 1 :]), np.float32)
        _some(fine, axis, 0, size, 2)[...] = plane
        between = _some(wide, axis, 1, 1 + size // 2) + _some(wide, axis, 2, 2 + size // 2)
        _some(fine, axis, 1, size, 2)[...] = between * np.float32(0.5)
        plane = fine
    return plane


def _some(plane: Floats, axis: int, start: int, end: int, step: int = 1) -> Floats:
    return plane[start:end:step] if axis == 0 else plane[:, start:end:step]


def _edged(plane: Floats, reach: int, axis: int) -> Floats:
    first, last = _some(plane, axis, 0, 1), _some(plane, axis, plane.shape[axis] - 1, plane.shape[axis])
    return np.concatenate([*[first] * reach, plane, *[last] * reach], axis=axis)


def distance(marked: npt.NDArray[np.bool_], most: int) -> Floats:
    """Return how many samples away the nearest marked one is, at most `most` (up to 11)."""
    down = np.where(marked, np.uint8(0), np.uint8(most))
    for _ in range(most):
        np.minimum(down[1:], down[:-1] + 1, out=down[1:])
        np.minimum(down[:-1], down[1:] + 1, out=down[:-1])
    down *= down
    far = down.copy()
    for step in range(1, most):
        aside = down + np.uint8(step * step)
        np.minimum(far[:, step:], aside[:, :-step], out=far[:, step:])
        np.minimum(far[:, :-step], aside[:, step:], out=far[:, :-step])
    return np.sqrt(far, dtype=np.float32)
