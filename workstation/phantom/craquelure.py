"""The cracks of age: a panel's paint splits first in long lines along the grain, then islands split again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workstation.phantom.brush import Boxes, Grid, spans
from workstation.phantom.noise import Floats, value_noise
from workstation.phantom.shapes import Array


@dataclass(frozen=True)
class Cracks:
    """Straight pieces of cracks, in millimetres."""

    x: tuple[Array, Array]
    y: tuple[Array, Array]
    half_width: tuple[Array, Array]
    """At the start and at the end of each piece."""

    def boxes(self) -> Boxes:
        """Return the slanted box round each piece."""
        dx, dy = self.x[1] - self.x[0], self.y[1] - self.y[0]
        length = np.hypot(dx, dy) + 1e-9
        wide = 1.6 * np.maximum(*self.half_width)
        middle = (self.x[0] + self.x[1]) / 2, (self.y[0] + self.y[1]) / 2
        return Boxes(*middle, dx / length, dy / length, length / 2 + wide, wide)

    def cover(self, grid: Grid) -> Floats:
        """Return how much of each pixel of a block is crack, 0 to 1."""
        boxes = self.boxes()
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


def crack(seed: int, width: float, height: float) -> Cracks:
    """Let a panel of that many millimetres crack; its grain runs along the longer side."""
    draw = np.random.default_rng([seed, 21])
    grain = 0.0 if width >= height else np.pi / 2
    cuts: list[tuple[Array, Array, int, bool]] = []
    margin = 3.0
    panel = np.array(
        [
            (-margin, -margin),
            (width + margin, -margin),
            (width + margin, height + margin),
            (-margin, height + margin),
        ]
    )
    waiting = [(panel, 0)]
    while waiting:
        island, depth = waiting.pop()
        dense = _density(island, seed)
        if _area(island) < 95 * float(np.exp(draw.normal(0, 0.55) - dense)):
            continue
        halves = _split(island, grain, depth, draw)
        if halves is None:
            continue
        one, other, start, end = halves
        free = depth > 5 and draw.random() < 0.3
        if free:
            end = start + (end - start) * draw.uniform(0.35, 0.8)
        cuts.append((start, end, depth, bool(free)))
        waiting += [(one, depth + 1), (other, depth + 1)]
    return _pieces(cuts, seed, draw)


def _density(island: Array, seed: int) -> float:
    """Return from -1 to 1 how finely the paint cracks about there."""
    x, y = island.mean(0) / 75
    return float(
        0.6 * np.sin(1.9 * x + seed) * np.cos(2.3 * y + 2 * seed) + 0.4 * np.sin(4.1 * x - 3.3 * y + seed)
    )


def _area(island: Array) -> float:
    x, y = island.T
    return float(abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2)


def _split(
    island: Array, grain: float, depth: int, draw: np.random.Generator
) -> tuple[Array, Array, Array, Array] | None:
    """Cut an island across its longer side, the first cuts nearly along the grain or square to it."""
    middle = island.mean(0) + draw.normal(0, 0.11, 2) * np.ptp(island, axis=0)
    centred = island - island.mean(0)
    spread = centred.T @ centred
    stretch = 1.7 if depth < 9 else 1.1
    long_way = 0.5 * np.arctan2(2 * spread[0, 1], spread[0, 0] - spread[1, 1] * stretch)
    angle = long_way + np.pi / 2
    straight = grain + np.round((angle - grain) / (np.pi / 2)) * np.pi / 2
    angle += (straight - angle) * draw.uniform(0.2, 0.9) + draw.normal(0, 0.16)
    normal = np.array([-np.sin(angle), np.cos(angle)])
    side = (island - middle) @ normal
    after = np.roll(side, -1)
    crossed = np.flatnonzero((side >= 0) != (after >= 0))
    if crossed.size != 2:
        return None
    share = (side[crossed] / (side[crossed] - after[crossed]))[:, None]
    cut = island[crossed] + share * (np.roll(island, -1, 0)[crossed] - island[crossed])
    first, second = crossed + 1
    one = np.concatenate([cut[:1], island[first:second], cut[1:]])
    other = np.concatenate([cut[1:], island[second:], island[:first], cut[:1]])
    return one, other, cut[0], cut[1]


def _pieces(cuts: list[tuple[Array, Array, int, bool]], seed: int, draw: np.random.Generator) -> Cracks:
    """Bend the cuts as real cracks wander, and let them taper."""
    columns: list[Array] = []
    for start, end, depth, free in cuts:
        length = float(np.hypot(*(end - start)))
        count = max(2, int(np.ceil(length / 0.7)))
        t = np.linspace(0, 1, count + 1)
        path = start + t[:, None] * (end - start)
        widest = 0.5 * max(0.17, 0.56 * 0.86**depth * float(np.exp(draw.normal(0, 0.28))))
        swell = 0.62 + 0.38 * np.sin(np.pi * t)
        wide = np.clip(widest * swell * (1 - t**2 * 0.85 if free else 1.0), 0.05, 0.72)
        columns.append(np.c_[path[:-1], path[1:], wide[:-1], wide[1:]])
    table = np.concatenate(columns)
    table[:, 4:] *= 1 + 0.3 * value_noise(table[:, :1], table[:, 1:2], 4.5, seed + 92)
    one, two = (_wandered(table[:, a], table[:, a + 1], seed) for a in (0, 2))
    return Cracks((one[0], two[0]), (one[1], two[1]), (table[:, 4], table[:, 5]))


def _wandered(x: Array, y: Array, seed: int) -> tuple[Array, Array]:
    """Move points as the paint's unevenness leads cracks astray; one place always moves the same way."""
    for number, (most, cell) in enumerate(((3.6, 27.0), (1.9, 9.0), (0.75, 3.1), (0.32, 1.5), (0.13, 0.9))):
        across = most * value_noise(x, y, cell, seed + 93 + 2 * number)
        x, y = x + across, y + most * value_noise(x, y, cell, seed + 94 + 2 * number)
    return x, y
