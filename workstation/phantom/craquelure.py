"""The cracks of age: a panel's paint splits first in long lines along the grain, then islands split again."""

from __future__ import annotations

from cmath import rect
from dataclasses import dataclass
from functools import cached_property
from math import atan2, cos, exp, pi, sin
from typing import NamedTuple, TypeAlias

import numpy as np

from workstation.phantom.brush import Boxes, Grid, spans
from workstation.phantom.noise import Floats, value_noise
from workstation.phantom.shapes import Array

Island: TypeAlias = list[complex]


@dataclass(frozen=True)
class Cracks:
    """Straight pieces of cracks, in millimetres."""

    x: tuple[Array, Array]
    y: tuple[Array, Array]
    half_width: tuple[Array, Array]
    """At the start and at the end of each piece."""

    @cached_property
    def boxes(self) -> Boxes:
        """The slanted box round each piece."""
        dx, dy = self.x[1] - self.x[0], self.y[1] - self.y[0]
        length = np.hypot(dx, dy) + 1e-9
        wide = 1.6 * np.maximum(*self.half_width)
        middle = (self.x[0] + self.x[1]) / 2, (self.y[0] + self.y[1]) / 2
        return Boxes(*middle, dx / length, dy / length, length / 2 + wide, wide)

    def cover(self, grid: Grid) -> Floats:
        """Return how much of each pixel of a block is crack, 0 to 1."""
        boxes = self.boxes
        pixels = np.zeros((grid.y.size, grid.x.size), np.float32)
        found = spans(boxes, boxes.near(grid), grid, 0.5 * grid.pitch)
        if not found.box.size:
            return pixels
        column = np.arange(found.run.sum())
        column += np.repeat(found.first - np.cumsum(found.run) + found.run, found.run)
        piece = np.repeat(found.box, found.run)
        row = np.repeat(found.row, found.run)
        share = self._share(boxes, piece, grid.x[column], grid.y[row], grid.pitch)
        np.maximum.at(pixels.reshape(-1), row * grid.x.size + column, share)
        pixels[pixels < 0.05] = 0
        return pixels

    def _share(self, boxes: Boxes, piece: Array, x: Array, y: Array, pitch: float) -> Floats:
        dx, dy = x - boxes.x[piece], y - boxes.y[piece]
        half = (boxes.long - boxes.wide)[piece]
        along = dx * boxes.cosine[piece] + dy * boxes.sine[piece]
        aside = dy * boxes.cosine[piece] - dx * boxes.sine[piece]
        place = np.clip(along / (2 * half + 1e-9) + 0.5, 0, 1)
        wide = self.half_width[0][piece] * (1 - place) + self.half_width[1][piece] * place
        wide = wide * (1 + 0.28 * value_noise(x, y, 0.50, 911) + 0.16 * value_noise(x, y, 0.11, 912))
        away = np.hypot(np.maximum(np.abs(along) - half, 0), aside)
        share: Floats = (np.clip((wide - away) / pitch + 0.5, 0, 1) * np.minimum(1, 2 * wide / pitch)).astype(
            np.float32
        )
        return share


class Cut(NamedTuple):
    """A straight cut through an island of paint; places are complex numbers, x + y·i in millimetres."""

    start: complex
    end: complex
    depth: int
    """How many cuts came before it."""
    free: bool
    """Whether it ends within the island."""


def crack(seed: int, width: float, height: float) -> Cracks:
    """Let a panel of that many millimetres crack; its grain runs along the longer side."""
    draw = np.random.default_rng([seed, 21])
    grain = 0.0 if width >= height else np.pi / 2
    left, top, right, bottom = -3.0, -3.0, width + 3.0, height + 3.0
    waiting = [([complex(left, top), complex(right, top), complex(right, bottom), complex(left, bottom)], 0)]
    cuts: list[Cut] = []
    while waiting:
        island, depth = waiting.pop()
        middle = sum(island) / len(island)
        if _area(island) < 95 * exp(draw.normal(0, 0.55) - _density(middle, seed)):
            continue
        halves = _split(island, middle, grain, depth, draw)
        if halves is None:
            continue
        one, other, start, end = halves
        free = depth > 5 and draw.random() < 0.3
        if free:
            end = start + (end - start) * draw.uniform(0.35, 0.8)
        cuts.append(Cut(start, end, depth, free))
        waiting += [(one, depth + 1), (other, depth + 1)]
    return _pieces(cuts, seed, draw)


def _density(place: complex, seed: int) -> float:
    """Return from -1 to 1 how finely the paint cracks about there."""
    x, y = place.real / 75, place.imag / 75
    return 0.6 * sin(1.9 * x + seed) * cos(2.3 * y + 2 * seed) + 0.4 * sin(4.1 * x - 3.3 * y + seed)


def _area(island: Island) -> float:
    pairs = zip(island, [*island[1:], island[0]], strict=True)
    return abs(sum((one.conjugate() * other).imag for one, other in pairs)) / 2


def _split(
    island: Island, middle: complex, grain: float, depth: int, draw: np.random.Generator
) -> tuple[Island, Island, complex, complex] | None:
    """Cut an island in two along a line; None where that would leave more than two parts."""
    off_x, off_y = draw.normal(0, 0.11, 2).tolist()
    onward = rect(1, -_way(island, middle, grain, depth, draw))
    x, y = [corner.real for corner in island], [corner.imag for corner in island]
    middle += complex(off_x * (max(x) - min(x)), off_y * (max(y) - min(y)))
    side = [((corner - middle) * onward).imag for corner in island]
    after = [*side[1:], side[0]]
    crossed = [
        at for at, (one, other) in enumerate(zip(side, after, strict=True)) if (one >= 0) != (other >= 0)
    ]
    if len(crossed) != 2:
        return None
    nexts = [*island[1:], island[0]]
    start, end = (island[at] + side[at] / (side[at] - after[at]) * (nexts[at] - island[at]) for at in crossed)
    first, second = crossed[0] + 1, crossed[1] + 1
    one = [start, *island[first:second], end]
    return one, [end, *island[second:], *island[:first], start], start, end


def _way(island: Island, middle: complex, grain: float, depth: int, draw: np.random.Generator) -> float:
    """Return the angle to cut at: across the longer side, at first nearly along the grain or square to it."""
    offsets = [corner - middle for corner in island]
    wide = sum(off.real**2 for off in offsets)
    high = sum(off.imag**2 for off in offsets)
    lean = sum(off.real * off.imag for off in offsets)
    angle = 0.5 * atan2(2 * lean, wide - high * (1.7 if depth < 9 else 1.1)) + pi / 2
    straight = grain + round((angle - grain) / (pi / 2)) * pi / 2
    return angle + (straight - angle) * draw.uniform(0.2, 0.9) + draw.normal(0, 0.16)


def _pieces(cuts: list[Cut], seed: int, draw: np.random.Generator) -> Cracks:
    """Bend the cuts as real cracks wander, and let them taper."""
    start, end, depth, free = (np.array(column) for column in zip(*cuts, strict=True))
    count = np.maximum(2, np.ceil(np.abs(end - start) / 0.7)).astype(np.intp) + 1
    widest = 0.5 * np.maximum(0.17, 0.56 * 0.86**depth * np.exp(draw.normal(0, 0.28, len(cuts))))
    cut = np.repeat(np.arange(len(cuts)), count)
    number = np.arange(cut.size) - np.repeat(np.cumsum(count) - count, count)
    t = number / (count[cut] - 1)
    path = start[cut] + t * (end - start)[cut]
    wide = widest[cut] * (0.62 + 0.38 * np.sin(np.pi * t)) * np.where(free[cut], 1 - t**2 * 0.85, 1)
    wide = np.clip(wide, 0.05, 0.72) * (1 + 0.3 * value_noise(path.real, path.imag, 4.5, seed + 92))
    x, y = _wandered(path.real, path.imag, seed)
    first = np.flatnonzero(np.diff(cut) == 0)
    return Cracks(*((part[first], part[first + 1]) for part in (x, y, wide)))


def _wandered(x: Array, y: Array, seed: int) -> tuple[Array, Array]:
    """Move points as the paint's unevenness leads cracks astray; one place always moves the same way."""
    for number, (most, cell) in enumerate(((3.6, 27.0), (1.9, 9.0), (0.75, 3.1), (0.32, 1.5), (0.13, 0.9))):
        across = most * value_noise(x, y, cell, seed + 93 + 2 * number)
        x, y = x + across, y + most * value_noise(x, y, cell, seed + 94 + 2 * number)
    return x, y
