"""Runs a field operation block by block, each with its halo, as the renderer does."""

from __future__ import annotations

import numpy as np

from workstation.operations.operation import Operation, State, Window
from workstation.scans.source import Pixels


def whole(operation: Operation, pixels: Pixels, state: State) -> Pixels:
    everywhere = np.ones(pixels.shape[:2], bool)
    return operation.apply(Window(pixels, everywhere, everywhere), state)


def by_blocks(operation: Operation, pixels: Pixels, state: State, size: int) -> Pixels:
    """Blocks at the border of the picture have no halo there."""
    halo, result = operation.halo(state), np.zeros_like(pixels)
    for y in range(0, pixels.shape[0], size):
        for x in range(0, pixels.shape[1], size):
            top, left = max(y - halo, 0), max(x - halo, 0)
            window = pixels[top : y + size + halo, left : x + size + halo]
            done = whole(operation, window, state)[y - top : y - top + size, x - left : x - left + size]
            result[y : y + size, x : x + size] = done
    return result
