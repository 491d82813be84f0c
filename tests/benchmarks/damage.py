"""Made-up damage with exactly known masks, from a seed: what restorations are measured against."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Bits = npt.NDArray[np.bool_]
Points = npt.NDArray[np.float64]


def cracks(height: int, width: int, seed: int, *, share: float = 0.03, widest: float = 8) -> Bits:
    """Return wandering, branching, tapering cracks, up to `widest` px, on about `share` of the area."""
    random = np.random.default_rng(seed)
    mask = np.zeros((height, width), bool)
    for _ in range(10_000):
        if mask.mean() >= share:
            break
        start = random.uniform((0, 0), (height, width))
        _crack(
            mask, random, start, random.uniform(1, widest), random.uniform(0.2, 0.8) * min(height, width, 800)
        )
    return mask


def losses(
    height: int, width: int, seed: int, *, share: float = 0.04, smallest: float = 8, largest: float = 34
) -> Bits:
    """Return ragged compact losses of `smallest` to `largest` px radius, apart from each other."""
    random = np.random.default_rng(seed)
    mask = np.zeros((height, width), bool)
    for _ in range(10_000):
        if mask.mean() >= share:
            break
        radius = random.uniform(smallest, largest)
        reach = 1.45 * radius
        if min(height, width) <= 2 * reach + 2:
            continue
        centre = random.uniform((reach + 1, reach + 1), (height - reach - 1, width - reach - 1))
        _loss(mask, random, centre, radius)
    return mask


def _crack(mask: Bits, random: np.random.Generator, start: Points, width: float, length: float) -> None:
    angle, step, steps = random.uniform(0, 2 * np.pi), 5.0, max(int(length / 5), 2)
    angles = angle + np.cumsum(random.normal(0, 0.2, steps))
    points = start + step * np.cumsum(np.stack([np.sin(angles), np.cos(angles)], 1), 0)
    widths = width * np.linspace(1, 0.35, steps)
    for here, there, wide in zip(points[:-1], points[1:], widths[1:], strict=True):
        _segment(mask, here, there, wide / 2)
    if width > 2 and steps > 8:
        _crack(mask, random, points[random.integers(2, steps - 2)], width * 0.6, length * 0.5)


def _segment(mask: Bits, a: Points, b: Points, radius: float) -> None:
    """Mark the pixels whose centres lie within `radius` of the segment from a to b."""
    low = np.maximum(np.floor(np.minimum(a, b) - radius), 0).astype(int)
    high = np.minimum(np.ceil(np.maximum(a, b) + radius) + 1, mask.shape).astype(int)
    if (high <= low).any():
        return
    grid = np.stack(np.mgrid[low[0] : high[0], low[1] : high[1]], -1).astype(float)
    along = b - a
    t = np.clip(((grid - a) @ along) / max(along @ along, 1e-12), 0, 1)
    near = ((grid - a - t[..., None] * along) ** 2).sum(-1) < max(radius, 0.5) ** 2
    mask[low[0] : high[0], low[1] : high[1]] |= near


def _loss(mask: Bits, random: np.random.Generator, centre: Points, radius: float) -> None:
    """Mark one loss with a ragged outline, unless it would come within 8 px of another."""
    reach = int(1.45 * radius) + 1
    y, x = (centre + 0.5).astype(int)
    grid = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(float)
    angle = np.arctan2(grid[0], grid[1])
    waves = np.arange(2, 9)
    heights, phases = random.normal(0, 0.18, 7) / np.sqrt(waves - 1), random.uniform(0, 2 * np.pi, 7)
    ragged = (heights[:, None, None] * np.cos(waves[:, None, None] * angle + phases[:, None, None])).sum(0)
    inside = np.hypot(*grid) < radius * np.clip(1 + ragged, 0.6, 1.4)
    top, left = y - reach, x - reach
    near = mask[max(top - 8, 0) : y + reach + 9, max(left - 8, 0) : x + reach + 9]
    if not near.any():
        rows, columns = np.nonzero(inside)
        mask[rows + top, columns + left] = True
