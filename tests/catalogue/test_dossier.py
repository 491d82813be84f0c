"""A painting travels as one file; a file that only looks like one is turned away in one sentence."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import struct
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.catalogue.conftest import blob, measured, noise
from workstation.catalogue import dossier_reading
from workstation.catalogue.catalogue import Catalogue, open_catalogue
from workstation.catalogue.dossier_reading import reading_dossier
from workstation.catalogue.dossier_writing import contents_of, writing_dossier
from workstation.catalogue.facts import Layer, Painting
from workstation.errors import CatalogueError
from workstation.jobs import finish


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Catalogue]:
    """Return a colleague's catalogue."""
    with open_catalogue(tmp_path / "other") as opened:
        yield opened


@pytest.fixture
def full(catalogue: Catalogue, layer: Layer) -> Painting:
    """Return a painting with everything that can be known of one."""
    mask = catalogue.store_mask(blob())
    catalogue.append_step(layer.id, noise(0.1), author="A. Jansen")
    step = catalogue.append_step(layer.id, noise(0.2), mask)
    catalogue.add_record(layer.id, {"operation": "suppress-noise", "area_px": 12, "who": "A"}, step.id)
    catalogue.undo(layer.id)
    catalogue.append_step(layer.id, noise(0.3), catalogue.store_mask(blob(seed=2)))
    catalogue.undo(layer.id)
    catalogue.add_export(Path("/out/delft.png"), "restored", "ab" * 32, layer.id, Path("/out/delft.png.c2pa"))
    catalogue.add_note(layer.painting_id, 'Relined in "1951", Häuser', "B. de Vries")
    catalogue.set_layer(layer.id, opacity=0.5, visible=False, transform=(0.1, 0.2, 3, 0, 0.1, 0, 0, 1e-9, 1))
    catalogue.add_layer(layer.painting_id, layer.scan_id, "second")
    return catalogue.painting(layer.painting_id)


@pytest.fixture
def dossier(catalogue: Catalogue, full: Painting, tmp_path: Path) -> Path:
    return finish(writing_dossier(catalogue, full.id, tmp_path / "delft.dossier")).path


def test_a_painting_arrives_with_all_that_is_known_of_it(
    catalogue: Catalogue, other: Catalogue, full: Painting, dossier: Path
) -> None:
    other.add_painting("Another, so that the numbers differ")
    arrival = finish(reading_dossier(other, dossier))
    assert dataclasses.replace(arrival.painting, id=full.id) == full
    assert contents_of(other, arrival.painting.id) == contents_of(catalogue, full.id)
    first = arrival.layers[0]
    assert [step.parameters["strength"] for step in other.treatment(first.id)] == [0.1]
    redone = other.redo(first.id)
    assert redone is not None
    assert redone.mask_sha256 == blob(seed=2).sha256()
    assert other.mask(blob().sha256()).area == blob().area
    assert other.search("relined")[0].painting_id == arrival.painting.id


def test_the_same_painting_gives_the_same_bytes(catalogue: Catalogue, full: Painting, dossier: Path) -> None:
    again = finish(writing_dossier(catalogue, full.id, dossier.with_name("again")))
    assert again.path.read_bytes() == dossier.read_bytes()


def test_scans_of_a_dossier_are_missing_until_they_are_found(
    catalogue: Catalogue, other: Catalogue, dossier: Path, tmp_path: Path
) -> None:
    (scan,) = finish(reading_dossier(other, dossier)).scans
    assert scan.path.name == "delft_VIS.tif"
    assert other.missing_scans() == (scan,)
    (found,) = finish(other.finding_moved((scan,), [tmp_path]))
    assert found.path == catalogue.scans()[0].path


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_a_scan_of_an_odd_name_can_travel(catalogue: Catalogue, other: Catalogue, tmp_path: Path) -> None:
    odd = tmp_path / "recto: 50\\50  UV .tif"
    odd.write_bytes(b"pixels")
    painting = catalogue.add_painting("Odd")
    (scan,) = catalogue.enter_scans((measured(odd),), painting.id)
    finish(writing_dossier(catalogue, painting.id, tmp_path / "odd.dossier"))
    (there,) = finish(reading_dossier(other, tmp_path / "odd.dossier")).scans
    assert there.path.name == "recto_ 50_50  UV .tif"
    (found,) = finish(other.finding_moved((there,), [tmp_path]))
    assert found.path == scan.path


def test_a_scan_that_is_known_already_is_not_entered_twice(
    catalogue: Catalogue, full: Painting, dossier: Path, other: Catalogue
) -> None:
    (known,) = other.enter_scans(tuple(_row(catalogue)))
    arrival = finish(reading_dossier(other, dossier))
    assert [scan.id for scan in arrival.scans] == [known.id]
    assert arrival.scans[0].painting_id == arrival.painting.id
    assert other.missing_scans() == ()


def _row(catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    for scan in catalogue.scans():
        row = dataclasses.asdict(scan)
        del row["id"], row["painting_id"]
        yield {**row, "path": str(scan.path)}


def test_a_painting_that_is_here_already_is_not_entered_twice(
    catalogue: Catalogue, full: Painting, dossier: Path
) -> None:
    with pytest.raises(CatalogueError, match=f"already, as number {full.id}"):
        finish(reading_dossier(catalogue, dossier))
    catalogue.remove_painting(full.id)
    with pytest.raises(CatalogueError, match="restore"):
        finish(reading_dossier(catalogue, dossier))


def test_an_export_that_is_stopped_leaves_no_file(
    catalogue: Catalogue, full: Painting, tmp_path: Path
) -> None:
    target = tmp_path / "stopped.dossier"
    job = writing_dossier(catalogue, full.id, target)
    next(job)
    job.close()
    assert not target.exists()
    assert not list(tmp_path.glob(".stopped*"))


def unpacked(dossier: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(dossier) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def packed(files: list[tuple[str, bytes]], compression: int = zipfile.ZIP_STORED) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", compression) as archive:
        for name, data in files:
            archive.writestr(zipfile.ZipInfo(name), data, compression)
    return written.getvalue()


def refuse(other: Catalogue, path: Path, data: bytes) -> str:
    """Import what must be refused, and show that nothing came of it; return the sentence."""
    path.write_bytes(data)
    with pytest.raises(CatalogueError) as caught:
        finish(reading_dossier(other, path))
    assert other.paintings() == ()
    assert other.scans() == ()
    said = str(caught.value)
    assert said.startswith("This dossier cannot be imported: ")
    assert "\n" not in said
    return said


Files = dict[str, bytes]


def first_mask(files: Files) -> str:
    return next(name for name in files if name.startswith("masks/"))


@pytest.mark.parametrize(
    ("trick", "reason"),
    [
        (lambda files: {**files, "../../evil.py": b"x"}, "belongs in no dossier"),
        (lambda files: {**files, "/etc/cron.d/x": b"x"}, "belongs in no dossier"),
        (lambda files: {**files, "masks/../../x.mask": b"x"}, "belongs in no dossier"),
        (lambda files: {**files, "masks/" + "a" * 63 + ".mask": b"x"}, "belongs in no dossier"),
        (lambda files: {**files, "masks/" + "a" * 64 + ".mask": b"x"}, "no step names"),
        (lambda files: {k: v for k, v in files.items() if k != first_mask(files)}, "is not in it"),
        (lambda files: {k: v for k, v in files.items() if k != "dossier.json"}, "no dossier.json"),
        (lambda files: {**files, first_mask(files): b"not a mask"}, "masks is damaged"),
        (lambda files: {**files, first_mask(files): files[sorted(files)[-1]][:-1]}, "masks is damaged"),
        (lambda files: {**files, "dossier.json": b"{"}, "no JSON"),
        (lambda files: {**files, "dossier.json": b"\xff"}, "no JSON"),
        (lambda files: {**files, "dossier.json": b"[]"}, "no object"),
        (lambda files: {**files, "dossier.json": b"[" * 100_000}, "no JSON"),
        (lambda files: {**files, "dossier.json": b"9" * 10_000}, "no JSON"),
    ],
)
def test_a_dossier_with_tricks_is_refused(
    other: Catalogue, dossier: Path, tmp_path: Path, trick: Callable[[Files], Files], reason: str
) -> None:
    files = trick(unpacked(dossier))
    assert reason in refuse(other, tmp_path / "evil", packed(list(files.items())))


def test_a_mask_in_the_place_of_another_is_refused(other: Catalogue, dossier: Path, tmp_path: Path) -> None:
    files = unpacked(dossier)
    one, two = (name for name in files if name.startswith("masks/"))
    files[one], files[two] = files[two], files[one]
    assert "claims to be" in refuse(other, tmp_path / "evil", packed(list(files.items())))


def test_two_files_of_one_name_are_refused(other: Catalogue, dossier: Path, tmp_path: Path) -> None:
    files = list(unpacked(dossier).items())
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = packed([*files, files[0]])
    assert "two files of one name" in refuse(other, tmp_path / "evil", data)


def test_a_bomb_of_compressed_zeros_is_refused_unread(
    other: Catalogue, dossier: Path, tmp_path: Path
) -> None:
    bomb = packed([("dossier.json", bytes(50 << 20))], zipfile.ZIP_DEFLATED)
    assert "compressed" in refuse(other, tmp_path / "evil", bomb)


def test_a_bomb_of_files_that_overlap_is_refused(other: Catalogue, dossier: Path, tmp_path: Path) -> None:
    """Point two entries of the directory at the same bytes."""
    name = f"masks/{'a' * 64}.mask"
    data = bytearray(packed([("dossier.json", b"x" * 10_000), (name, b"")]))
    second = data.rindex(b"PK\1\2")
    first = data.index(b"PK\1\2")
    data[second + 16 : second + 28] = data[first + 16 : first + 28]  # checksum and sizes
    data[second + 42 : second + 46] = data[first + 42 : first + 46]  # place
    assert "overlap" in refuse(other, tmp_path / "evil", bytes(data))


def test_a_mask_of_too_many_tiles_is_refused(
    other: Catalogue, dossier: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dossier_reading, "MOST_TILES", 1)
    assert "too large" in refuse(other, tmp_path / "evil", dossier.read_bytes())


def test_a_directory_of_names_without_end_is_refused_unread(
    other: Catalogue, dossier: Path, tmp_path: Path
) -> None:
    data = bytearray(dossier.read_bytes())
    data[-10:-6] = struct.pack("<I", 1 << 30)
    assert "damaged or no dossier" in refuse(other, tmp_path / "evil", bytes(data))


@pytest.mark.parametrize("data", [b"", b"PK", b"x" * 100, bytes(22), b"PK\5\6" + bytes(18)])
def test_what_is_no_dossier_is_refused(other: Catalogue, tmp_path: Path, data: bytes) -> None:
    refuse(other, tmp_path / "evil", data)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("dossier",), 2),
        (("dossier",), "1"),
        (("painting", "title"), ""),
        (("painting", "title"), 5),
        (("painting", "title"), "\ud800"),
        (("painting", "uid"), "../../../../../../../../../x.db"),
        (("painting", "height_mm"), -1),
        (("painting", "height_mm"), 1e999),
        (("painting", "created"), "yesterday"),
        (("scans", 0, "name"), "../../etc/passwd"),
        (("scans", 0, "name"), "C:\\x"),
        (("scans", 0, "name"), ".."),
        (("scans", 0, "sha256"), "AB" * 32),
        (("scans", 0, "page"), -1),
        (("scans", 0, "size_bytes"), 1 << 64),
        (("scans", 0, "width_px"), 0),
        (("scans", 0, "pixels_per_mm"), float("nan")),
        (("scans",), {}),
        (("layers", 0, "scan"), 1),
        (("layers", 0, "scan"), None),
        (("layers", 0, "scan"), -1),
        (("layers", 0, "transform"), [0] * 9),
        (("layers", 0, "opacity"), 2),
        (("layers", 0, "visible"), 1),
        (("layers", 0, "cursor"), 3),
        (("layers", 0, "cursor"), 1),
        (("layers", 0, "tip"), None),
        (("layers", 0, "steps", 0, "parent"), 0),
        (("layers", 0, "steps", 0, "parent"), 2),
        (("layers", 0, "steps", 1, "parent"), -1),
        (("layers", 0, "steps", 1, "version"), 0),
        (("layers", 0, "steps", 1, "mask_sha256"), "../x"),
        (("layers", 0, "steps", 1, "parameters"), {"a": float("inf")}),
        (("layers", 0, "steps", 1, "operation"), ""),
        (("layers", 0, "records", 0, "step"), 9),
        (("layers", 0, "records", 0, "record"), []),
        (("layers", 0, "exports", 0, "credential"), "/etc/passwd"),
        (("layers", 0, "exports", 0, "kind"), None),
        (("notes", 0, "created"), "2026-01-01"),
        (("notes", 0), "text"),
        (("notes",), [None]),
    ],
)
def test_a_dossier_with_a_field_that_is_not_as_it_should_be_is_refused(
    other: Catalogue, dossier: Path, tmp_path: Path, place: tuple[Any, ...], value: Any
) -> None:
    files = unpacked(dossier)
    contents = json.loads(files["dossier.json"])
    within = contents
    for key in place[:-1]:
        within = within[key]
    within[place[-1]] = value
    files["dossier.json"] = json.dumps(contents).encode()
    refuse(other, tmp_path / "evil", packed(list(files.items())))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_change_of_a_dossiers_words_gives_a_traceback(
    dossier: Path, tmp_path: Path, data: st.DataObject
) -> None:
    """Take away or replace any one value, wherever it stands: it is refused, or it arrives."""
    files = unpacked(dossier)
    contents = json.loads(files["dossier.json"])
    within: Any = contents
    while True:
        keys = list(within) if isinstance(within, dict) else list(range(len(within)))
        key = data.draw(st.sampled_from(keys))
        deeper = within[key]
        if not deeper or not isinstance(deeper, dict | list) or data.draw(st.booleans()):
            break
        within = deeper
    if data.draw(st.booleans()) and isinstance(within, dict):
        del within[key]
    else:
        within[key] = data.draw(ANYTHING)
    files["dossier.json"] = json.dumps(contents).encode()
    path = tmp_path / "odd"
    path.write_bytes(packed(list(files.items())))
    with tempfile.TemporaryDirectory() as name, open_catalogue(Path(name)) as fresh:
        try:
            arrival = finish(reading_dossier(fresh, path))
        except CatalogueError:
            assert fresh.paintings() == ()
            return
        again = contents_of(fresh, arrival.painting.id)
        assert len(again["layers"]) == len(arrival.layers)
        for layer in arrival.layers:
            assert {step.id for step in fresh.treatment(layer.id)} <= {
                step.id for step in fresh.steps(layer.id)
            }


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.just("x" * 3000),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=3), st.none(), max_size=2),
)
