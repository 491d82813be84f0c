"""Tiles decoded before somebody looks: the ring around a view at rest, and the next coarser level under it.

One quiet thread, tile by tile, so that the next move of the view finds it done or drops it. What is fetched
is not handed over: it lies in the cache that the view reads from.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workstation.scans.computed import tiles_within
from workstation.scans.crew import work_behind
from workstation.scans.source import Box, TileSource


@dataclass(frozen=True, slots=True)
class Sight:
    """What is on the screen of one source."""

    source: TileSource
    level: int
    box: Box
    coarser: bool = True
    """Whether the next level is as cheap to read, so that it is fetched as well."""


class Prefetch:
    """Fetches what lies around what is seen until it is told to stop."""

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._todo: list[tuple[TileSource, int, Box]] = []
        self._fetching = self._closed = False
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def around(self, sights: Sequence[Sight]) -> None:
        """Fetch around these views, what is nearest first; what was left of earlier ones is dropped."""
        share = self._budget // max(len(sights), 1)
        todo = [(sight.source, *tile) for sight in sights for tile in _within(sight, share)]
        with self._changed:
            self._todo = todo[::-1]
            if todo and self._thread is None:
                self._thread = threading.Thread(target=self._work, name="prefetch", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def stop(self) -> None:
        """Fetch no more; the tile that is being decoded is finished."""
        with self._changed:
            self._todo = []

    def finish(self, seconds: float | None = None) -> None:
        """Return once there is nothing left to fetch, or all was dropped, or so much time has passed."""
        with self._changed:
            self._changed.wait_for(lambda: not self._todo and not self._fetching, seconds)

    def close(self) -> None:
        """Stop, and return once the thread reads no more."""
        with self._changed:
            self._todo, self._closed = [], True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        work_behind()
        while (tile := self._next()) is not None:
            source, level, box = tile
            try:
                source.read(level, *box)
            except Exception:  # noqa: BLE001  # the view will say so; a dead thread would fetch no more
                self.stop()

    def _next(self) -> tuple[TileSource, int, Box] | None:
        with self._changed:
            self._fetching = False
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._todo or self._closed)
            if self._closed:
                return None
            self._fetching = True
            return self._todo.pop()


def ring(sight: Sight) -> Iterator[tuple[int, Box]]:
    """Yield level and box of each tile around a view, then of each under it and around at the next level."""
    seen = set(_tiles(sight.source, sight.level, sight.box, 0))
    yield from ((sight.level, at) for at in _tiles(sight.source, sight.level, sight.box, 1) if at not in seen)
    if sight.coarser and sight.level + 1 < len(sight.source.levels):
        y0, y1, x0, x1 = (side // 2 for side in sight.box)
        yield from (
            (sight.level + 1, at) for at in _tiles(sight.source, sight.level + 1, (y0, y1 + 1, x0, x1 + 1), 1)
        )


def _within(sight: Sight, budget: int) -> Iterator[tuple[int, Box]]:
    """Yield of the ring what has room in so many bytes."""
    for level, box in ring(sight):
        here = sight.source.levels[level]
        budget -= (box[1] - box[0]) * (box[3] - box[2]) * here.channels * here.dtype.itemsize
        if budget < 0:
            return
        yield level, box


def _tiles(source: TileSource, level: int, box: Box, more: int) -> list[Box]:
    """Return the tiles that a box touches, and `more` around it."""
    here = source.levels[level]
    rows, columns = here.tile
    y0, y1 = max(box[0] - more * rows, 0), min(box[1] + more * rows, here.height)
    x0, x1 = max(box[2] - more * columns, 0), min(box[3] + more * columns, here.width)
    return [
        (
            row * rows,
            min((row + 1) * rows, here.height),
            column * columns,
            min((column + 1) * columns, here.width),
        )
        for row, column in tiles_within(y0, y1, x0, x1, here.tile)
    ]
