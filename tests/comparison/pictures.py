"""Small pictures made up for the tests of comparison."""

from __future__ import annotations

import numpy as np

from workstation.scans.source import Damage, Level, Metadata, Pixels, check_block


def painted(height: int, width: int) -> Pixels:
    """Return a picture of soft colours, always the same."""
    y, x = np.mgrid[:height, :width]
    bands = (120 + 90 * np.sin(x / 17), 110 + 70 * np.cos(y / 13), 90 + 60 * np.sin((x + y) / 29))
    return np.dstack(bands).astype(np.uint8)


def noisy(picture: Pixels, strength: float) -> Pixels:
    """Return the picture with noise, always the same."""
    noise = np.random.default_rng(5).normal(0, strength, picture.shape)
    return np.asarray((picture + noise).clip(0, 255), np.uint8)


class Levels:
    """A picture with coarser levels, as a pyramid has them."""

    def __init__(self, picture: Pixels, levels: int) -> None:
        self._pictures = [picture]
        for _ in range(levels - 1):
            last = self._pictures[-1]
            odd = (last.shape[0] % 2, last.shape[1] % 2)
            even = np.pad(last, ((0, odd[0]), (0, odd[1]), (0, 0)), "edge").astype(np.uint16)
            total = even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]
            self._pictures.append(((total + 2) // 4).astype(np.uint8))
        self.levels = tuple(Level(*p.shape, p.dtype, (32, 32)) for p in self._pictures)
        self.metadata = Metadata()
        self.damaged: tuple[Damage, ...] = ()
        self.read_levels: list[int] = []

    def whole(self, level: int) -> Pixels:
        """Return all pixels of a level."""
        return self._pictures[level]

    def read(self, level: int, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        """Return a copy of the block."""
        check_block(self.levels[level], y0, y1, x0, x1)
        self.read_levels.append(level)
        return self._pictures[level][y0:y1, x0:x1].copy()

    def close(self) -> None:
        """Nothing to give back."""
