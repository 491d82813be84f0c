"""Records and exports are kept and found by their hashes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.catalogue.conftest import noise
from workstation.catalogue.catalogue import Catalogue
from workstation.catalogue.facts import Layer
from workstation.errors import CatalogueError, UsageError

RECORD = {
    "operation": "suppress-noise",
    "parameters": {"strength": 0.5},
    "input_sha256": "cd" * 32,
    "output_pixels_sha256": "ef" * 32,
}


def test_a_record_keeps_its_hashes_and_its_step(catalogue: Catalogue, layer: Layer) -> None:
    step = catalogue.append_step(layer.id, noise())
    entry = catalogue.add_record(layer.id, RECORD, step.id)
    assert catalogue.records(layer.id) == (entry,)
    assert (entry.input_sha256, entry.output_sha256) == ("cd" * 32, "ef" * 32)
    assert (entry.record, entry.step_id) == (RECORD, step.id)


def test_equal_records_have_equal_hashes_whatever_their_order(catalogue: Catalogue, layer: Layer) -> None:
    first = catalogue.add_record(layer.id, RECORD)
    second = catalogue.add_record(layer.id, dict(reversed(RECORD.items())))
    assert first.sha256 == second.sha256
    assert catalogue.add_record(layer.id, {**RECORD, "seed": 1}).sha256 != first.sha256


@pytest.mark.parametrize("record", [{"a": float("inf")}, {"a": {1, 2}}, {"a": "x" * (5 << 20)}])
def test_a_record_that_is_no_plain_json_is_refused(
    catalogue: Catalogue, layer: Layer, record: dict[str, object]
) -> None:
    with pytest.raises(UsageError, match="record"):
        catalogue.add_record(layer.id, record)
    assert catalogue.records(layer.id) == ()


def test_a_record_of_another_layers_step_is_refused(catalogue: Catalogue, layer: Layer) -> None:
    other = catalogue.add_layer(layer.painting_id, layer.scan_id, "other")
    step = catalogue.append_step(other.id, noise())
    with pytest.raises(CatalogueError, match="does not belong"):
        catalogue.add_record(layer.id, RECORD, step.id)


def test_an_export_is_found_by_its_layer(catalogue: Catalogue, layer: Layer) -> None:
    path = Path("/out/delft.png")
    export = catalogue.add_export(path, "restored", "ab" * 32, layer.id, Path("/out/delft.png.c2pa"))
    assert catalogue.exports(layer.id) == catalogue.exports() == (export,)
    assert export.credential_path == Path("/out/delft.png.c2pa")


def test_an_export_without_a_proper_hash_is_refused(catalogue: Catalogue) -> None:
    with pytest.raises(UsageError, match="SHA-256"):
        catalogue.add_export(Path("/out/a.png"), "restored", "AB" * 32)


def test_files_are_found_by_their_hash_where_something_lies_there(
    catalogue: Catalogue, layer: Layer, tmp_path: Path
) -> None:
    here, gone = tmp_path / "here.tif", tmp_path / "gone.tif"
    here.write_bytes(b"x")
    catalogue.add_export(here, "restored", "ab" * 32, layer.id)
    catalogue.add_export(gone, "restored", "12" * 32, layer.id)
    scan = catalogue.scan(layer.scan_id)
    many = [f"{number:064x}" for number in range(1200)]
    found = catalogue.known_files([*many, "ab" * 32, "12" * 32, scan.sha256, "no hash", "' OR 1"])
    assert found == {"ab" * 32: here, scan.sha256: scan.path}
