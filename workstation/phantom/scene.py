"""The still life that is painted: what lies where, chosen by the seed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import dist

import numpy as np

from workstation.phantom import shapes
from workstation.phantom.noise import value_noise
from workstation.phantom.shapes import Array, Points, Solid, turned

FRONT, BACK = 92.0, -135.0
"""Where the ledge ends towards the viewer, and where the wall stands."""

THROWN = {
    "glaze": (0.020, 0.022, 0.026), "pewter": (0.05, 0.05, 0.045), "pear": (0.13, 0.10, 0.02),
    "lemon": (0.22, 0.16, 0.015), "cut lemon": (0.22, 0.18, 0.05), "apple": (0.12, 0.02, 0.01),
    "grape": (0.03, 0.006, 0.012), "leaf": (0.02, 0.03, 0.008),
    "stem": (0.01, 0.008, 0.005), "ledge": (0.055, 0.05, 0.04),
}  # fmt: skip
"""The light that each material throws on its neighbours."""


@dataclass(frozen=True)
class Cloth:
    """A white cloth laid over the front edge of the ledge."""

    left: float
    right: float
    drop: float
    seed: int

    def run(self, points: Points) -> tuple[Array, Array]:
        """Return where points lie on the cloth: across, and along from the edge (down is positive)."""
        x, y, z = points
        return x, np.where(y > -2, z - FRONT, -y + 2.0)

    def covers(self, points: Points) -> Array:
        """Return how far inside its hem each point lies (negative outside)."""
        across, along = self.run(points)
        wave = 5 * value_noise(along / 26, across / 60, 1.0, self.seed) + 3 * np.sin(along / 17 + self.seed)
        slope = 0.22 * along
        side = np.minimum(across - self.left - wave - slope, self.right + 0.6 * wave + 0.1 * slope - across)
        hem = (
            self.drop
            + 7 * value_noise(across / 24, across * 0, 1.0, self.seed + 1)
            + 0.12 * (across - self.left)
        )
        inside: Array = np.minimum(np.minimum(side, hem - along), along + 150 + 9 * wave)
        return inside

    def folds(self, points: Points) -> Array:
        """Return how high the cloth lies above the ledge, folds and all."""
        across, along = self.run(points)
        bend = 10 * value_noise(across / 60, along / 70, 1.0, self.seed + 2)
        hanging = np.clip((along + 45) / 75, 0, 1)
        wide = np.sin((across + bend + 0.16 * along) / 6.9 + 0.6 * np.sin(across / 31.0))
        fine = np.sin((across - 0.5 * along + 1.4 * bend) / 4.4 + 1.0)
        table = value_noise((across + 0.6 * along) / 30, (along - 0.4 * across) / 13, 1.0, self.seed + 3)
        height = (
            hanging * (9.5 * (0.5 + 0.5 * wide) ** 1.5 + 1.5 * fine) + (1 - hanging) * 3.4 * table * table
        )
        lifted: Array = np.clip(self.covers(points) + 0.8, 0, 1) * (1.8 + height)
        return lifted

    @cached_property
    def _heights(self) -> tuple[Array, float, float]:
        """Folds on a grid of millimetres, with its first across and along."""
        across = np.arange(self.left - 60, self.right + 60, dtype=np.float32)
        along = np.arange(BACK - FRONT - 10, self.drop + 60, dtype=np.float32)
        x, far = np.meshgrid(across, along)
        return (
            self.folds((x, np.where(far > 0, 2 - far, 0), np.where(far > 0, FRONT, far + FRONT))),
            float(across[0]),
            float(along[0]),
        )

    def height(self, points: Points) -> Array:
        """Return `folds` from a table: close enough to march by, and several times as fast."""
        table, left, back = self._heights
        across, along = self.run(points)
        u = np.clip(across - left, 0, table.shape[1] - 1.001)
        v = np.clip(along - back, 0, table.shape[0] - 1.001)
        i, j = u.astype(np.intp), v.astype(np.intp)
        u, v, corner = u - i.astype(np.float32), v - j.astype(np.float32), j * table.shape[1] + i
        upper = table.take(corner) * (1 - u) + table.take(corner + 1) * u
        corner += table.shape[1]
        lower = table.take(corner) * (1 - u) + table.take(corner + 1) * u
        height: Array = upper * (1 - v) + lower * v
        return height


@dataclass(frozen=True)
class Scene:
    """The ledge, the cloth on it and all that stands there."""

    solids: tuple[Solid, ...]
    cloth: Cloth
    seed: int

    def ledge(self, points: Points) -> Array:
        """Return the distance to the ledge with its cloth."""
        _, y, z = points
        down, out = y + 3.0, z - FRONT + 3.0
        slab = np.minimum(np.maximum(down, out), 0) + np.hypot(np.maximum(down, 0), np.maximum(out, 0)) - 3.0
        worn = 0.3 * np.sin(points[0] / 7 + z / 9) * np.sin(points[0] / 13 - y / 5 + z / 11)
        far: Array = (slab - worn - self.cloth.height(points)) * 0.72
        return far


def compose(seed: int) -> Scene:
    """Arrange the still life that belongs to a seed: always the same things, never twice the same way."""
    draw = np.random.default_rng([seed, 11])

    def near(middle: float, spread: float) -> float:
        return float(middle + draw.uniform(-spread, spread))

    jug = (near(-58, 7), 0.0, near(-58, 5))
    plate = (near(58, 5), 2.0, near(2, 3))
    solids = [*_jug(jug, near(-18, 22), near(1.0, 0.03)), *_plate(plate)]
    solids += _pears(plate, near(0, 14), near(0, 6), seed)
    solids += _lemons(plate, near(0, 1), near(0, 12), seed)
    solids += [_apple("apple", near(146, 6), near(-22, 8), near(10, 9), seed, near(0, 1))]
    solids += [_apple("apple behind", near(6, 6), near(-62, 6), near(-14, 8), seed + 1, near(0, 1))]
    solids += _grapes(near(-118, 6), near(26, 5), draw)
    cloth = Cloth(near(-22, 9), near(138, 8), near(33, 4), seed + 31)
    return Scene(tuple(solids), cloth, seed)


def _jug(foot: tuple[float, float, float], heading: float, size: float) -> list[Solid]:
    x, y, z = foot
    a = np.deg2rad(heading)
    handle = (x + 40 * size * np.cos(a), y + 108 * size, z - 40 * size * np.sin(a))
    return [
        Solid("jug", "glaze", foot, turned(), 90 * size, shapes.ware(shapes.JUG, size), rise=80 * size),
        Solid("rim", "glaze", (x, y + 158 * size, z), turned(), 31, shapes.flat_ring(25 * size, 2.4)),
        Solid("handle", "glaze", handle, turned(0, heading), 52, shapes.ring(27 * size, 37 * size, 4.6)),
    ]


def _plate(foot: tuple[float, float, float]) -> list[Solid]:
    x, y, z = foot
    return [
        Solid("plate", "pewter", foot, turned(), 84, shapes.ware(shapes.PLATE)),
        Solid("brim", "pewter", (x, y + 8.6, z), turned(), 84, shapes.flat_ring(79.5, 1.7)),
    ]


def _pears(plate: tuple[float, float, float], heading: float, lean: float, seed: int) -> list[Solid]:
    x, y, z = plate
    upright = Solid(
        "pear", "pear", (x - 28, y + 38, z - 20), turned(6 + lean, heading), 62,
        shapes.fruit(shapes.PEAR, 1.04, 1.0, seed + 1), 0.5,
    )  # fmt: skip
    fallen = Solid(
        "second pear", "pear", (x + 32, y + 35, z - 24), turned(64 + lean, -28 + heading / 2), 62,
        shapes.fruit(shapes.PEAR, 0.98, 1.0, seed + 2), -0.6,
    )  # fmt: skip
    return [upright, fallen, *(_stem(whole, 48) for whole in (upright, fallen))]


def _stem(whole: Solid, height: float) -> Solid:
    """Put a stem on a fruit, along its axis."""
    place = np.array(whole.centre) + height * whole.turn[1]
    x, y, z = place.tolist()
    return Solid(
        f"stem of {whole.name}", "stem", (x, y, z), whole.turn, 17, shapes.rod(21, 1.9, 0.35), rise=10.5,
    )  # fmt: skip


def _lemons(plate: tuple[float, float, float], tint: float, lean: float, seed: int) -> list[Solid]:
    x, y, z = plate
    whole = Solid(
        "lemon", "lemon", (x + 2, y + 32, z + 26), turned(80 + lean, 24), 42,
        shapes.fruit(shapes.LEMON, 1.0, 0.5, seed + 3), tint,
    )  # fmt: skip
    a = np.deg2rad(-68.0)
    face = np.array([0.16, np.sin(-a) * 0.55, np.cos(a) + 0.5])
    axes = _facing(face / np.linalg.norm(face))
    half = Solid(
        "cut lemon", "cut lemon", (x - 62, 24.0, z + 66), axes, 42,
        shapes.halved(_along_z(shapes.fruit(shapes.LEMON, 1.02, 0.3, seed + 4))), tint,
    )  # fmt: skip
    return [whole, half]


def _along_z(upright: shapes.Distance) -> shapes.Distance:
    def distance(points: Points) -> Array:
        x, y, z = points
        return upright((x, z, y))

    return distance


def _facing(normal: Array) -> Array:
    """Return axes whose z looks along `normal`."""
    side = np.cross([0.0, 1.0, 0.0], normal)
    side /= np.linalg.norm(side)
    return np.stack([side, np.cross(normal, side), normal])


def _apple(name: str, x: float, z: float, lean: float, seed: int, tint: float) -> Solid:
    return Solid(
        name,
        "apple",
        (x, 27.5, z),
        turned(lean, 30 * tint),
        36,
        shapes.fruit(shapes.APPLE, 1.08, 0.9, seed + 5),
        tint,
    )


def _grapes(x: float, z: float, draw: np.random.Generator) -> list[Solid]:
    """Lay a bunch of grapes on the ledge, its tip hanging over the edge."""
    placed: list[tuple[float, float, float, float]] = []
    for _ in range(1500):
        radius, along = float(draw.uniform(7.2, 9.2)), float(draw.random())
        stout = 25 * (1 - 0.62 * along)
        gx = x - 34 + 84 * along + stout * draw.uniform(-1, 1)
        gz = z - 34 + 84 * along + stout * draw.uniform(-1, 1)
        low = radius if gz < FRONT else -24 * max(0.0, along - 0.72) / 0.28
        gy = low + 34 * (1 - along) * draw.random() ** 1.4
        touching = (dist((gx, gy, gz), (a, h, b)) < 0.86 * (radius + r) for a, h, b, r in placed)
        if not any(touching):
            placed.append((gx, gy, gz, radius))
    grapes = [
        Solid(
            f"grape {index}", "grape", (gx, gy, gz), turned(), r, shapes.ball(r), float(draw.uniform(-1, 1))
        )
        for index, (gx, gy, gz, r) in enumerate(placed)
    ]
    stalk = Solid(
        "stalk", "stem", (x - 34, 34, z - 34), turned(40, 200), 24, shapes.rod(30, 2.2, 0.3), rise=15
    )
    return [*grapes, stalk, *_leaves(x, z, draw)]


def _leaves(x: float, z: float, draw: np.random.Generator) -> list[Solid]:
    spots = ((-42, 20, -40, 38.0, 20.0), (-2, 26, -52, 30.0, 150.0))
    return [
        Solid(
            f"leaf {number}", "leaf", (x + dx, height, z + dz),
            turned(24 * (1 - 2 * number), heading) @ _tipped(46), size * 1.35,
            shapes.leaf(size, 0.012), float(draw.uniform(-1, 1)),
        )
        for number, (dx, height, dz, size, heading) in enumerate(spots)
    ]  # fmt: skip


def _tipped(degrees: float) -> Array:
    """Return axes tipped towards the viewer."""
    a = np.deg2rad(degrees)
    return np.array([[1, 0, 0], [0, np.cos(a), np.sin(a)], [0, -np.sin(a), np.cos(a)]])
