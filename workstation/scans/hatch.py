"""Damage drawn as damage: stripes over every pixel that comes from a tile that could not be decoded.

For the eye only. What works on pixels reads zeros there and looks at `damaged`.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from workstation.scans.source import Box, Damage, Pixels, TileSource

STRIPE = 12
"""The width of a stripe along a row, in pixels of the level that is shown."""


@runtime_checkable
class Striped(Protocol):
    """A source that finds the damage of a block without going through all there is."""

    def damage_seen(self, level: int, block: Box) -> set[Box]:
        """Return where a block of a level shows damage, in that level's pixels; more does no harm."""
        ...


def hatched(block: Pixels, source: TileSource, level: int, y0: int, x0: int) -> Pixels:
    """Return a block that was just read, (h, w) or (h, w, 3) from (y0, x0), with stripes over its damage."""
    bounds = (y0, y0 + block.shape[0], x0, x0 + block.shape[1])
    common = [part for box in damage_seen(source, level, bounds) if (part := overlap(box, bounds))]
    if not common:
        return block
    block = block.copy()  # it may be the cache's own
    marked = np.zeros(block.shape[:2], bool)
    for a, b, c, d in common:
        marked[a - y0 : b - y0, c - x0 : d - x0] = True
    top, left = min(box[0] for box in common), min(box[2] for box in common)
    bottom, right = max(box[1] for box in common), max(box[3] for box in common)
    inside = slice(top - y0, bottom - y0), slice(left - x0, right - x0)
    _stripe(block[inside], marked[inside], top, left)
    return block


def damage_seen(source: TileSource, level: int, block: Box) -> set[Box]:
    """Return where a block of any source shows damage, in that level's pixels."""
    if isinstance(source, Striped):
        return source.damage_seen(level, block)
    boxes = (seen_at(damage, source, level) for damage in source.damaged)
    return {box for box in boxes if box is not None}


def seen_at(damage: Damage, source: TileSource, level: int) -> Box | None:
    """Return the pixels of a level that come from a damaged tile; None where the level does not show it."""
    last = damage.level if damage.last_level is None else damage.last_level
    if not damage.level <= level <= last or damage.level >= len(source.levels):
        return None
    own, step = source.levels[damage.level], 1 << (level - damage.level)
    rows, columns = own.tile
    y0, y1, x0, x1 = damage.box or (
        damage.row * rows,
        min((damage.row + 1) * rows, own.height),
        damage.column * columns,
        min((damage.column + 1) * columns, own.width),
    )
    return y0 // step, -(-y1 // step), x0 // step, -(-x1 // step)


def overlap(one: Box, other: Box) -> Box | None:
    """Return what two boxes have in common."""
    y0, y1, x0, x1 = (
        max(one[0], other[0]),
        min(one[1], other[1]),
        max(one[2], other[2]),
        min(one[3], other[3]),
    )
    return (y0, y1, x0, x1) if y0 < y1 and x0 < x1 else None


def _stripe(part: Pixels, marked: npt.NDArray[np.bool_], y0: int, x0: int) -> None:
    """Fill with stripes fixed on the level: black, and white or, in colour, a magenta no painting has."""
    rows, columns = np.arange(y0, y0 + part.shape[0]), np.arange(x0, x0 + part.shape[1])
    dark = (rows[:, None] + columns) // STRIPE % 2 == 0
    light = 1 if part.dtype.kind == "f" else np.iinfo(part.dtype).max
    part[marked & dark] = 0
    part[marked & ~dark] = light if part.ndim == 2 else np.array([light, 0, light], part.dtype)
