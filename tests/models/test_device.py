from __future__ import annotations

import pytest
import torch

from models import device


def test_the_variable_can_ask_for_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(device.VARIABLE, "cpu")
    assert device.choose() == torch.device("cpu")
    assert device.describe() == "CPU"


def test_without_a_gpu_the_cpu_is_chosen_whatever_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "gpu_usable", lambda: False)
    monkeypatch.setenv(device.VARIABLE, "cuda")
    assert device.choose().type == "cpu"
    assert device.describe() == "CPU"


def test_work_on_the_cpu_is_done_by_one_thread_and_deterministically() -> None:
    device.choose()
    assert torch.get_num_threads() == 1
    assert torch.are_deterministic_algorithms_enabled()


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_gpu_is_chosen_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(device.VARIABLE, raising=False)
    assert device.choose().type == "cuda"
    assert "GPU" in device.describe()
