"""Old varnish: yellow, uneven, hazy; and the window that a conservator has cleaned in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from workstation.phantom.brush import Grid
from workstation.phantom.noise import Floats, fractal, grid_noise

TRANSMISSION = (0.86, 0.72, 0.42)
"""The share of red, green and blue light that one unit of this varnish lets pass, one way."""
HAZE = (0.0120, 0.0110, 0.0080)
"""The light that it scatters back, in linear light."""


class Opening(NamedTuple):
    """A rectangle on the panel, in millimetres."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Varnish:
    """A coat of varnish on the panel; light passes it twice: colour × T^(2 × thickness) + haze."""

    seed: int
    window: Opening
    """Where it has been taken off."""

    def thickness(self, grid: Grid) -> Floats:
        """Return how thick it lies, in units of TRANSMISSION: brushed on level, pooled here and there."""
        pools = fractal(grid.x, grid.y, 95.0, self.seed, 2)
        brushed = grid_noise(grid.x, grid.y, (70.0, 6.5), self.seed + 5)
        runs = np.clip(grid_noise(grid.x, grid.y, (9.0, 140.0), self.seed + 6) - np.float32(0.55), 0, 1)
        thick: Floats = (
            np.float32(0.62) * (1 + np.float32(0.13) * pools + np.float32(0.07) * brushed)
            + np.float32(0.22) * runs
        )
        return thick * (1 - self.cleaned(grid))

    def cleaned(self, grid: Grid) -> Floats:
        """Return 1 inside the cleaned window, 0 outside it; the swab's edge lies just outside."""
        across = np.minimum(grid.x - self.window.left, self.window.right - grid.x)
        down = np.minimum(grid.y - self.window.top, self.window.bottom - grid.y)
        inside: Floats = np.minimum(across[None, :], down[:, None]).astype(np.float32)
        bare: Floats = np.clip(inside * np.float32(2.2) + 1, 0, 1)
        return bare

    def passed(self, grid: Grid) -> tuple[Floats, Floats]:
        """Return what share of the light comes back through the varnish, and its haze (3 × h × w each)."""
        thick = self.thickness(grid)
        rate = np.log(np.array(TRANSMISSION, np.float32)) * 2
        share = np.exp(rate[:, None, None] * thick)
        haze = np.array(HAZE, np.float32)[:, None, None] * (1 - self.cleaned(grid))
        return share.astype(np.float32), haze.astype(np.float32)


def varnish(seed: int, width: float, height: float) -> Varnish:
    """Return the varnish of a panel, cleaned in a window that shows lights, middle tones and darks."""
    draw = np.random.default_rng([seed, 61])
    left = width * 0.5 + draw.uniform(-3, 4)
    top = height * 0.5 - 40 + 0.3 * (height - 300) + draw.uniform(-4, 4)
    window = Opening(left, top, left + 78 + draw.uniform(-6, 6), top + 92 + draw.uniform(-6, 6))
    return Varnish(seed + 601, window)
