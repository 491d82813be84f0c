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
    if radius > 2.2:
        return doubled(softened(halved(plane), (radius * radius - 0.5) ** 0.5 / 2), plane.shape)
    return smooth(smooth(plane, radius).swapaxes(0, 1), radius).swapaxes(0, 1)


def smooth(plane: Floats, radius: float) -> Floats:
    """Blur along the columns only; beyond the edge the last row repeats."""
    reach, rows = int(np.ceil(2.2 * radius)), plane.shape[0]
    weights = np.exp(-0.5 * (np.arange(reach + 1) / radius) ** 2)
    weights = (weights / (2 * weights.sum() - 1)).astype(np.float32)
    wide = _edged(plane, reach)
    total: Floats = wide[reach : reach + rows] * weights[0]
    for step in range(1, reach + 1):
        pair = wide[reach - step : reach - step + rows] + wide[reach + step : reach + step + rows]
        pair *= weights[step]
        total += pair
    return total


def _edged(plane: Floats, reach: int) -> Floats:
    return np.concatenate([plane[:1]] * reach + [plane] + [plane[-1:]] * reach)


def halved(plane: Floats) -> Floats:
    """Keep every second sample of rows and columns, each mixed with its neighbours."""
    for _ in range(2):
        wide = _edged(plane, 1)
        middle = wide[1:-1:2]
        plane = (wide[: 2 * len(middle) : 2] + wide[2::2][: len(middle)]) * np.float32(0.25)
        plane = (plane + middle * np.float32(0.5)).swapaxes(0, 1)
    return plane


def doubled(plane: Floats, shape: tuple[int, ...]) -> Floats:
    """Put new samples half-way between the given ones, until there are as many as `shape` says."""
    for size in shape[:2]:
        fine = np.empty((size, *plane.shape[1:]), np.float32)
        fine[::2] = plane
        after = np.concatenate([plane[1:], plane[-1:]])[: size // 2]
        fine[1::2] = (plane[: size // 2] + after) * np.float32(0.5)
        plane = fine.swapaxes(0, 1)
    return plane


def distance(marked: npt.NDArray[np.bool_], most: int) -> Floats:
    """Return how many samples away the nearest marked one is, at most `most`."""
    down = np.where(marked, np.float32(0), np.float32(most))
    for _ in range(most):
        np.minimum(down[1:], down[:-1] + 1, out=down[1:])
        np.minimum(down[:-1], down[1:] + 1, out=down[:-1])
    down *= down
    far = down.copy()
    for step in range(1, most):
        aside = down + np.float32(step * step)
        np.minimum(far[:, step:], aside[:, :-step], out=far[:, step:])
        np.minimum(far[:, :-step], aside[:, step:], out=far[:, :-step])
    return np.sqrt(far)
