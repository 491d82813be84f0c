"""A picture of any size made small: the mean over the area of each new pixel, read block by block."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import product
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from workstation.errors import ExhibitError
from workstation.jobs import Job, Progress
from workstation.scans.source import Pixels, TileSource

Read: TypeAlias = Callable[[int, int, int, int], Pixels]
"""(y0, y1, x0, x1) → (h, w, channels)."""
Means: TypeAlias = npt.NDArray[np.float32]

BLOCK = 768
"""At most about this many pixels are read along each side at a time."""
MOST_PIXELS = 400_000_000
"""A picture without coarser levels is read whole up to this size."""


def level_for(source: TileSource, width: int, height: int) -> int:
    """Return the coarsest level that is still at least as fine as a picture of `width` × `height`."""
    fine = [n for n, level in enumerate(source.levels) if level.width >= width and level.height >= height]
    return fine[-1] if fine else 0


def check_readable(source: TileSource, level: int, name: str) -> None:
    """Raise ExhibitError for a giant scan without coarser levels: reading it all would take hours."""
    size = source.levels[level]
    if size.width * size.height > MOST_PIXELS:
        raise ExhibitError(
            f"{name} is {size.width} × {size.height} px and has no coarser levels. Give it some first: "
            "workstation pyramid SOURCE TARGET"
        )


def averaged(read: Read, size: tuple[int, int], target: tuple[int, int], what: str = "") -> Job[Means]:
    """Return a picture of `size` (width, height) as one of `target` (width, height), area by area."""
    (wide, high), (across, down) = size, target
    parts: Means | None = None
    blocks = list(product(_spans(high, down), _spans(wide, across)))
    for done, ((top, bottom), (left, right)) in enumerate(blocks):
        yield Progress(done, len(blocks), what)
        ys, xs = _edges(high, down, top, bottom), _edges(wide, across, left, right)
        y0, x0 = math.floor(ys[0]), math.floor(xs[0])
        block = read(y0, min(math.ceil(ys[-1]), high), x0, min(math.ceil(xs[-1]), wide))
        if parts is None:
            parts = np.empty((down, across, block.shape[-1]), np.float32)
        rows = _means(block.astype(np.float64), ys - y0, 0)
        parts[top:bottom, left:right] = _means(rows, xs - x0, 1)
    if parts is None:
        raise ValueError("a picture of no pixels")
    return parts


def _spans(length: int, count: int) -> Iterator[tuple[int, int]]:
    step = max(1, int(BLOCK * count / length))
    for start in range(0, count, step):
        yield start, min(start + step, count)


def _edges(length: int, count: int, start: int, stop: int) -> npt.NDArray[np.float64]:
    return np.arange(start, stop + 1) * length / count


def _means(
    block: npt.NDArray[np.float64], edges: npt.NDArray[np.float64], axis: int
) -> npt.NDArray[np.float64]:
    """Return the mean between each two neighbouring edges, from the running sum at the edges."""
    lines = np.moveaxis(block, axis, 0)
    total = np.concatenate((np.zeros((1, *lines.shape[1:])), np.cumsum(lines, axis=0)))
    whole = np.minimum(np.floor(edges).astype(int), len(lines) - 1)
    part = (edges - whole).reshape(-1, *[1] * (lines.ndim - 1))
    at_edges = total[whole] + part * lines[whole]
    spans = np.diff(edges).reshape(part.shape[0] - 1, *part.shape[1:])
    return np.moveaxis(np.diff(at_edges, axis=0) / spans, 0, axis)
