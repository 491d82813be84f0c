"""The levels of a scan: stored ones where they lie in the file, computed ones between and above them.

Whatever the file holds, level k is the full picture at 1 : 2^k: a pyramid in steps of four gets the missing
levels, and a flat scan gets all of them.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from workstation.scans.computed import TILE, coarser
from workstation.scans.pieces import Pieces
from workstation.scans.scan import DamageLog, Grid, StoredGrid
from workstation.scans.stored import PieceGrid, RowGrid
from workstation.scans.upright import upright


def stack_levels(
    finest: Pieces, reduced: Sequence[Pieces], damage: DamageLog, owner: Hashable, orientation: int = 1
) -> tuple[tuple[Grid, ...], tuple[int, ...]]:
    """Return the levels, finest first and upright, and which of them lie in the file."""
    base: Grid = upright(_grid(finest, 0, damage, owner), orientation)
    grids, steps, stored = [base], 0, [0]
    while True:
        found = next((pieces for pieces in reduced if _is_level(pieces, finest, len(grids))), None)
        level = grids[-1].level
        if found is None and max(level.height, level.width) <= TILE:
            return tuple(grids), tuple(stored)
        if found is None:
            steps += 1
            grids.append(coarser(base, grids[-1], steps, owner))
        else:
            base, steps = upright(_grid(found, len(grids), damage, owner), orientation), 0
            stored.append(len(grids))
            grids.append(base)


def add_coarser(finest: Grid, owner: Hashable) -> tuple[Grid, ...]:
    """Return a grid and the computed levels above it, down to about one tile."""
    grids = [finest]
    while max(grids[-1].level.height, grids[-1].level.width) > TILE:
        grids.append(coarser(finest, grids[-1], len(grids), owner))
    return tuple(grids)


def _grid(pieces: Pieces, index: int, damage: DamageLog, owner: Hashable) -> StoredGrid:
    return RowGrid(pieces, index, damage) if pieces.plain_rows else PieceGrid(pieces, index, damage, owner)


def _is_level(pieces: Pieces, full: Pieces, steps: int) -> bool:
    """Tell whether a reduced copy is the picture at 1 : 2^steps, rounded down or up at each halving."""
    same = pieces.samples.channels == full.samples.channels and pieces.samples.dtype == full.samples.dtype
    sizes = ((pieces.height, full.height), (pieces.width, full.width))
    return same and all(max(whole >> steps, 1) <= size <= -(-whole >> steps) for size, whole in sizes)
