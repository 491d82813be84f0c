"""The levels of a scan: stored ones where they lie in the file, computed ones between and above them.

Whatever the file holds, level k is the full picture at 1 : 2^k: a pyramid in steps of four gets the missing
levels, and a flat scan gets all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from workstation.scans.cache import Share
from workstation.scans.computed import EXACT_PIXELS, SKETCHED_PIXELS, TILE, HalvedGrid, SketchGrid
from workstation.scans.damaged import DamageLog
from workstation.scans.mosaic import EXACT_STEPS, MosaicGrid
from workstation.scans.pieces import Pieces
from workstation.scans.scan import Grid, StoredGrid
from workstation.scans.source import Level
from workstation.scans.stored import PieceGrid, RowGrid
from workstation.scans.upright import turned, upright


@dataclass(frozen=True, slots=True)
class Looking:
    """Where the tiles of a scan are cached, and up to which size its coarser levels are exact."""

    stored: Share = field(default_factory=Share)
    computed: Share = field(default_factory=Share)
    exact_pixels: int = EXACT_PIXELS

    def forget(self) -> None:
        """Give the memory back."""
        self.stored.forget()
        self.computed.forget()


def stack_levels(
    finest: Pieces, reduced: Sequence[Pieces], damage: DamageLog, looking: Looking, orientation: int = 1
) -> tuple[tuple[Grid, ...], tuple[int, ...]]:
    """Return the levels, finest first and upright, and which of them lie in the file."""
    base, steps, stored = _grid(finest, 0, damage, looking), 0, [0]
    grids: list[Grid] = [upright(base, orientation)]
    in_rows = finest.size[1] == finest.width
    while True:
        found = next((pieces for pieces in reduced if _is_level(pieces, finest, len(grids))), None)
        level = grids[-1].level
        if found is None and max(level.height, level.width) <= TILE:
            return tuple(grids), tuple(stored)
        if found is not None:
            base, steps, in_rows = _grid(found, len(grids), damage, looking), 0, found.size[1] == found.width
            stored.append(len(grids))
            grids.append(upright(base, orientation))
            continue
        steps += 1
        if in_rows and _is_sketched(base.level, level, steps, looking):
            grids.append(turned(SketchGrid(base, steps, looking.computed), orientation))
        elif not in_rows and _is_mosaic(base.level, level, steps):
            is_damaged = partial(damage.names, stored[-1])
            grids.append(turned(MosaicGrid(base, steps, looking.computed, is_damaged), orientation))
        else:
            grids.append(HalvedGrid(grids[-1], looking.computed))


def add_coarser(finest: Grid, share: Share) -> tuple[Grid, ...]:
    """Return a grid in memory and the computed levels above it, down to about one tile."""
    grids = [finest]
    while max(grids[-1].level.height, grids[-1].level.width) > TILE:
        grids.append(HalvedGrid(grids[-1], share))
    return tuple(grids)


def _grid(pieces: Pieces, index: int, damage: DamageLog, looking: Looking) -> StoredGrid:
    if pieces.plain_rows:
        return RowGrid(pieces, index, damage)
    return PieceGrid(pieces, index, damage, looking.stored)


def _is_sketched(base: Level, previous: Level, steps: int, looking: Looking) -> bool:
    """Tell whether the level above `previous` is a sketch of strips."""
    is_large = base.height * base.width > looking.exact_pixels
    return is_large and (steps == 1 or previous.height * previous.width > SKETCHED_PIXELS)


def _is_mosaic(base: Level, previous: Level, steps: int) -> bool:
    """Tell whether the level above `previous` is a sketch of tiles.

    It has fewer details than one of strips, so only what is too large to be decoded at a look becomes one.
    """
    is_giant = base.height * base.width > EXACT_PIXELS and steps > EXACT_STEPS
    return is_giant and previous.height * previous.width > SKETCHED_PIXELS


def _is_level(pieces: Pieces, full: Pieces, steps: int) -> bool:
    """Tell whether a reduced copy is the picture at 1 : 2^steps, rounded down or up at each halving."""
    same = pieces.samples.channels == full.samples.channels and pieces.samples.dtype == full.samples.dtype
    sizes = ((pieces.height, full.height), (pieces.width, full.width))
    return same and all(max(whole >> steps, 1) <= size <= -(-whole >> steps) for size, whole in sizes)
