"""Places where paint has gone or was painted over later: compact spots with ragged rims."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workstation.phantom.brush import Grid
from workstation.phantom.noise import Floats, grid_noise
from workstation.phantom.shapes import Array

WAVES = 6


@dataclass(frozen=True)
class Spots:
    """Spots on the panel; lengths in millimetres."""

    x: Array
    y: Array
    radius: Array
    swing: Array
    """(n, WAVES) how far the rim leaves the circle, and"""
    phase: Array
    """where round it."""
    seed: int

    def depth(self, grid: Grid) -> Floats:
        """Return how far inside a spot each pixel of a block lies, in mm (negative outside, at least -9)."""
        depth = np.full((grid.y.size, grid.x.size), -9, np.float32)
        for number in range(self.x.size):
            reach = float(self.radius[number]) * 1.9 + 1.5
            left, right = np.searchsorted(grid.x, (self.x[number] - reach, self.x[number] + reach))
            top, bottom = np.searchsorted(grid.y, (self.y[number] - reach, self.y[number] + reach))
            if left < right and top < bottom:
                part = Grid(grid.x[left:right], grid.y[top:bottom], grid.pitch)
                here = depth[top:bottom, left:right]
                np.maximum(here, self._one(number, part), out=here)
        return depth

    def cover(self, grid: Grid) -> Floats:
        """Return how much of each pixel lies inside a spot, 0 to 1."""
        return cover(self.depth(grid), grid.pitch)

    def _one(self, number: int, grid: Grid) -> Floats:
        x, y = (grid.x - self.x[number])[None, :], (grid.y - self.y[number])[:, None]
        angle = np.arctan2(y, x)
        rim = np.ones_like(angle)
        for wave in range(WAVES):
            rim += self.swing[number, wave] * np.cos((wave + 2) * angle + self.phase[number, wave])
        ragged = 0.75 * grid_noise(grid.x, grid.y, 2.1, self.seed) + 0.26 * grid_noise(
            grid.x, grid.y, 0.5, self.seed + 1
        )
        inside: Floats = (self.radius[number] * rim - np.hypot(x, y)).astype(np.float32) + ragged
        return inside


def cover(depth: Floats, pitch: float) -> Floats:
    """Return the share of a pixel inside from how deep its middle lies; what is hardly touched is not."""
    share: Floats = np.clip(depth * np.float32(1 / pitch) + np.float32(0.5), 0, 1)
    share[share < 0.05] = 0
    return share


def spots(
    seed: int, width: float, height: float, count: int, sizes: tuple[float, float], apart: float = 14.0
) -> Spots:
    """Scatter spots over a panel, none near its rim and none near another."""
    draw = np.random.default_rng([seed, 41, count])
    places: list[tuple[float, float, float]] = []
    for _ in range(count * 60):
        radius = float(sizes[0] * (sizes[1] / sizes[0]) ** draw.random())
        x, y = (float(draw.uniform(2.2 * radius, side - 2.2 * radius)) for side in (width, height))
        if len(places) < count and all(
            np.hypot(x - a, y - b) > 2.2 * (radius + r) + apart for a, b, r in places
        ):
            places.append((x, y, radius))
    table = np.array(places).reshape(-1, 3)
    swing = draw.normal(0, 0.20, (len(places), WAVES)) / np.arange(1.0, 1.0 + WAVES) ** 1.35
    phase = draw.uniform(0, 2 * np.pi, swing.shape)
    return Spots(table[:, 0], table[:, 1], table[:, 2], swing, phase, seed + 401)
