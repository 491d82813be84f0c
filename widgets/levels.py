"""A tile source as the arrays that the canvas slices: one a level, never read as a whole.

The canvas places level k by shape 0 / shape k, so the declared shapes are padded to halve exactly at every
level: otherwise the picture would shift by a pixel from level to level. What is read is cut at the true edge.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from workstation.errors import UsageError, WorkstationError
from workstation.scans.hatch import hatched
from workstation.scans.source import Pixels, TileSource, colours_of

MOST_PIXELS = 80_000_000
"""A larger slice is no view but a mistake: a screen of 5,120 × 2,880 px takes up to 59 million."""


class LevelArray:
    """One level of a source, sliced like an array of (rows, columns) or (rows, columns, 3)."""

    def __init__(
        self, source: TileSource, index: int, shape: tuple[int, int], tell: Callable[[str], None]
    ) -> None:
        level = source.levels[index]
        samples = colours_of(source)
        self.source, self.index, self._level, self._tell = source, index, level, tell
        self._samples = samples
        self.shape = shape if samples == 1 else (*shape, samples)
        self.dtype = level.dtype
        self.ndim = len(self.shape)
        self.size = int(np.prod(self.shape, dtype=np.int64))
        self.chunks = level.tile if samples == 1 else (*level.tile, samples)

    def __len__(self) -> int:
        return self.shape[0]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Pixels:
        return np.asarray(self[:, :], dtype)

    def __getitem__(self, key: Any) -> Pixels:
        rows, columns = _extent(key, 0, self.shape[0]), _extent(key, 1, self.shape[1])
        y0, y1 = rows[0], min(rows[1], self._level.height)
        x0, x1 = columns[0], min(columns[1], self._level.width)
        if y0 >= y1 or x0 >= x1:
            return self._blank(1, 1)
        if (y1 - y0) * (x1 - x0) > MOST_PIXELS:
            raise UsageError(f"A view of {x1 - x0} × {y1 - y0} px is too large to show at once.")
        return self._read(y0, y1, x0, x1)

    def _read(self, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        try:
            block = self.source.read(self.index, y0, y1, x0, x1)
        except WorkstationError as error:
            self._tell(str(error))
            return self._blank(y1 - y0, x1 - x0)
        shown = block[..., 0] if self._samples == 1 else np.ascontiguousarray(block[..., : self._samples])
        return hatched(shown, self.source, self.index, y0, x0)

    def _blank(self, height: int, width: int) -> Pixels:
        return np.zeros((height, width, *self.shape[2:]), self.dtype)


def arrays_of(source: TileSource, tell: Callable[[str], None]) -> list[LevelArray]:
    """Return the levels of a source that halve, padded so that none shifts against the others."""
    count = halving_levels(source)
    height, width = (_padded(side, count) for side in (source.levels[0].height, source.levels[0].width))
    return [LevelArray(source, k, (height >> k, width >> k), tell) for k in range(count)]


def full_range(dtype: np.dtype[Any]) -> tuple[float, float]:
    """Return what is black and what is white: a 16-bit scan shows its whole range."""
    return (0.0, 1.0) if dtype.kind == "f" else (0.0, float(np.iinfo(dtype).max))


def _padded(side: int, count: int) -> int:
    step = 1 << (count - 1)
    return -(-side // step) * step


def halving_levels(source: TileSource) -> int:
    """Count the levels that are each half of the one before, rounded up."""
    levels = source.levels
    for index in range(1, len(levels)):
        above, here = levels[index - 1], levels[index]
        if (here.height, here.width) != (-(-above.height // 2), -(-above.width // 2)):
            return index
    return len(levels)


def _extent(key: Any, axis: int, size: int) -> tuple[int, int]:
    parts = key if isinstance(key, tuple) else (key,)
    part = parts[axis] if axis < len(parts) else slice(None)
    start, stop, _ = part.indices(size)
    return int(start), int(stop)
