"""The demonstration, judged by programmes that are not ours."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import c2pa
import numpy as np
import pytest
import tifffile

from tests.exhibits.khronos import assert_clean
from tests.vips import vips_level
from workstation.cli import run
from workstation.demonstration import ANCHOR, Demonstration, demonstrate, treatment
from workstation.errors import UsageError
from workstation.files import sha256_of
from workstation.jobs import finish
from workstation.phantom.phantom import Phantom

WIDTH = 480


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demonstration") / "demo"


@pytest.fixture(scope="module")
def done(folder: Path) -> Demonstration:
    return finish(demonstrate(folder, width=WIDTH))


def store_of(path: Path, folder: Path) -> dict[str, Any]:
    """Return what C2PA's own reader says of a file, with only the demonstration's authority as anchor."""
    anchor = (folder / ANCHOR).read_text()
    context = c2pa.Context.from_dict(
        {"version": 1, "verify": {"remote_manifest_fetch": False}, "trust": {"trust_anchors": anchor}}
    )
    beside = path.with_name(path.name + ".c2pa")
    if beside.exists():
        with path.open("rb") as file:
            reader = c2pa.Reader("application/octet-stream", file, beside.read_bytes(), context=context)
    else:
        reader = c2pa.Reader(str(path), context=context)
    assert reader.get_validation_state() == "Trusted", path
    store: dict[str, Any] = json.loads(reader.json())
    return store


def test_every_file_that_was_made_is_there_with_its_hash(done: Demonstration) -> None:
    kinds = {file.kind for file in done.files}
    assert {"phantom", "mask", "restored", "change-map", "difference", "overlay", "bundle", "report"} <= kinds
    for file in done.files:
        assert sha256_of(file.path) == file.sha256, file.path


def test_c2pas_own_reader_trusts_every_export(done: Demonstration, folder: Path) -> None:
    for file in done.files:
        if file.kind not in ("certificate", "credential"):
            store_of(file.path, folder)


def test_the_chain_goes_from_the_overlay_through_the_restoration_to_the_scan(
    done: Demonstration, folder: Path
) -> None:
    store = store_of(folder / "exhibit" / "textures" / "overlay-1.png", folder)
    titles = [manifest.get("title") for manifest in store["manifests"].values()]
    assert "Restoration of phantom-7_VIS.tif" in titles
    assert "Phantom, VIS" in titles


def test_tifffile_and_libvips_open_the_restoration_and_agree_on_every_level(
    done: Demonstration, folder: Path
) -> None:
    path = folder / "restored.tif"
    with tifffile.TiffFile(path) as file:
        levels = [level.asarray() for level in file.series[0].levels]
    assert levels[0].shape == (WIDTH * 3 // 4, WIDTH, 3)
    for index, level in enumerate(levels):
        assert np.array_equal(level, vips_level(path, index))


def test_every_sample_outside_the_masks_equals_the_scans(done: Demonstration, folder: Path) -> None:
    phantom = Phantom(WIDTH, seed=7)
    marked = np.zeros((phantom.height_px, phantom.width_px), bool)
    for step in treatment(phantom).steps:
        assert step.mask is not None
        marked |= step.mask.read(0, phantom.height_px, 0, phantom.width_px)
    scan = tifffile.imread(folder / "scans" / "phantom-7_VIS.tif", series=0, level=0)
    restored = tifffile.imread(folder / "restored.tif", series=0, level=0)
    assert (~marked).sum() > 0
    assert np.array_equal(scan[~marked], restored[~marked])


def test_the_treatment_brings_the_painting_nearer_to_its_undamaged_state(
    done: Demonstration, folder: Path
) -> None:
    names = ("scans/phantom-7_VIS.tif", "restored.tif", "scans/phantom-7_undamaged.tif")
    scan, restored, truth = (tifffile.imread(folder / n, series=0, level=0).astype(float) for n in names)
    assert np.abs(restored - truth).mean() < 0.6 * np.abs(scan - truth).mean()


def test_the_khronos_validator_finds_nothing_wrong_with_the_bundle(done: Demonstration, folder: Path) -> None:
    assert_clean(folder / "exhibit" / "exhibit.glb")


def test_one_changed_pixel_is_found_and_ends_1(
    done: Demonstration, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = bytearray((folder / "restored.tif").read_bytes())
    with tifffile.TiffFile(folder / "restored.tif") as file:
        place = file.pages.first.dataoffsets[0] + 100
    changed[place] ^= 1
    target = tmp_path / "restored.tif"
    target.write_bytes(changed)
    assert run(["verify", str(target), "--anchors", str(folder / ANCHOR), "--json"]) == 1
    (result,) = json.loads(capsys.readouterr().out)["results"]
    assert result["state"] == "altered"


def test_it_is_made_anew_in_its_own_folder_but_never_in_another(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "mine"
    other.mkdir()
    (other / "letter.txt").write_text("mine")
    with pytest.raises(UsageError, match="files of yours"):
        finish(demonstrate(other))
    assert (other / "letter.txt").read_text() == "mine"
