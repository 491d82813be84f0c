"""The drawing below the paint, in black chalk: outlines, hatched shadows, and a jug that was moved later."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from workstation.phantom.planes import softened
from workstation.phantom.shapes import Array
from workstation.phantom.strokes import BRUSHES, Strokes
from workstation.phantom.study import FINE, Study

PIECE = 11.0
"""The length of one chalk line before the hand is set anew, in mm."""


def underdrawing(study: Study) -> Strokes:
    """Draw the study as it stood before painting began."""
    draw = np.random.default_rng([study.scene.seed, 71])
    lines: list[Array] = []
    jug = [i + 2 for i, solid in enumerate(study.scene.solids) if solid.name in ("jug", "rim", "handle")]
    for thing in range(1, len(study.scene.solids) + 3):
        for path in _outline(study, study.thing == thing):
            lines += _cut(path + draw.normal(0, 0.9, 2), draw)
    for path in _outline(study, np.isin(study.thing, jug)):
        moved = (path - path.mean(0)) * 1.05 + path.mean(0) + np.array([-27.0, -9.0])
        lines += _cut(moved, draw) + _cut(moved + draw.normal(0, 1.2, 2), draw)
    lines += _hatching(study, draw)
    return _chalk(np.array(lines), draw)


def _outline(study: Study, shape: Array) -> list[Array]:
    """Return the outline of a shape as paths of (x, y) in mm."""
    from skimage.measure import find_contours

    rows, columns = np.flatnonzero(shape.any(1)), np.flatnonzero(shape.any(0))
    if not rows.size:
        return []
    part = shape[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    soft = softened(np.pad(part.astype(np.float32), 6), 0.8 * FINE)
    return [
        (path[:, ::-1] - 6 + (columns[0], rows[0]) + 0.5) / FINE
        for path in find_contours(soft, 0.5)  # type: ignore[no-untyped-call]
        if len(path) > 12 * FINE
    ]


def _cut(path: Array, draw: np.random.Generator) -> list[Array]:
    """Cut a path into lines of a hand's reach, a little too long and a little off: start, middle, end."""
    length = np.r_[0, np.cumsum(np.hypot(*np.diff(path, axis=0).T))]
    count = max(2, int(length[-1] / PIECE))
    borders = np.linspace(0, length[-1], count + 1)
    pieces = []
    for start, end in pairwise(borders):
        at = np.array([start - 1.5, (start + end) / 2, end + 1.5])
        points = np.stack([np.interp(at, length, path[:, axis]) for axis in (0, 1)], -1)
        pieces.append(points + draw.normal(0, 0.35, 2) + draw.normal(0, 0.12, (3, 2)))
    return pieces


def _hatching(study: Study, draw: np.random.Generator) -> list[Array]:
    """Hatch the shadows: parallel lines down to the left where a thing lies darker than it is elsewhere."""
    grey = np.sqrt(study.colour.mean(-1))
    usual = np.ones(study.thing.max() + 1)
    for thing in np.unique(study.thing):
        usual[thing] = np.median(grey[study.thing == thing])
    dark = (grey < 0.8 * usual[study.thing]) & (study.thing > 0)
    width, height = study.size
    columns, rows = np.meshgrid(np.arange(4, width, 2.3), np.arange(4, height, 7.5))
    x, y = columns.ravel(), rows.ravel() + draw.normal(0, 1.6, rows.size)
    middle = np.stack([x, y], -1)[study.at(dark, x, y)]
    half = np.array([-0.5, 0.86]) * draw.uniform(3.5, 6.5, (len(middle), 1))
    return list(np.stack([middle - half, middle + np.array([0.3, 0.15]), middle + half], 1))


def _chalk(lines: Array, draw: np.random.Generator) -> Strokes:
    """Turn lines (n × start, middle, end × 2) into strokes of chalk."""
    chord = lines[:, 2] - lines[:, 0]
    half = np.maximum(np.hypot(*chord.T) / 2, 0.3)
    angle = np.arctan2(chord[:, 1], chord[:, 0])
    base = (lines[:, 0] + lines[:, 2]) / 2
    off = lines[:, 1] - base
    sag = off[:, 1] * np.cos(angle) - off[:, 0] * np.sin(angle)
    count = len(lines)
    none = np.zeros((count, 3), np.float32)
    return Strokes(
        x=lines[:, 1, 0], y=lines[:, 1, 1], angle=angle, half_length=half,
        half_width=draw.uniform(0.28, 0.55, count), bend=-sag / half**2,
        opacity=draw.uniform(0.55, 0.95, count),
        body=np.zeros(count), dryness=draw.uniform(0.2, 0.9, count), brush=draw.integers(0, BRUSHES, count),
        paint=none + 0.02, aged=none + 0.02, infrared=np.full((count, 2), 0.04, np.float32),
        lead=np.zeros(count, np.float32), glow=none,
    )  # fmt: skip
