"""Lays strokes on a block of the panel: hairs, round and ragged ends, paint running dry, relief.

Strokes of one wave never touch each other, so that a whole wave is laid at once; the waves follow each other
in painting order. Only the pixels inside each stroke's own slanted box are ever computed.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from workstation.phantom.noise import Doubles, Floats, Ints
from workstation.phantom.planes import smooth
from workstation.phantom.strokes import BRUSHES, Strokes

HAIRS = 256
CHUNK = 1 << 18
"""Pixels of the boxes round strokes computed at a time."""
Numbers = npt.NDArray[np.intp]


class Grid(NamedTuple):
    """The pixels of a block: where their middles lie on the panel, in millimetres."""

    x: Doubles
    y: Doubles
    pitch: float
    """The distance from pixel to pixel."""


class Boxes(NamedTuple):
    """The slanted box round each stroke."""

    x: npt.NDArray[Any]
    y: npt.NDArray[Any]
    cosine: npt.NDArray[Any]
    sine: npt.NDArray[Any]
    long: npt.NDArray[Any]
    """Half its length."""
    wide: npt.NDArray[Any]
    """Half its width."""

    def near(self, grid: Grid) -> Numbers:
        """Return the numbers of the boxes that may touch a block, in order."""
        across = np.abs(self.cosine) * self.long + np.abs(self.sine) * self.wide + grid.pitch
        down = np.abs(self.sine) * self.long + np.abs(self.cosine) * self.wide + grid.pitch
        inside = (self.x + across > grid.x[0]) & (self.x - across < grid.x[-1])
        inside &= (self.y + down > grid.y[0]) & (self.y - down < grid.y[-1])
        return np.flatnonzero(inside)


def boxes_of(strokes: Strokes) -> Boxes:
    """Return the boxes outside which strokes leave nothing."""
    long = strokes.half_length * 1.06 + np.minimum(0.9 * strokes.half_width, 0.22 * strokes.half_length)
    sag = 0.5 * strokes.bend * long**2
    wide = strokes.half_width * 1.02 + np.abs(sag)
    cosine, sine = np.cos(strokes.angle), np.sin(strokes.angle)
    return Boxes(strokes.x - sine * sag, strokes.y + cosine * sag, cosine, sine, long, wide)


class Spans(NamedTuple):
    """Runs of pixels, each in one row of one box."""

    box: Numbers
    row: Numbers
    first: Numbers
    run: Numbers
    """How many pixels."""


def spans(boxes: Boxes, numbers: Numbers, grid: Grid, slack: float) -> Spans:
    """Return the pixels of the grid inside the chosen boxes (and a little more), row by row."""
    down = np.abs(boxes.sine) * boxes.long + np.abs(boxes.cosine) * boxes.wide + slack
    top = np.searchsorted(grid.y, (boxes.y - down)[numbers])
    height = np.maximum(np.searchsorted(grid.y, (boxes.y + down)[numbers]) - top, 0)
    box = np.repeat(numbers, height)
    row = np.arange(box.size) - np.repeat(np.cumsum(height) - height, height) + np.repeat(top, height)
    y = grid.y[row] - boxes.y[box]
    left, right = _between(boxes.cosine[box], y * boxes.sine[box], boxes.long[box] + slack)
    low, high = _between(boxes.sine[box], -y * boxes.cosine[box], boxes.wide[box] + slack)
    left, right = np.maximum(left, low) + boxes.x[box], np.minimum(right, high) + boxes.x[box]
    first, end = np.searchsorted(grid.x, left), np.searchsorted(grid.x, right)
    some = end > first
    return Spans(box[some], row[some], first[some], (end - first)[some])


def _between(slope: npt.NDArray[Any], offset: npt.NDArray[Any], most: npt.NDArray[Any]) -> tuple[Any, Any]:
    """Return the x between which |slope × x + offset| ≤ most."""
    steep = np.where(np.abs(slope) < 1e-6, 1e-6, slope)
    one, other = (-most - offset) / steep, (most - offset) / steep
    return np.minimum(one, other), np.maximum(one, other)


def waves(boxes: Boxes, width: float, height: float) -> Ints:
    """Number the strokes so that equal numbers never touch, and where strokes do the later has the higher."""
    cell = 1.2
    pitch = Grid(np.arange(-cell, width + 2 * cell, cell), np.arange(-cell, height + 2 * cell, cell), cell)
    found = spans(boxes, np.arange(boxes.x.size), pitch, 0.75 * cell)
    flat = np.repeat(found.row * pitch.x.size + found.first, found.run)
    flat += np.arange(flat.size) - np.repeat(np.cumsum(found.run) - found.run, found.run)
    counts = np.bincount(found.box, found.run, boxes.x.size).astype(np.intp)
    ends = np.cumsum(counts)
    depth = np.zeros(pitch.x.size * pitch.y.size, np.int64)
    wave = np.zeros(boxes.x.size, np.int64)
    highest = np.maximum.reduce
    for number, (start, end) in enumerate(zip((ends - counts).tolist(), ends.tolist(), strict=True)):
        if end > start:
            cells = flat[start:end]
            wave[number] = depth[cells] = highest(depth.take(cells)) + 1
    return wave


def lay(strokes: Strokes, boxes: Boxes, wave: Ints, load: Floats, canvas: Floats, grid: Grid) -> None:
    """Paint `load` (n × channels) over `canvas` ((channels + 1) × h × w, the last one relief), in place."""
    found = spans(boxes, boxes.near(grid), grid, 0.5 * grid.pitch)
    if not found.box.size:
        return
    flat = canvas.reshape(canvas.shape[0], -1)
    for start, end in _cuts(found, wave):
        part = _touched(strokes, Spans(*(field[start:end] for field in found)), grid)
        cover, thick = _cover(strokes, part, grid.pitch)
        turns = np.flatnonzero(np.diff(wave[part.box])) + 1
        ends = np.cumsum(part.run)
        edges = [0, *ends[turns - 1].tolist(), int(ends[-1])]
        carried = [part.spread(load[part.box, channel]) for channel in range(load.shape[1])]
        carried = [cover * one for one in (*carried, thick)]
        for a, b in pairwise(edges):
            _mix(flat, part.pixel[a:b], cover[a:b], [one[a:b] for one in carried])


def _cuts(found: Spans, wave: Ints) -> list[tuple[int, int]]:
    """Cut the spans into chunks of about CHUNK pixels."""
    total = np.cumsum(found.run)
    edges = np.searchsorted(total, np.arange(CHUNK, total[-1], CHUNK), side="right")
    borders = np.unique(np.r_[0, edges, found.box.size]).tolist()
    return list(pairwise(borders))


def _mix(flat: Floats, pixel: Numbers, cover: Floats, carried: list[Floats]) -> None:
    """Let the paint of one wave take the place of what lies below; relief keeps a part of it."""
    stays = 1 - cover
    for plane, paint in zip(flat, carried[:-1], strict=False):
        plane[pixel] = plane.take(pixel) * stays + paint
    flat[-1][pixel] = flat[-1].take(pixel) * (1 - np.float32(0.62) * cover) + carried[-1]


class Touched(NamedTuple):
    """Pixels under strokes, in runs of one stroke each."""

    box: Numbers
    run: Numbers
    pixel: Numbers
    """The flat number in the block."""
    along: Floats
    """How far along the stroke from its middle, and"""
    aside: Floats
    """how far from its bent path, in mm."""

    def spread(self, values: npt.NDArray[Any]) -> Floats:
        """Return each run's value for every pixel of it."""
        return np.repeat(values.astype(np.float32), self.run)


def _touched(strokes: Strokes, part: Spans, grid: Grid) -> Touched:
    """Return the pixels of the spans that lie under their strokes: in bent strokes' boxes half do not."""
    column = np.arange(part.run.sum()) + np.repeat(part.first - np.cumsum(part.run) + part.run, part.run)
    angle, sx, sy = strokes.angle[part.box], strokes.x[part.box], strokes.y[part.box]
    cosine, sine = np.cos(angle).astype(np.float32), np.sin(angle).astype(np.float32)
    y = (grid.y[part.row] - sy).astype(np.float32)
    x = (grid.x.take(column) - np.repeat(sx, part.run)).astype(np.float32)

    def spread(values: npt.NDArray[Any]) -> Floats:
        return np.repeat(values.astype(np.float32), part.run)

    along = x * spread(cosine) + spread(y * sine)
    aside = spread(y * cosine) - x * spread(sine)
    aside -= spread(strokes.bend[part.box]) * (along * along)
    under = np.abs(aside) < spread(strokes.half_width[part.box] + 0.5 * grid.pitch)
    starts = np.cumsum(part.run) - part.run
    run = np.add.reduceat(under, starts, dtype=np.intp)
    kept = np.flatnonzero(under)
    pixel = column.take(kept) + np.repeat(part.row * grid.x.size, run)
    return Touched(part.box, run, pixel, along.take(kept), aside.take(kept))


def _cover(strokes: Strokes, part: Touched, pitch: float) -> tuple[Floats, Floats]:
    """Return for every pixel how far its stroke covers it, and how thick."""
    half, length = strokes.half_width[part.box], strokes.half_length[part.box]
    spread = part.spread
    hair, reach = _hairs(strokes, part, pitch)
    edge = np.maximum(pitch, 0.24 * half)
    side = part.aside * spread(1 / half)
    cover: npt.NDArray[Any] = spread((half + 0.5 * pitch) / edge) - np.abs(part.aside) * spread(1 / edge)
    np.minimum(cover, spread(np.minimum(1.0, 2 * half / pitch)), out=cover)
    np.maximum(cover, 0, out=cover)
    run = part.along * spread(1 / length)
    blunt = np.minimum(0.9 * half / length, 0.22)
    room = (
        np.float32(1.05)
        - np.abs(run + reach * spread(blunt))
        - side * side * spread(np.minimum(0.45 * half / length, 0.4))
    )
    room *= spread(1 / np.maximum(pitch / length, 0.4 * half / length + 0.10))
    cover *= np.clip(room, 0, 1)
    dry = np.clip(run * np.float32(0.6) + np.float32(0.25), 0, 1) * spread(strokes.dryness[part.box])
    cover *= (1 - dry * (1 - hair)) * spread(strokes.opacity[part.box])
    return cover, spread(strokes.body[part.box]) * (np.float32(0.45) + hair)


def _hairs(strokes: Strokes, part: Touched, pitch: float) -> tuple[Floats, Floats]:
    """Return the load of the hair that passed over each pixel (0 to 1), and how far it reached (-1 to 1)."""
    half, spread = strokes.half_width[part.box], part.spread
    level = np.clip(np.floor(np.log2(2 * half / pitch)), 2, 8).astype(np.intp)
    lanes = 2.0**level
    loads, ends, starts = brushes()
    place = part.aside * spread(lanes / (2.3 * half)) + spread(lanes / 2)
    np.clip(place, 0, spread(lanes - 1.001), out=place)
    lane = place.astype(np.int32)
    fraction = place - lane
    lane += np.repeat(
        (starts[level] + strokes.brush[part.box] * (lanes.astype(np.intp) + 1)).astype(np.int32), part.run
    )
    load, reach = loads.take(lane), ends.take(lane)
    magnified = lanes * pitch * 1.5 < half
    if magnified.any():
        fraction *= fraction * (3 - 2 * fraction)
        fraction *= spread(magnified)
        load += fraction * (loads.take(lane + 1) - load)
        reach += fraction * (ends.take(lane + 1) - reach)
    return load, reach


@lru_cache(maxsize=1)
def brushes() -> tuple[Floats, Floats, Numbers]:
    """Return the hairs of all brushes, for 2⁰ … 2⁸ lanes: load, reach, and where each level starts."""
    draw = np.random.default_rng(2026)
    fine = draw.normal(size=(BRUSHES, HAIRS)).astype(np.float32)
    load = sum(smooth(fine, s, 1) * s**0.62 for s in (0.7, 2.2, 7.0, 20.0))
    load = (load - load.min(1, keepdims=True)) / np.ptp(load, axis=1, keepdims=True)
    ends = smooth(draw.normal(size=(BRUSHES, HAIRS)).astype(np.float32), 5.0, 1) * 2.6 + 0.25 * fine
    rows: list[list[Floats]] = [[], []]
    starts = [0]
    for level in range(9):
        for row, full in zip(rows, (load, np.clip(ends, -1, 1)), strict=True):
            lanes = full.reshape(BRUSHES, 2**level, -1).mean(2)
            row.append(np.c_[lanes, lanes[:, -1:]].astype(np.float32).ravel())
        starts.append(starts[-1] + BRUSHES * (2**level + 1))
    return np.concatenate(rows[0]), np.concatenate(rows[1]), np.array(starts, np.intp)
