"""libvips as a second reader of our TIFFs; tests skip where it is absent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import imagecodecs
import numpy.typing as npt
import pytest

imagecodecs.jpegxl_version()  # before libvips brings its own libjxl, which would be taken for this one's


def vips_level(path: Path, level: int) -> npt.NDArray[Any]:
    """Return a level of a pyramid in SubIFDs as libvips decodes it: (h, w) or (h, w, channels)."""
    pyvips = pytest.importorskip("pyvips", reason="libvips is not installed", exc_type=ImportError)
    where = {"subifd": level - 1} if level else {}
    pixels: npt.NDArray[Any] = pyvips.Image.tiffload(str(path), **where).numpy()
    return pixels


def vips_colours(path: Path) -> tuple[int, str]:
    """Return how many bands libvips finds, and as what it understands them: "b-w" or "srgb"."""
    pyvips = pytest.importorskip("pyvips", reason="libvips is not installed", exc_type=ImportError)
    image = pyvips.Image.tiffload(str(path))
    return image.bands, image.interpretation


def vips_pages(path: Path) -> list[npt.NDArray[Any] | None]:
    """Return the pages of a TIFF as libvips decodes them; None for one that it cannot."""
    pyvips = pytest.importorskip("pyvips", reason="libvips is not installed", exc_type=ImportError)
    found: list[npt.NDArray[Any] | None] = []
    try:
        count = pyvips.Image.tiffload(str(path)).get("n-pages")
    except pyvips.Error:
        return []
    for page in range(count):
        try:
            found.append(pyvips.Image.tiffload(str(path), page=page, fail_on="error").numpy())
        except pyvips.Error:
            found.append(None)
    return found
