"""A catalogue of its own for each test, and a layer to work on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workstation.catalogue.catalogue import Catalogue, open_catalogue
from workstation.catalogue.facts import Layer, Painting
from workstation.operations.mask import Mask


def measured(path: Path, width: int = 40, height: int = 30, page: int = 0) -> dict[str, Any]:
    """Return what measuring a picture would, for a file of any content."""
    data = path.read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    size = {"size_bytes": len(data), "width_px": width, "height_px": height}
    return {"path": str(path), "page": page, "sha256": sha256, "kind": "VIS", "pixels_per_mm": 20.0, **size}


def noise(value: float = 0.5) -> dict[str, Any]:
    """Return a step as the treatment's `step_values` does."""
    return {"operation": "suppress-noise", "version": 1, "parameters": {"strength": value}}


def blob(width: int = 1500, height: int = 700, seed: int = 1) -> Mask:
    """Return a mask with a few marked places, one of them across the picture's edge."""
    random = np.random.default_rng(seed)
    mask = Mask(height, width)
    for _ in range(4):
        y, x = int(random.integers(0, height)), int(random.integers(0, width))
        mask.add(y, x, random.random((90, 120)) > 0.3)
    return mask


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with open_catalogue(tmp_path / "catalogue") as opened:
        yield opened


@pytest.fixture
def painting(catalogue: Catalogue) -> Painting:
    return catalogue.add_painting(
        "View of Delft", artist="Johannes Vermeer", accession="92", height_mm=965, width_mm=1157
    )


@pytest.fixture
def layer(catalogue: Catalogue, painting: Painting, tmp_path: Path) -> Layer:
    path = tmp_path / "delft_VIS.tif"
    path.write_bytes(b"the pixels of Delft")
    (scan,) = catalogue.enter_scans((measured(path),), painting.id)
    return catalogue.add_layer(painting.id, scan.id)
