"""Pictures for the tests of scans: made from a seed, of any shape and type."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from workstation.jobs import finish
from workstation.scans.encoding import Compression
from workstation.scans.pyramid import write_pyramid
from workstation.scans.reduce import halve
from workstation.scans.source import ArraySource, Metadata, Pixels


def picture(height: int, width: int, channels: int = 3, dtype: Any = np.uint8, seed: int = 0) -> Pixels:
    """Return smooth colour with noise, over the whole range of the type."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    waves = np.sin(y / 37)[..., None] + np.cos(x / 23)[..., None] + np.arange(channels) / 3
    values = (waves + rng.normal(scale=0.1, size=(height, width, channels)) + 2.5) / 6
    kind = np.dtype(dtype)
    if kind.kind == "f":
        return values.astype(kind)
    limits = np.iinfo(kind)
    return (limits.min + np.clip(values, 0, 1) * (float(limits.max) - float(limits.min)) * 0.999).astype(kind)


def written(
    pixels: Pixels,
    target: Path,
    compression: Compression = "zstd",
    tile: int = 512,
    metadata: Metadata | None = None,
) -> Path:
    """Write a pyramid of an array and return its path."""
    return finish(write_pyramid(ArraySource(pixels, metadata), target, compression=compression, tile=tile))


def levels_of(pixels: Pixels, count: int) -> list[Pixels]:
    """Return an array and its halves: what the levels of its pyramid must be, bit for bit."""
    levels = [pixels]
    while len(levels) < count:
        levels.append(halve(levels[-1]))
    return levels
