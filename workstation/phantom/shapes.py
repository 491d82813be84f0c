"""The solids of the still life as distance functions: fruit, turned ware, handles, the ledge and its cloth.

A distance function takes points as three arrays and returns how far each lies outside the solid at most
(negative inside). World: x to the right, y up, z towards the viewer, in millimetres; the ledge is y = 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]
Points: TypeAlias = tuple[Array, Array, Array]
Distance: TypeAlias = Callable[[Points], Array]
Outline: TypeAlias = tuple[tuple[float, float], ...]
"""Half a profile, (height, radius) from the foot to the top."""

PEAR: Outline = (
    (-31, 0),
    (-30, 13),
    (-23, 25),
    (-9, 31.5),
    (6, 30),
    (19, 22),
    (31, 14.5),
    (41, 11.5),
    (47, 8),
    (49, 0),
)
LEMON: Outline = (
    (-34, 0),
    (-33, 4),
    (-29, 8),
    (-25, 15),
    (-15, 22.5),
    (0, 25),
    (15, 22),
    (24, 14),
    (28, 8),
    (33, 5),
    (35, 0),
)
APPLE: Outline = (
    (-23, 0),
    (-25, 8),
    (-22, 19),
    (-12, 29),
    (3, 32),
    (15, 29),
    (23, 20),
    (25, 11),
    (19, 2),
    (18.5, 0),
)
JUG: Outline = (
    (0, 29), (4, 31), (8, 29), (25, 39), (50, 48), (70, 49), (92, 41), (108, 28), (120, 22), (138, 21),
    (150, 23), (158, 26),
)  # fmt: skip
PLATE: Outline = ((0, 48), (1.5, 52), (4, 60), (6, 66), (7.5, 78), (9.5, 80))
FINELY = 1 << 16
"""Entries in the table of a profile: fewer would roughen highlights."""


@dataclass(frozen=True)
class Solid:
    """One thing that stands on the ledge."""

    name: str
    material: str
    centre: tuple[float, float, float]
    turn: npt.NDArray[np.float64]
    """Rows are the solid's own axes in world directions."""
    reach: float
    """The radius of a ball round `middle` that holds it all."""
    shape: Distance
    tint: float = 0.0
    """A number from -1 to 1 that sets this one apart from others of its material."""
    rise: float = 0.0
    """How far up its own axis from `centre` its middle lies."""

    @property
    def middle(self) -> tuple[float, float, float]:
        """The middle of the solid, in the world."""
        x, y, z = (c + self.rise * a for c, a in zip(self.centre, self.turn[1].tolist(), strict=True))
        return x, y, z

    def local(self, points: Points) -> Points:
        """Return the points as the solid sees them."""
        x, y, z = (point - middle for point, middle in zip(points, self.centre, strict=True))
        a, b, c = (row[0] * x + row[1] * y + row[2] * z for row in self.turn.tolist())
        return a, b, c

    def distance(self, points: Points) -> Array:
        """Return how far points of the world lie outside."""
        return self.shape(self.local(points))


def turned(tilt: float = 0.0, heading: float = 0.0) -> npt.NDArray[np.float64]:
    """Return axes leaned by `tilt` degrees away from upright, then turned by `heading` about the vertical."""
    a, b = np.deg2rad(tilt), np.deg2rad(heading)
    lean = np.array([[np.cos(a), np.sin(a), 0], [-np.sin(a), np.cos(a), 0], [0, 0, 1]])
    spin = np.array([[np.cos(b), 0, -np.sin(b)], [0, 1, 0], [np.sin(b), 0, np.cos(b)]])
    axes: npt.NDArray[np.float64] = lean @ spin
    return axes


def fruit(outline: Outline, size: float = 1.0, lumps: float = 0.5, seed: int = 0) -> Distance:
    """Return a fruit: a profile turned about its own axis, a little uneven."""
    height, radius = _smooth(outline, 400)
    angle = np.arctan2(height, radius)
    rim = _table(angle, np.hypot(height, radius) * size, -np.pi / 2, np.pi / 2)

    def distance(points: Points) -> Array:
        x, y, z = points
        across = np.sqrt(x * x + z * z) + 1e-6
        uneven = lumps * np.sin(3 * x / across + y / 20 + seed) * np.cos(3 * z / across + 2 * seed)
        out: Array = (np.sqrt(across * across + y * y) - rim(np.arctan2(y, across)) - uneven) * 0.8
        return out

    return distance


def ware(outline: Outline, size: float = 1.0) -> Distance:
    """Return a thing made on the wheel: a profile about the upright axis, closed at foot and top."""
    height, radius = (part * size for part in _smooth(outline, 300))
    foot, top = float(height[0]), float(height[-1])
    wide = _table(height, radius, foot, top)

    def distance(points: Points) -> Array:
        x, y, z = points
        wall = np.sqrt(x * x + z * z) - wide(y)
        out: Array = np.maximum(np.maximum(wall * 0.8, y - top), foot - y)
        return out

    return distance


def ball(radius: float) -> Distance:
    """Return a ball."""

    def distance(points: Points) -> Array:
        x, y, z = points
        out: Array = np.sqrt(x * x + y * y + z * z) - radius
        return out

    return distance


def ring(wide: float, high: float, thick: float) -> Distance:
    """Return an upright oval ring in the plane of its x and y axes: a handle, half hidden in its jug."""

    def distance(points: Points) -> Array:
        x, y, z = points
        oval = (np.sqrt((x / wide) ** 2 + (y / high) ** 2) - 1) * min(wide, high)
        out: Array = np.sqrt(oval * oval + (z * 0.75) ** 2) - thick
        return out * 0.7

    return distance


def flat_ring(radius: float, thick: float) -> Distance:
    """Return a lying ring: the rim of a jug."""

    def distance(points: Points) -> Array:
        x, y, z = points
        out: Array = np.sqrt((np.sqrt(x * x + z * z) - radius) ** 2 + y * y) - thick
        return out

    return distance


def rod(length: float, thick: float, bend: float = 0.0) -> Distance:
    """Return a rod that rises along its own y axis and bends over: a stem, a knife's handle."""

    def distance(points: Points) -> Array:
        x, y, z = points
        along = np.clip(y, 0, length)
        x = x - bend * (along / length) ** 2 * length
        slim = thick * (1 - 0.25 * along / length)
        out: Array = np.sqrt(x * x + (y - along) ** 2 + z * z) - slim
        return out * 0.8

    return distance


def leaf(size: float, curl: float) -> Distance:
    """Return a vine leaf of five lobes that lies in its own x and z and curls up."""

    def distance(points: Points) -> Array:
        x, y, z = points
        far, angle = np.hypot(x, z), np.arctan2(z, x)
        rim = size * (0.74 + 0.24 * np.cos(5 * angle) ** 3 + 0.035 * np.cos(31 * angle))
        high = y - curl * (x * x - 0.6 * z * z) - 1.3 * np.sin(5 * angle + 1.5) * np.minimum(far / size, 1)
        out: Array = np.maximum((far - rim) * 0.7, np.abs(high) - 0.55) * 0.6
        return out

    return distance


def halved(whole: Distance) -> Distance:
    """Return the half of a solid that lies on the far side of its own z = 0."""

    def distance(points: Points) -> Array:
        out: Array = np.maximum(whole(points), points[2])
        return out

    return distance


def _table(at: Array, values: Array, first: float, last: float) -> Callable[[Array], Array]:
    """Return a function that looks values up, many times as fast as it could interpolate them."""
    order = np.argsort(at)
    table = np.interp(np.linspace(first, last, FINELY), at[order], values[order]).astype(np.float32)
    scale = (FINELY - 1) / (last - first)

    def value(place: Array) -> Array:
        found: Array = table.take(((place - first) * scale + 0.5).astype(np.int32), mode="clip")
        return found

    return value


def _smooth(outline: Outline, samples: int) -> tuple[Array, Array]:
    """Return heights and radii along an outline, its corners rounded."""
    knots = np.array(outline, float)
    length = np.r_[0, np.cumsum(np.hypot(*np.diff(knots, axis=0).T))]
    at = np.linspace(0, length[-1], samples)
    height, radius = (np.interp(at, length, knots[:, axis]) for axis in (0, 1))
    for _ in range(3):
        for part in (height, radius):
            reach = samples // 45
            padded = np.r_[2 * part[0] - part[reach:0:-1], part, 2 * part[-1] - part[-2 : -2 - reach : -1]]
            part[1:-1] = np.convolve(padded, np.full(2 * reach + 1, 1 / (2 * reach + 1)), "valid")[1:-1]
    return height, np.maximum(radius, 0)
