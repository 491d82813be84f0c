"""Pictures and masks that every operation can be tried on."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from workstation.operations.mask import Mask
from workstation.operations.operation import Rect, build, named, parameters
from workstation.operations.treatment import Step

WINDOW = Rect(200, 150, 160, 120)
"""Where the varnish of `painted` has been taken off."""


@cache
def painted(height: int, width: int) -> npt.NDArray[np.uint16]:
    """Return a 16-bit colour picture with forms, grain, a yellow varnish and a cleaned window in it."""
    rng = np.random.default_rng(5)
    y, x = np.mgrid[:height, :width].astype(float)
    forms = [0.45 + 0.3 * np.sin(x / p + y / q) * np.cos(y / p) for p, q in ((37, 90), (53, 41), (29, 70))]
    light = np.stack(forms, -1).clip(0.02, 0.98) ** 2.2
    varnished = light * (0.8, 0.6, 0.35) + (0.012, 0.011, 0.008)
    inside = np.zeros((height, width, 1), bool)
    inside[WINDOW.y : WINDOW.y + WINDOW.height, WINDOW.x : WINDOW.x + WINDOW.width] = True
    samples = np.where(inside, light, varnished) ** (1 / 2.2) + rng.normal(0, 0.01, (height, width, 3))
    return (samples.clip(0, 1) * 65_535).astype(np.uint16)


def example(name: str, height: int, width: int) -> Step:
    """Return the operation of that name with what it needs marked on `painted`."""
    operation = named(name)
    marked = {p.name: WINDOW for p in parameters(operation) if p.kind is Rect and p.name == "cleaned"}
    mask = Mask(height, width)
    rng = np.random.default_rng(6)
    for _ in range(25):
        y, x = int(rng.integers(0, height - 8)), int(rng.integers(0, width - 8))
        mask.add(y, x, np.ones((int(rng.integers(2, 40)), int(rng.integers(2, 40))), bool))
    mask.remove(WINDOW.y, WINDOW.x, np.ones((WINDOW.height, WINDOW.width), bool))
    return Step(build(name, marked), mask if operation.needs_mask else None)
