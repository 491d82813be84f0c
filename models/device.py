"""Which processor does the heavy arithmetic, and in what manner: the same input gives the same result on it.

On the CPU every operation runs on one thread: several blocks are worked on at once by threads of our own,
and a sum split over another number of threads would round differently.
"""

from __future__ import annotations

import os
from functools import cache

import torch

VARIABLE = "WORKSTATION_DEVICE"


def choose() -> torch.device:
    """Return the device to work on: the GPU where one is usable, unless WORKSTATION_DEVICE says otherwise."""
    _steady()
    wanted = os.environ.get(VARIABLE, "").strip().lower()
    if wanted == "cpu" or not gpu_usable():
        return torch.device("cpu")
    return torch.device("cuda", torch.cuda.current_device())


def describe() -> str:
    """Say in a few words what the work runs on, for the status bar and the record."""
    device = choose()
    if device.type == "cpu":
        return "CPU"
    return f"GPU ({torch.cuda.get_device_name(device)})"


@cache
def instructions() -> str:
    """Name the vector instructions that torch uses on the CPU, such as AVX2: others may round differently."""
    return str(torch.backends.cpu.get_cpu_capability())


@cache
def gpu_usable() -> bool:
    """Tell whether a GPU is there and answers."""
    if not torch.cuda.is_available():
        return False
    try:
        return float(torch.ones(2, device="cuda").sum()) == 2.0
    except RuntimeError:  # a driver that does not fit, or a GPU that this build of torch does not know
        return False


@cache
def _steady() -> None:
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # cuBLAS refuses to be deterministic without
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    torch.backends.cudnn.benchmark = False
