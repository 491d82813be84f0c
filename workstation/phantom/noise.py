"""Randomness that belongs to a place: the same seed and coordinates give the same number in any block.

Everything here is elementwise (no matrix products, no running sums), so that a picture cut into other
blocks has the same samples to the last bit.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float32]
Doubles: TypeAlias = npt.NDArray[np.floating[Any]]
Ints: TypeAlias = npt.NDArray[np.int64]


def hashed(column: npt.NDArray[Any], row: npt.NDArray[Any], seed: int) -> npt.NDArray[np.uint32]:
    """Mix integer coordinates and a seed into 32 well spread bits."""
    start = np.uint32((seed * 0x9E3779B1 + 0x7F4A7C15) & 0xFFFFFFFF)
    bits = column.astype(np.uint32) * np.uint32(0x85EBCA6B) + start
    bits = (bits ^ (bits >> np.uint32(15))) * np.uint32(0x2C1B3C6D)
    bits = bits ^ (row.astype(np.uint32) * np.uint32(0xC2B2AE35))
    bits = (bits ^ (bits >> np.uint32(13))) * np.uint32(0x297A2D39)
    mixed: npt.NDArray[np.uint32] = bits ^ (bits >> np.uint32(16))
    return mixed


def value_noise(x: npt.NDArray[Any], y: npt.NDArray[Any], cell: float, seed: int) -> Floats:
    """Return smooth noise from -1 to 1 at scattered points; `cell` is its grain in the points' unit."""
    i, fx = _cells(x, cell)
    j, fy = _cells(y, cell)
    upper, lower = (
        left + (right - left) * fx
        for left, right in ((_corner(i, row, seed), _corner(i + 1, row, seed)) for row in (j, j + 1))
    )
    noise: Floats = upper + (lower - upper) * fy
    return noise


def grid_noise(x: Doubles, y: Doubles, cell: float | tuple[float, float], seed: int) -> Floats:
    """Return `value_noise` on the grid of columns `x` and rows `y`: much cheaper than point by point."""
    across, down = cell if isinstance(cell, tuple) else (cell, cell)
    i, fx = _cells(x, across)
    j, fy = _cells(y, down)
    columns, rows = np.arange(i[0], i[-1] + 2), np.arange(j[0], j[-1] + 2)
    nodes = _corner(columns[None, :], rows[:, None], seed)
    lines = nodes[j - j[0]] * (1 - fy)[:, None] + nodes[j - j[0] + 1] * fy[:, None]
    left, right = lines[:, i - i[0]], lines[:, i - i[0] + 1]
    noise: Floats = left + (right - left) * fx[None, :]
    return noise


def fractal(x: Doubles, y: Doubles, cell: float, seed: int, octaves: int = 3) -> Floats:
    """Return grid noise of several grains, each half as coarse and half as strong as the one before."""
    total = grid_noise(x, y, cell, seed)
    for octave in range(1, octaves):
        total += grid_noise(x, y, cell / 2**octave, seed + octave) * np.float32(0.5**octave)
    return total


def grain(columns: Ints, rows: Ints, seed: int, channels: int) -> Floats:
    """Return sensor noise of mean 0 and deviation 1 for every pixel (rows × columns × channels)."""
    noise = np.empty((rows.size, columns.size, channels), np.float32)
    for channel in range(channels):
        bits = hashed(columns[None, :], rows[:, None], seed + 7919 * channel)
        halves = (bits & np.uint32(0xFFFF)).astype(np.float32) + (bits >> np.uint32(16)).astype(np.float32)
        noise[..., channel] = (halves - np.float32(65535)) * np.float32(3.7375e-5)
    return noise


def _corner(column: npt.NDArray[Any], row: npt.NDArray[Any], seed: int) -> Floats:
    bits = hashed(column, row, seed) >> np.uint32(8)
    corner: Floats = bits.astype(np.float32) * np.float32(2 / 0xFFFFFF) - np.float32(1)
    return corner


def _cells(position: Doubles, cell: float) -> tuple[npt.NDArray[np.int32], Floats]:
    """Return the cell of each position, and how far on it lies in it, eased."""
    place = position / cell if cell != 1 else position
    index = np.floor(place)
    fraction = (place - index).astype(np.float32)
    return index.astype(np.int32), fraction * fraction * (3 - 2 * fraction)
