"""The equations of a filled surface: a thin plate under a tension that runs with the forms of the picture.

The energy that the fill makes least, summed over all pixels whose term touches an unknown one:

    plate:    u_xx² + 2 u_xy² + u_yy²       (smooth; its equation is biharmonic, a ramp costs nothing)
    tension:  (∇u)ᵀ D (∇u) per 2 × 2 cell   (no overshoot; weak across an edge, strong along it)

Terms that would reach beyond the picture are left out: the natural border, where nothing is known.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

OFFSETS = tuple((y, x) for y in range(-2, 3) for x in range(-2, 3) if abs(y) + abs(x) <= 2)
"""The 13 pixels an equation of the plate speaks of, its own among them."""
PLATE = (
    (((0, -1), 1.0), ((0, 0), -2.0), ((0, 1), 1.0)),
    (((-1, 0), 1.0), ((0, 0), -2.0), ((1, 0), 1.0)),
    (((0, 0), 2**0.5), ((0, 1), -(2**0.5)), ((1, 0), -(2**0.5)), ((1, 1), 2**0.5)),
)
CELL = ((0, 0, -0.5, -0.5), (0, 1, 0.5, -0.5), (1, 0, -0.5, 0.5), (1, 1, 0.5, 0.5))
"""A cell's corners (y, x) with what each adds to the slopes (x, y)."""


class Tension(NamedTuple):
    """The symmetric matrix D per cell, kept at the cell's upper left pixel: (h, w) each."""

    xx: Tensor
    xy: Tensor
    yy: Tensor


def weights(rows: Tensor, columns: Tensor, shape: tuple[int, int], tension: Tension) -> Tensor:
    """Return the (13, n) weights of the equations of n pixels."""
    result = torch.zeros(len(OFFSETS), len(rows), dtype=torch.float64, device=rows.device)
    for term in PLATE:
        _add_plate(result, rows, columns, shape, term)
    _add_tension(result, rows, columns, shape, tension)
    return result


def _add_plate(
    result: Tensor,
    rows: Tensor,
    columns: Tensor,
    shape: tuple[int, int],
    term: tuple[tuple[tuple[int, int], float], ...],
) -> None:
    low = [min(offset[axis] for offset, _ in term) for axis in (0, 1)]
    high = [max(offset[axis] for offset, _ in term) for axis in (0, 1)]
    for (y, x), mine in term:
        inside = (rows - y + low[0] >= 0) & (rows - y + high[0] < shape[0])
        inside &= (columns - x + low[1] >= 0) & (columns - x + high[1] < shape[1])
        for (other_y, other_x), theirs in term:
            result[OFFSETS.index((other_y - y, other_x - x))] += inside * (mine * theirs)


def _add_tension(
    result: Tensor, rows: Tensor, columns: Tensor, shape: tuple[int, int], tension: Tension
) -> None:
    flat = [plane.reshape(-1).double() for plane in tension]
    for y, x, my_x, my_y in CELL:
        top, left = rows - y, columns - x
        inside = (top >= 0) & (top + 1 < shape[0]) & (left >= 0) & (left + 1 < shape[1])
        cell = torch.where(inside, top * shape[1] + left, 0)
        xx, xy, yy = (plane[cell] * inside for plane in flat)
        for other_y, other_x, their_x, their_y in CELL:
            value = xx * (my_x * their_x) + xy * (my_x * their_y + my_y * their_x) + yy * (my_y * their_y)
            result[OFFSETS.index((other_y - y, other_x - x))] += value
