"""The painter's study: the still life seen, lit and coloured on a small grid; strokes are taken from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from workstation.phantom.colour import colours
from workstation.phantom.light import look
from workstation.phantom.noise import grid_noise
from workstation.phantom.planes import distance, softened
from workstation.phantom.scene import Scene, compose
from workstation.phantom.shapes import Array

FINE = 1.5
"""Samples a millimetre."""
FRAME = (400.0, 300.0)
"""The panel that the still life is composed for, in millimetres."""
HORIZON = 217.0
"""How high above the ledge's far plane the upper edge of such a panel lies."""


@dataclass(frozen=True)
class Study:
    """Colour, thing and direction on a grid of FINE samples a millimetre; (0, 0) is the panel's corner."""

    scene: Scene
    colour: npt.NDArray[np.float32]
    thing: npt.NDArray[np.int16]
    """0 the wall, 1 the ledge, then the solids in their order, the cloth last."""
    slope: tuple[Array, Array]
    """The surface's normal as seen: to the right and down."""

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in millimetres."""
        return self.thing.shape[1] / FINE, self.thing.shape[0] / FINE

    def blurred(self, radius: float) -> Array:
        """Return the colours without detail finer than `radius` mm."""
        return softened(self.colour, radius * FINE)

    def softened(self, radius: float) -> Array:
        """Return the same, but not mixed across the outlines of things."""
        if radius * FINE < 0.2:
            return self.colour
        near = np.clip(1.6 - self.inwards / (1.6 * radius), 0, 1)[..., None]
        soft = self.blurred(radius)
        return soft + (self.colour - soft) * near

    @cached_property
    def inwards(self) -> Array:
        """How far each sample lies from the nearest outline, in mm; 4 mm is far."""
        return distance(self.outlines, round(4 * FINE)) / np.float32(FINE)

    def at(self, grid: Array, x: Array, y: Array) -> Array:
        """Return the nearest samples of one of the study's grids at points in millimetres."""
        rows = np.clip((y * FINE).astype(np.intp), 0, grid.shape[0] - 1)
        columns = np.clip((x * FINE).astype(np.intp), 0, grid.shape[1] - 1)
        found: Array = grid[rows, columns]
        return found

    @cached_property
    def outlines(self) -> npt.NDArray[np.bool_]:
        """Where one thing ends and another begins."""
        edge = np.zeros(self.thing.shape, bool)
        edge[:, 1:] |= self.thing[:, 1:] != self.thing[:, :-1]
        edge[1:] |= self.thing[1:] != self.thing[:-1]
        return edge

    @cached_property
    def direction(self) -> Array:
        """The angle of the brush, following form and light (radians, x to the right, y down)."""
        grey = softened(np.sqrt(self.colour.mean(-1)).astype(np.float32), 0.6 * FINE)
        gy, gx = np.gradient(grey, 2 / FINE)
        nx, ny = self.slope
        form = np.float32(0.0009) * (self.thing > 1)
        double_x = softened(gx * gx - gy * gy + form * (nx * nx - ny * ny), 1.5 * FINE)
        double_y = softened(2 * gx * gy + form * 2 * nx * ny, 1.5 * FINE)
        idle = 2 * self._idle()
        strength = np.where(self.thing == 0, np.float32(3e-5), np.float32(1.2e-5))
        double_x, double_y = double_x - strength * np.cos(idle), double_y - strength * np.sin(idle)
        angle: Array = 0.5 * np.arctan2(double_y, double_x) + np.float32(np.pi / 2)
        return angle

    def _idle(self) -> Array:
        """The hand's own direction where nothing leads it: level on the ledge, crossing on the wall."""
        seed = self.scene.seed
        y, x = (np.arange(count) / FINE for count in self.thing.shape)
        swirl = grid_noise(x, y, 55, seed + 81) * np.float32(1.3) + grid_noise(
            x, y, 15, seed + 82
        ) * np.float32(0.5)
        return np.where(self.thing == 0, swirl - np.float32(0.75), np.float32(0.06) * swirl)


@lru_cache(maxsize=3)
def study(seed: int, width: float, height: float) -> Study:
    """Compose, look and colour for a panel of that many millimetres; kept for strokes and drawing both."""
    scene = compose(seed)
    across = (np.arange(round(width * FINE)) + 0.5) / FINE - width / 2
    up = HORIZON + (height - FRAME[1]) * 0.8 - (np.arange(round(height * FINE)) + 0.5) / FINE
    sight = look(scene, across, up)
    down = -sight.normal[1] * 0.945 + sight.normal[2] * 0.326
    slope = (sight.normal[0], down)
    return Study(scene, colours(scene, sight), sight.thing, slope)
