"""A chart of colours from all over the cube, and how far two renderings of it lie apart."""

from __future__ import annotations

import numpy as np

from tests.scans.inks import lab_of
from workstation.scans.lcms import Route, deep
from workstation.scans.source import Pixels


def dense(random: int = 20_000) -> Pixels:
    """Return a cube of 17³ colours, 1024 greys and colours by chance, in 16 bits."""
    steps = np.linspace(0, 65535, 17).astype(np.uint16)
    cube = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(1, -1, 3)
    greys = np.repeat(np.linspace(0, 65535, 1024).astype(np.uint16)[None, :, None], 3, axis=2)
    chance = np.random.default_rng(0).integers(0, 65536, (1, random, 3)).astype(np.uint16)
    return np.concatenate([cube, greys, chance], axis=1)


CHART = dense()


def exactly(route: Route, block: Pixels) -> Pixels:
    """Return what Little CMS makes of 16 bits without any of its shortcuts."""
    return deep(route, block, exact=True)


def rounded(block: Pixels) -> Pixels:
    """Return 16 bits as the nearest 8."""
    return np.rint(block / 257).astype(np.uint8)


def farness(ours: Pixels, theirs: Pixels, display: bytes) -> Pixels:
    """Return ΔE00 of each colour, as the display shows it."""
    import torch

    from models.colour import ciede2000

    labs = (torch.from_numpy(np.ascontiguousarray(lab_of(block, display))) for block in (ours, theirs))
    return ciede2000(*labs).numpy()
