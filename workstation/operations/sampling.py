"""Looks at a bounded number of places of a picture of any size, for what an operation must know."""

from __future__ import annotations

from typing import NamedTuple

from workstation.scans.source import Pixels, TileSource

BLOCKS, SIDE = 8, 192
"""At most BLOCKS × BLOCKS blocks of SIDE px are read."""


class Block(NamedTuple):
    """Pixels, and where their upper left one lies in its level."""

    y: int
    x: int
    pixels: Pixels


def spread_blocks(source: TileSource, level: int = 0) -> list[Block]:
    """Read blocks from all over a level; their number does not grow with the picture."""
    shape = source.levels[level]
    places = [(y, x) for y in _starts(shape.height) for x in _starts(shape.width)]
    return [
        Block(y, x, source.read(level, y, min(y + SIDE, shape.height), x, min(x + SIDE, shape.width)))
        for y, x in places
    ]


def _starts(length: int) -> list[int]:
    count = min(BLOCKS, -(-length // SIDE))
    last = max(length - SIDE, 0)
    return sorted({round(k * last / max(count - 1, 1)) for k in range(count)})
