"""An operation over a source is a source again: pixels are computed when they are asked for.

Outside the mask every sample is the input's own. Field operations are computed block by block with a halo,
region operations once per region and kept; either way the pixels do not depend on how the reader cuts blocks.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from workstation.errors import MaskError
from workstation.operations.mask import TILE, Bits, Mask
from workstation.operations.operation import Operation, Rect, State, Window
from workstation.operations.regions import Region, Regions
from workstation.operations.treatment import Step
from workstation.scans.hatch import damage_seen
from workstation.scans.source import Box, Damage, Level, Metadata, Pixels, TileSource, check_block

WHOLE = 2048
"""A region whose bounding box is at most this many px wide and high is worked on as a whole …"""
PIECE = 1024
"""… a larger one (a crack network) in pieces of a grid that is fixed on the picture,"""
OVERLAP = 128
"""each seen with this margin, so that a piece's border has as good as no influence on what is kept."""
CACHE_BYTES = 256 << 20


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a region that is computed in one go; only its own rectangle is kept."""

    region: Region
    y0: int
    y1: int
    x0: int
    x1: int
    margin: int


class TreatedSource:
    """A source as it looks after one step, at every level: level 0 is the truth, coarser ones the preview."""

    def __init__(self, source: TileSource, step: Step, state: State) -> None:
        level = source.levels[0]
        if step.mask is not None:
            step.mask.check_fits(level.height, level.width)
        elif step.operation.needs_mask:
            raise MaskError(f"{step.operation.name} needs a mask: mark where it may act.")
        self._source = source
        self._step = Step(step.operation, _without(step.mask, step.operation.keeps()) if step.mask else None)
        self._state = state
        self._lock = threading.Lock()
        self._at_level: dict[int, _AtLevel] = {}

    @property
    def levels(self) -> tuple[Level, ...]:
        """The resolutions of the source below."""
        return self._source.levels

    @property
    def metadata(self) -> Metadata:
        """What travels with the pixels."""
        return self._source.metadata

    @property
    def damaged(self) -> tuple[Damage, ...]:
        """The damage of the source below."""
        return self._source.damaged

    def damage_seen(self, level: int, block: Box) -> set[Box]:
        """Return where a block of a level shows damage, in that level's pixels."""
        return damage_seen(self._source, level, block)

    def read(self, level: int, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        """Return the block after the step; the input's own samples wherever the mask is not marked."""
        check_block(self.levels[level], y0, y1, x0, x1)
        return self._prepared(level).read(y0, y1, x0, x1)

    def close(self) -> None:
        """Forget what was computed; the source below belongs to whoever opened it."""
        self._at_level.clear()

    def _prepared(self, level: int) -> _AtLevel:
        with self._lock:
            if level not in self._at_level:
                full, here = self.levels[0], self.levels[level]
                scale = here.width / full.width
                operation = self._step.operation if level == 0 else self._step.operation.at_scale(scale)
                mask = (
                    self._step.mask
                    if level == 0 or self._step.mask is None
                    else reduced(self._step.mask, here)
                )
                kind = _RegionsAtLevel if operation.kind == "region" else _FieldAtLevel
                self._at_level[level] = kind(self._source, level, operation, mask, self._state)
            return self._at_level[level]


def _without(mask: Mask, kept: tuple[Rect, ...]) -> Mask:
    """Return a copy of the mask in which the rectangles are not marked."""
    rest = mask.copy()
    for rect in kept:
        rest.remove(rect.y, rect.x, np.ones((rect.height, rect.width), bool))
    return rest


def reduced(mask: Mask, level: Level) -> Mask:
    """Return the mask for a coarser level: marked where any of its pixels was."""
    small = Mask(level.height, level.width)
    for row, column in mask.tiles:
        top, left = row * TILE, column * TILE
        ys, xs = np.nonzero(mask.read(top, top + TILE, left, left + TILE))
        rows = (ys + top) * level.height // mask.height
        columns = (xs + left) * level.width // mask.width
        block = np.zeros((int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1), bool)
        block[rows - rows.min(), columns - columns.min()] = True
        small.add(int(rows.min()), int(columns.min()), block)
    return small


class _AtLevel:
    """One step at one level of the source."""

    def __init__(
        self, source: TileSource, level: int, operation: Operation, mask: Mask | None, state: State
    ) -> None:
        self.source = source
        self.level = level
        self.height, self.width = source.levels[level].height, source.levels[level].width
        self.operation = operation
        self.mask = mask
        self.state = state
        self.halo = operation.halo(state)

    def read(self, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        raise NotImplementedError

    def around(self, y0: int, y1: int, x0: int, x1: int, margin: int) -> tuple[int, int, int, int]:
        """Return the block with a margin, as far as the picture goes."""
        return (
            max(y0 - margin, 0),
            min(y1 + margin, self.height),
            max(x0 - margin, 0),
            min(x1 + margin, self.width),
        )

    def marked(self, y0: int, y1: int, x0: int, x1: int) -> Bits:
        """Return where the step may act in the block."""
        if self.mask is not None:
            return self.mask.read(y0, y1, x0, x1)
        marked = np.ones((y1 - y0, x1 - x0), bool)
        full = self.source.levels[0]
        for rect in self.operation.keeps():
            top, bottom = (y * self.height // full.height for y in (rect.y, rect.y + rect.height))
            left, right = (x * self.width // full.width for x in (rect.x, rect.x + rect.width))
            marked[max(top - y0, 0) : max(bottom - y0, 0), max(left - x0, 0) : max(right - x0, 0)] = False
        return marked


class _FieldAtLevel(_AtLevel):
    """Field operations: every block is computed with its halo and cropped."""

    def read(self, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        if self.mask is not None and not self.mask.any(y0, y1, x0, x1):
            return self.source.read(self.level, y0, y1, x0, x1)
        top, bottom, left, right = self.around(y0, y1, x0, x1, self.halo)
        pixels = self.source.read(self.level, top, bottom, left, right)
        marked = self.marked(top, bottom, left, right)
        result = self.operation.apply(Window(pixels, marked, np.zeros_like(marked)), self.state)
        inner = (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))
        return np.where(marked[inner][..., None], result[inner], pixels[inner])


class _RegionsAtLevel(_AtLevel):
    """Region operations: each piece is computed once, by whoever asks first, and kept while there is room."""

    def __init__(
        self, source: TileSource, level: int, operation: Operation, mask: Mask | None, state: State
    ) -> None:
        super().__init__(source, level, operation, mask, state)
        if mask is None:
            raise MaskError(f"{operation.name} needs a mask: mark where it may act.")
        self._regions = Regions(mask)
        self._results: OrderedDict[Piece, Pixels] = OrderedDict()
        self._bytes = 0
        self._working: dict[Piece, threading.Lock] = {}
        self._lock = threading.Lock()

    def read(self, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        block = self.source.read(self.level, y0, y1, x0, x1).copy()
        for region in self._regions.touching(y0, y1, x0, x1):
            for piece in pieces(region):
                a, b, c, d = max(y0, piece.y0), min(y1, piece.y1), max(x0, piece.x0), min(x1, piece.x1)
                if a >= b or c >= d:
                    continue
                own = self._regions.read(region, a, b, c, d)
                if own.any():
                    part = self._result(piece)[a - piece.y0 : b - piece.y0, c - piece.x0 : d - piece.x0]
                    block[a - y0 : b - y0, c - x0 : d - x0][own] = part[own]
        return block

    def _result(self, piece: Piece) -> Pixels:
        with self._lock:
            turn = self._working.setdefault(piece, threading.Lock())
        with turn:
            with self._lock:
                if piece in self._results:
                    self._results.move_to_end(piece)
                    return self._results[piece]
            result = self._compute(piece)
            self._keep(piece, result)
            return result

    def _compute(self, piece: Piece) -> Pixels:
        margin = max(piece.margin, self.halo)
        top, bottom, left, right = self.around(piece.y0, piece.y1, piece.x0, piece.x1, margin)
        pixels = self.source.read(self.level, top, bottom, left, right)
        own = self._regions.read(piece.region, top, bottom, left, right)
        unknown = self.marked(top, bottom, left, right)
        result = self.operation.apply(Window(pixels, own, unknown), self.state)
        return result[piece.y0 - top : piece.y1 - top, piece.x0 - left : piece.x1 - left].copy()

    def _keep(self, piece: Piece, result: Pixels) -> None:
        with self._lock:
            self._results[piece] = result
            self._bytes += result.nbytes
            while self._bytes > CACHE_BYTES and len(self._results) > 1:
                oldest, dropped = self._results.popitem(last=False)
                self._bytes -= dropped.nbytes
                self._working.pop(oldest, None)


def pieces(region: Region) -> Iterator[Piece]:
    """Cut a region into what is computed in one go: itself, or cells of a grid fixed on the picture."""
    if max(region.y1 - region.y0, region.x1 - region.x0) <= WHOLE:
        yield Piece(region, region.y0, region.y1, region.x0, region.x1, 0)
        return
    for top in range(region.y0 // PIECE * PIECE, region.y1, PIECE):
        for left in range(region.x0 // PIECE * PIECE, region.x1, PIECE):
            y0, y1 = max(top, region.y0), min(top + PIECE, region.y1)
            x0, x1 = max(left, region.x0), min(left + PIECE, region.x1)
            yield Piece(region, y0, y1, x0, x1, OVERLAP)
