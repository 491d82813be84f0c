"""Solves the equations of a fill: conjugate gradients, preconditioned by one multigrid cycle.

Only unknown pixels are kept, and sums run in a fixed order: the same equations give the same bits on one
device, CPU or GPU.

Coarse grids are made from the equations themselves (Galerkin): a coarse unknown is a quadratic B-spline
over 4 × 4 pixels, smooth enough for a plate, where the usual bilinear hat would be far too stiff.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

COARSEST = 200
"""Unknowns at which the equations are solved outright."""
SWEEPS = 3
"""Degree of the Chebyshev smoother."""
LIMIT = 400
"""Steps after which the solution stands as it is."""


class Compressed:
    """A sparse matrix on the CPU, where scipy's loop is several times faster than gathering."""

    def __init__(self, matrix: csr_matrix) -> None:
        self.matrix = matrix

    def __matmul__(self, values: Tensor) -> Tensor:
        return torch.from_numpy(self.matrix @ values.numpy())


class Gathered:
    """A sparse matrix for the GPU by rows of fixed length: `columns` and `weights` are (entries, n)."""

    def __init__(self, matrix: csr_matrix, device: torch.device) -> None:
        lengths = np.diff(matrix.indptr)
        place = np.arange(matrix.nnz) - np.repeat(matrix.indptr[:-1], lengths)
        row = np.repeat(np.arange(matrix.shape[0]), lengths)
        shape = (max(int(lengths.max(initial=0)), 1), matrix.shape[0])
        columns, weights = np.zeros(shape, np.int64), np.zeros(shape)
        columns[place, row], weights[place, row] = matrix.indices, matrix.data
        self.columns = torch.from_numpy(columns).to(device)
        self.weights = torch.from_numpy(weights).to(device)[..., None]

    def __matmul__(self, values: Tensor) -> Tensor:
        result = self.weights[0] * values.index_select(0, self.columns[0])
        for columns, weights in zip(self.columns[1:], self.weights[1:], strict=True):
            result.addcmul_(weights, values.index_select(0, columns))
        return result


def sparse(matrix: csr_matrix, device: torch.device) -> Compressed | Gathered:
    """Bring a matrix to the device, in the form that is fast there."""
    return Compressed(matrix) if device.type == "cpu" else Gathered(matrix, device)


@dataclass(frozen=True)
class Grid:
    """One resolution of the equations; `up` brings a coarser correction here, `down` a residual there."""

    matrix: Compressed | Gathered
    diagonal: Tensor
    largest: float
    up: Compressed | Gathered | None = None
    down: Compressed | Gathered | None = None
    factor: Tensor | None = None


def solve(grids: list[Grid], right: Tensor, tolerance: float) -> Tensor:
    """Solve for (n, channels) until the largest correction of a step is below `tolerance`."""
    solution, residual = torch.zeros_like(right), right.clone()
    step = _cycle(grids, 0, residual)
    energy = (residual * step).sum(0)
    direction = step
    for _ in range(LIMIT):
        if float(step.abs().max()) < tolerance:
            break
        image = grids[0].matrix @ direction
        length = _divide(energy, (direction * image).sum(0))
        solution += length * direction
        residual -= length * image
        step = _cycle(grids, 0, residual)
        before, energy = energy, (residual * step).sum(0)
        direction = step + _divide(energy, before) * direction
    return solution


def hierarchy(
    matrix: csr_matrix, places: npt.NDArray[np.int64], wide: float, device: torch.device
) -> list[Grid]:
    """Build the grids for equations of pixels at (row, column) `places`, in holes of half-width `wide`."""
    grids: list[Grid] = []
    while matrix.shape[0] > COARSEST and wide > 3:
        up, places = _coarser(places)
        grids.append(_grid(matrix, device, up))
        matrix, wide = _steadied((up.T @ matrix @ up).tocsr()), wide / 2
    return [*grids, _grid(matrix, device)]


def _grid(matrix: csr_matrix, device: torch.device, up: csr_matrix | None = None) -> Grid:
    diagonal = matrix.diagonal()
    largest = float((np.asarray(abs(matrix).sum(1)).ravel() / diagonal).max())
    small = up is None and matrix.shape[0] <= 4 * COARSEST
    return Grid(
        sparse(matrix, device),
        torch.from_numpy(diagonal).to(device)[:, None],
        largest,
        None if up is None else sparse(up, device),
        None if up is None else sparse(up.T.tocsr(), device),
        torch.linalg.inv(torch.from_numpy(matrix.toarray())).to(device) if small else None,
    )


def _steadied(matrix: csr_matrix) -> csr_matrix:
    """Make a coarse matrix invertible: in a narrow hole several splines may say the same."""
    from scipy.sparse import diags_array

    return (matrix + diags_array(1e-8 * matrix.diagonal())).tocsr()


def _coarser(places: npt.NDArray[np.int64]) -> tuple[csr_matrix, npt.NDArray[np.int64]]:
    """Return the B-spline interpolation from the next coarser grid, and that grid's places."""
    from scipy.sparse import csr_matrix

    half = places >> 1
    beside = half + np.where(places & 1, 1, -1)
    rows, columns = np.stack([half[:, 0], beside[:, 0]]), np.stack([half[:, 1], beside[:, 1]])
    pairs = [(rows[i], columns[j], (0.75, 0.25)[i] * (0.75, 0.25)[j]) for i in (0, 1) for j in (0, 1)]
    key = np.concatenate([(row + 1) * (1 << 32) + column + 1 for row, column, _ in pairs])
    found, index = np.unique(key, return_inverse=True)
    weight = np.concatenate([np.full(len(places), value) for _, _, value in pairs])
    up: Any = csr_matrix((weight, (np.tile(np.arange(len(places)), 4), index)), (len(places), len(found)))
    return up, np.stack([(found >> 32) - 1, (found & 0xFFFFFFFF) - 1], 1)


def _cycle(grids: list[Grid], level: int, right: Tensor) -> Tensor:
    """Return an approximate solution: smooth, correct from the coarser grid, smooth again."""
    grid = grids[level]
    if grid.factor is not None:
        return grid.factor @ right
    value = _smooth(grid, right)
    if grid.up is None or grid.down is None:
        return value
    value += grid.up @ _cycle(grids, level + 1, grid.down @ (right - grid.matrix @ value))
    value += _smooth(grid, right - grid.matrix @ value)
    return value


def _smooth(grid: Grid, right: Tensor) -> Tensor:
    """Do Chebyshev steps, from zero, that damp the upper part of the spectrum."""
    middle, spread = grid.largest * 0.55, grid.largest * 0.45
    sigma = middle / spread
    rho = 1 / sigma
    change = right / (middle * grid.diagonal)
    value = change.clone()
    for _ in range(SWEEPS - 1):
        residual = (right - grid.matrix @ value).div_(grid.diagonal)
        before, rho = rho, 1 / (2 * sigma - rho)
        change = change.mul_(rho * before).add_(residual, alpha=2 * rho / spread)
        value += change
    return value


def _divide(above: Tensor, below: Tensor) -> Tensor:
    """Divide where there is something to divide by: a channel that is solved stands still."""
    return torch.where(below > 0, above / below.clamp_min(torch.finfo(below.dtype).tiny), 0.0)
