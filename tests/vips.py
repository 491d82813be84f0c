"""libvips as a second reader of our TIFFs; tests skip where it is absent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy.typing as npt
import pytest


def vips_level(path: Path, level: int) -> npt.NDArray[Any]:
    """Return a level of a pyramid in SubIFDs as libvips decodes it: (h, w) or (h, w, channels)."""
    pyvips = pytest.importorskip("pyvips", reason="libvips is not installed", exc_type=ImportError)
    where = {"subifd": level - 1} if level else {}
    pixels: npt.NDArray[Any] = pyvips.Image.tiffload(str(path), **where).numpy()
    return pixels
