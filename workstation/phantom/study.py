"""The painter's study: the still life seen, lit and coloured on a small grid; strokes are taken from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from workstation.phantom.colour import colours
from workstation.phantom.light import LEDGE, look
from workstation.phantom.noise import value_noise
from workstation.phantom.scene import Scene, compose
from workstation.phantom.shapes import Array

FINE = 2.0
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
        from scipy.ndimage import gaussian_filter

        small = radius * FINE
        return np.stack([gaussian_filter(self.colour[..., k], small, truncate=2.0) for k in range(3)], -1)

    def softened(self, radius: float) -> Array:
        """Return the same, but not mixed across the outlines of things."""
        soft = self.blurred(radius)
        near = np.clip(1.6 - self.inwards / (1.6 * radius), 0, 1)[..., None]
        return soft * (1 - near) + self.colour * near

    @cached_property
    def inwards(self) -> Array:
        """How far each sample lies from the nearest outline, in mm."""
        from scipy.ndimage import distance_transform_edt

        far: Array = (distance_transform_edt(~self.outlines) / FINE).astype(np.float32)
        return far

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
        from scipy.ndimage import gaussian_filter

        grey = np.sqrt(self.colour.mean(-1))
        gy, gx = np.gradient(gaussian_filter(grey, 1.2))
        double_x, double_y = gx * gx - gy * gy, 2 * gx * gy
        nx, ny = self.slope
        form = 0.0009 * (self.thing > 1)
        double_x, double_y = double_x + form * (nx * nx - ny * ny), double_y + form * 2 * nx * ny
        rows, columns = (axis / FINE for axis in np.mgrid[: grey.shape[0], : grey.shape[1]])
        idle = self._idle(columns, rows)
        strength = np.where(self.thing == 0, 3e-5, 1.2e-5)
        double_x = gaussian_filter(double_x, 3.0) - strength * np.cos(2 * idle)
        double_y = gaussian_filter(double_y, 3.0) - strength * np.sin(2 * idle)
        angle: Array = (0.5 * np.arctan2(double_y, double_x) + np.pi / 2).astype(np.float32)
        return angle

    def _idle(self, x: Array, y: Array) -> Array:
        """The hand's own direction where nothing leads it: level on the ledge, crossing on the wall."""
        seed = self.scene.seed
        swirl = (
            value_noise(x / 55, y / 55, 1.0, seed + 81) * 1.3
            + value_noise(x / 15, y / 15, 1.0, seed + 82) * 0.5
        )
        idle: Array = np.where(self.thing == 0, -0.75 + swirl, 0.06 * swirl)
        return idle


@lru_cache(maxsize=3)
def study(seed: int, width: float, height: float) -> Study:
    """Compose, look and colour for a panel of that many millimetres; kept, for it takes a second or two."""
    scene = compose(seed)
    across = (np.arange(round(width * FINE)) + 0.5) / FINE - width / 2
    up = HORIZON + (height - FRAME[1]) * 0.8 - (np.arange(round(height * FINE)) + 0.5) / FINE
    sight = look(scene, across, up)
    down = -sight.normal[1] * 0.945 + sight.normal[2] * 0.326
    slope = (sight.normal[0].astype(np.float32), down.astype(np.float32))
    cloth = (sight.thing == LEDGE) & (scene.cloth.covers(sight.place) > 0)
    thing = np.where(cloth, np.int16(len(scene.solids) + 2), sight.thing)
    return Study(scene, colours(scene, sight).astype(np.float32), thing, slope)
