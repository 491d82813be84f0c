"""Scans placed on a painting."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from tests.catalogue.conftest import measured
from workstation.catalogue.catalogue import Catalogue
from workstation.catalogue.facts import Layer, Painting
from workstation.catalogue.layers import placed
from workstation.errors import UsageError


def test_a_new_layer_is_placed_by_its_resolution(layer: Layer) -> None:
    assert layer.transform == (0.05, 0, 0, 0, 0.05, 0, 0, 0, 1)
    assert (layer.visible, layer.opacity, layer.order) == (True, 1.0, 0)


def test_without_a_resolution_the_paintings_size_places_it(catalogue: Catalogue, tmp_path: Path) -> None:
    painting = catalogue.add_painting("Wide", width_mm=400, height_mm=150)
    path = tmp_path / "a.tif"
    path.write_bytes(b"pixels")
    (scan,) = catalogue.enter_scans(({**measured(path), "pixels_per_mm": None},), painting.id)
    assert placed(scan, painting) == (10, 0, 0, 0, 5, 0, 0, 0, 1)
    assert placed(scan, catalogue.change_painting(painting.id, width_mm=None))[:5] == (5, 0, 0, 0, 5)
    unknown = catalogue.change_painting(painting.id, height_mm=None)
    assert placed(scan, unknown)[:5] == (1, 0, 0, 0, 1)


def test_layers_come_from_the_bottom_up(catalogue: Catalogue, painting: Painting, layer: Layer) -> None:
    upper = catalogue.add_layer(painting.id, layer.scan_id, "copy")
    assert catalogue.layers(painting.id) == (layer, upper)
    catalogue.set_layer(layer.id, order=5)
    assert [found.id for found in catalogue.layers(painting.id)] == [upper.id, layer.id]


def test_every_field_can_be_set_and_is_kept(catalogue: Catalogue, layer: Layer) -> None:
    transform = (1.5, 0.1, -3, 0.2, 1.4, 7, 1e-6, 0, 1)
    catalogue.set_layer(layer.id, name="infrared", transform=transform, visible=False, opacity=0.25)
    found = catalogue.layer(layer.id)
    assert (found.name, found.transform, found.visible, found.opacity) == ("infrared", transform, False, 0.25)


@pytest.mark.parametrize(
    "changes",
    [
        {"opacity": 1.5},
        {"opacity": math.nan},
        {"transform": (0,) * 9},
        {"transform": (1, 2, 3)},
        {"transform": (math.inf, 0, 0, 0, 1, 0, 0, 0, 1)},
        {"transform": "identity"},
        {"name": " "},
        {"order": "top"},
        {"scan_id": 3},
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(
    catalogue: Catalogue, layer: Layer, changes: dict[str, object]
) -> None:
    with pytest.raises(UsageError):
        catalogue.set_layer(layer.id, visible=False, **changes)
    assert catalogue.layer(layer.id) == layer
