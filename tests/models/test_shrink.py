"""The parts of the denoiser against their definitions."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.fft import dct

from models import shrink as module
from models.shrink import shrink


def test_the_fast_transform_is_the_orthonormal_cosine_transform() -> None:
    samples = torch.rand(8, 5, 7, generator=torch.Generator().manual_seed(0))
    waves = torch.stack(module._forward(list(samples)))
    assert np.allclose(waves.numpy(), dct(samples.numpy(), axis=0, norm="ortho"), atol=1e-6)
    assert torch.allclose(torch.stack(module._backward(list(waves))), samples, atol=1e-6)


@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 5, 40), (1, 8, 8), (2, 23, 9)])
def test_without_a_threshold_nothing_changes(shape: tuple[int, int, int]) -> None:
    planes = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    assert torch.allclose(shrink(planes, 0.0), planes, atol=1e-5)


def test_pieces_of_any_size_give_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    planes = torch.randn(2, 90, 110, generator=torch.Generator().manual_seed(1)) * 2
    results = []
    for piece in ((90, 110), (13, 29), (8, 200)):
        monkeypatch.setattr(module, "PIECE", piece)
        results.append(shrink(planes))
    assert torch.equal(results[0], results[1])
    assert torch.equal(results[0], results[2])


def test_white_noise_mostly_goes() -> None:
    noise = torch.randn(1, 128, 128, generator=torch.Generator().manual_seed(2))
    assert float(shrink(noise).std()) < 0.25


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_the_gpu_gives_the_same_bits_as_the_cpu() -> None:
    planes = torch.randn(3, 200, 300, generator=torch.Generator().manual_seed(1)) * 3
    assert torch.equal(shrink(planes.cuda()).cpu(), shrink(planes))
