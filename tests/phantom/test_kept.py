"""The demonstration painting that the window keeps for its user."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile

from workstation.credentials.verifying import verify
from workstation.jobs import finish
from workstation.phantom import kept
from workstation.phantom.phantom import Phantom


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a small painting: what is tested is the keeping."""
    monkeypatch.setattr(kept, "WIDTH_PX", 120)


def test_a_layer_is_painted_once_signed_as_computed_and_found_again(own_home: Path) -> None:
    path = finish(kept.kept_scan("XR"))
    written = path.stat().st_mtime_ns
    assert finish(kept.kept_scan("XR")) == path
    assert path.stat().st_mtime_ns == written
    layer = Phantom(120, seed=kept.SEED).layer("XR")
    height, width = layer.levels[0].height, layer.levels[0].width
    pixels = tifffile.imread(path, series=0, level=0)
    assert np.array_equal(pixels, layer.read(0, 0, height, 0, width)[..., 0])
    verdict = verify(path)
    assert verdict.state == "unknown-signer"
    assert verdict.actions == ("c2pa.created",)


def test_a_studio_that_was_damaged_is_made_anew(own_home: Path) -> None:
    folder = finish(kept.kept_scan("XR")).parent
    for file in (folder / "certificates").iterdir():
        file.write_text("nothing")
    assert verify(finish(kept.kept_scan("IRR"))).state == "unknown-signer"
