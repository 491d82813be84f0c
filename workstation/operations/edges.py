"""Short strips across the edge of a marked window, one side in it and one beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from workstation.operations.operation import Rect
from workstation.scans.source import Pixels, TileSource

STRETCH, GAP, DEPTH = 4, 2, 6
"""Length along the edge, distance kept from it, and depth of a strip, for a window about 64 px wide."""
STRIPS = 64
"""At most so many strips are read on each side of the window."""


class Strip(NamedTuple):
    """(depth, stretch, channels) on each side; row 0 lies nearest the edge."""

    inside: Pixels
    outside: Pixels


def strips(source: TileSource, window: Rect) -> Iterator[Strip]:
    """Read strips along all four sides, larger ones for a larger window, none beyond the picture."""
    level, scale = 0, 1.0
    while max(window.width, window.height) * scale > 2048 and level + 1 < len(source.levels):
        level += 1
        scale = source.levels[level].width / source.levels[0].width
    y0, x0 = round(window.y * scale), round(window.x * scale)
    y1, x1 = round((window.y + window.height) * scale), round((window.x + window.width) * scale)
    unit = min(max(min(y1 - y0, x1 - x0) // 54, 1), 16)
    for edge, outward in ((y0, -1), (y1, 1)):
        for start in _starts(x0, x1, STRETCH * unit):
            yield from _strip(source, level, (edge, outward), start, unit, upright=False)
    for edge, outward in ((x0, -1), (x1, 1)):
        for start in _starts(y0, y1, STRETCH * unit):
            yield from _strip(source, level, (edge, outward), start, unit, upright=True)


def _strip(
    source: TileSource, level: int, side: tuple[int, int], start: int, unit: int, *, upright: bool
) -> Iterator[Strip]:
    """Read one strip as if its edge ran along a row, outside above; nothing where it leaves the picture."""
    edge, outward = side
    reach, end = (GAP + DEPTH) * unit, start + STRETCH * unit
    shape = source.levels[level]
    limit = (shape.width, shape.height) if upright else (shape.height, shape.width)
    if edge < reach or edge + reach > limit[0] or end > limit[1]:
        return
    if upright:
        block = source.read(level, start, end, edge - reach, edge + reach).swapaxes(0, 1)
    else:
        block = source.read(level, edge - reach, edge + reach, start, end)
    block = block if outward < 0 else block[::-1]
    yield Strip(block[reach + GAP * unit :], block[: DEPTH * unit][::-1])


def _starts(first: int, last: int, length: int) -> list[int]:
    count = max((last - first) // length, 0)
    kept = np.linspace(0, count - 1, min(count, STRIPS)).astype(int)
    return [first + k * length for k in sorted(set(kept.tolist()))]
