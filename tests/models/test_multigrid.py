from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix, random_array
from scipy.sparse.linalg import spsolve

from models.multigrid import Compressed, Gathered, hierarchy, solve
from models.stencil import OFFSETS, Tension, weights

CPU = torch.device("cpu")


def equations(side: int, strength: float) -> tuple[csr_matrix, np.ndarray]:
    """Return the equations of all inner pixels of a square whose rim is known, under uneven tension."""
    places = np.argwhere(np.ones((side, side), bool)) + 2
    rows, columns = torch.from_numpy(np.ascontiguousarray(places.T))
    random = torch.rand(2, side + 4, side + 4, generator=torch.Generator().manual_seed(1))
    tension = Tension(strength * (0.1 + random[0]), 0 * random[0], strength * (0.1 + random[1]))
    values = weights(rows, columns, (side + 4, side + 4), tension).numpy()
    number = np.full((side + 6, side + 6), -1)
    number[places[:, 0], places[:, 1]] = np.arange(len(places))
    beside = np.stack([number[places[:, 0] + y, places[:, 1] + x] for y, x in OFFSETS])
    own = np.broadcast_to(np.arange(len(places)), beside.shape)
    matrix = csr_matrix(
        (values[beside >= 0], (own[beside >= 0], beside[beside >= 0])), (len(places), len(places))
    )
    return matrix, places


@pytest.mark.parametrize("side", [1, 5, 16, 50])
@pytest.mark.parametrize("strength", [1e-9, 0.1, 3.0])
def test_the_solution_is_that_of_a_direct_solver(side: int, strength: float) -> None:
    matrix, places = equations(side, strength)
    assert abs(matrix - matrix.T).max() < 1e-12
    right = np.random.default_rng(0).standard_normal((len(places), 3))
    right /= np.abs(spsolve(matrix.tocsc(), right)).max()
    grids = hierarchy(matrix, places, side / 2, CPU)
    found = solve(grids, torch.from_numpy(right), 1e-7).numpy()
    assert np.abs(found - spsolve(matrix.tocsc(), right).reshape(found.shape)).max() < 1e-5


def test_a_wide_hole_needs_few_steps() -> None:
    matrix, places = equations(120, 3.0)
    right = torch.from_numpy(np.random.default_rng(0).standard_normal((len(places), 1)))
    steps = 0

    class Counted(Compressed):
        def __matmul__(self, values: torch.Tensor) -> torch.Tensor:
            nonlocal steps
            steps += 1
            return super().__matmul__(values)

    grids = hierarchy(matrix, places, 60, CPU)
    grids[0] = grids[0].__class__(**{**grids[0].__dict__, "matrix": Counted(matrix)})
    solve(grids, right / 64, 1e-6)
    assert len(grids) > 3
    assert steps < 40 * 8


def test_both_forms_of_a_matrix_multiply_alike() -> None:
    matrix = csr_matrix(random_array((50, 40), density=0.1, rng=np.random.default_rng(2)))
    values = torch.rand(40, 3, dtype=torch.float64)
    assert torch.allclose(Compressed(matrix) @ values, Gathered(matrix, CPU) @ values, rtol=0, atol=1e-14)
