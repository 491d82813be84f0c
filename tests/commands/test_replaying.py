"""`replay` as a conservator types it: what it says, how it ends, what it writes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile

from tests.commands.conftest import Told, contents
from tests.operations.lying import lying, with_parameters
from workstation.cli import run
from workstation.comparison.palette import NOT_COMPARED
from workstation.credentials.certificates import Studio

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def result(desk: Path, told: Told) -> Path:
    path = desk / "filled.tif"
    words = ("--operation", "fill-losses", "--mask", desk / "losses.png")
    assert told("render", desk / "scan.tif", path, *words)[0] == 0
    return path


@pytest.fixture
def liar(result: Path, own_studio: Studio) -> Path:
    """Return the same pixels, signed with another parameter in the record."""
    return lying(result, result.with_name("scan.tif"), own_studio, with_parameters(tension=0.1, follow=0.0))


def test_an_honest_result_is_identical_and_nothing_is_written(desk: Path, result: Path, told: Told) -> None:
    (desk / "losses.png").unlink()  # another museum has result and scan alone
    before = contents(desk)
    status, answer = told("replay", result, "--scan", desk / "scan.tif")
    assert (status, answer["ok"], answer["state"], answer["largest_difference"]) == (0, True, "identical", 0)
    assert (answer["pixels_different"], answer["where"], answer["credential"]["state"]) == (0, [], "trusted")
    assert (answer["steps"], answer["page"], answer["files"]) == (["fill-losses"], 0, [])
    assert contents(desk) == before


def test_the_scan_is_found_beside_the_result_or_by_the_catalogue(
    desk: Path, result: Path, tmp_path: Path, told: Told
) -> None:
    assert told("replay", result)[1]["scan"] == str(desk / "scan.tif")
    away = tmp_path / "archive.tif"
    shutil.move(desk / "scan.tif", away)
    status, answer = told("replay", result)
    assert (status, answer["error"]["code"]) == (2, "scan")
    assert "--scan" in answer["error"]["message"]
    assert told("catalogue", "add", away)[0] == 0
    status, answer = told("replay", result)
    assert (status, answer["scan"]) == (0, str(away))


def test_a_scan_signed_in_place_since_is_found_by_the_catalogue(
    desk: Path, tmp_path: Path, told: Told
) -> None:
    archive = tmp_path / "archive"
    archive.mkdir()
    scan = archive / "panel.tif"
    shutil.copyfile(desk / "scan.tif", scan)
    assert told("catalogue", "add", scan)[0] == 0
    words = ("--operation", "fill-losses", "--mask", desk / "losses.png")
    assert told("render", scan, desk / "filled.tif", *words)[0] == 0
    assert told("sign", scan, "--in-place")[0] == 0
    (desk / "scan.tif").unlink()
    status, answer = told("replay", desk / "filled.tif")
    assert (status, answer["state"], answer["scan"]) == (0, "identical", str(scan))


def test_a_lie_ends_1_and_its_map_shows_where(
    desk: Path, liar: Path, told: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told("verify", liar)[0] == 0
    status, answer = told("replay", liar, "--out", desk / "map.tif")
    assert (status, answer["ok"], answer["state"]) == (1, False, "different")
    assert answer["largest_difference"] > 0
    box = answer["box"]
    assert 20 <= box["x"] < box["x"] + box["width"] <= 60
    assert 30 <= box["y"] < box["y"] + box["height"] <= 34
    assert [Path(made["path"]).name for made in answer["files"]] == ["map.tif", "map.legend.png"]
    drawn = tifffile.imread(desk / "map.tif", series=0, level=0)
    assert np.count_nonzero((drawn != NOT_COMPARED).any(-1)) == answer["pixels_different"]
    assert told("verify", desk / "map.tif", desk / "map.legend.png")[0] == 0
    assert run(["replay", str(liar)]) == 1
    shown = capsys.readouterr().out
    assert "liar.tif: different. The recorded treatment (1 step), run again on scan.tif," in shown
    assert f" {answer['pixels_different']:,} px in x {box['x']}–" in shown
    assert told("replay", liar, "--out", desk / "map.tif")[0] == 2, "an older map is not replaced"
    assert told("replay", liar, "--out", desk / "scan.tif", "--replace")[0] == 2, "nor ever the scan"


def test_a_small_map_may_be_a_png_and_a_large_one_says_so_before_the_work(
    desk: Path, liar: Path, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    from PIL import Image

    status, answer = told("replay", liar, "--out", desk / "map.png")
    assert status == 1
    assert told("verify", desk / "map.png")[0] == 0
    with Image.open(desk / "map.png") as picture:
        drawn = np.asarray(picture)
    assert np.count_nonzero((drawn != NOT_COMPARED).any(-1)) == answer["pixels_different"]
    monkeypatch.setattr("workstation.comparison.exporting.LARGEST_PNG", 1000)
    status, answer = told("replay", liar, "--out", desk / "other.png")
    assert (status, answer["error"]["code"]) == (2, "usage")
    assert "160 × 120 px is too large for a PNG" in answer["error"]["message"]
    assert not (desk / "other.png").exists()


def test_an_honest_result_leaves_no_map(desk: Path, result: Path, told: Told) -> None:
    status, answer = told("replay", result, "--out", desk / "map.tif")
    assert (status, answer["files"]) == (0, [])
    assert not (desk / "map.tif").exists()


def test_a_changed_file_ends_1_and_is_replayed_only_on_demand(desk: Path, result: Path, told: Told) -> None:
    with tifffile.TiffFile(result) as file:
        page = file.pages.first
        at, size = page.dataoffsets[0], page.databytecounts[0]
    pixels = tifffile.imread(result, series=0, level=0)
    data = bytearray(result.read_bytes())
    data[at + size // 2] ^= 1
    result.write_bytes(data)
    status, answer = told("replay", result)
    assert (status, answer["ok"], answer["state"]) == (1, False, None)
    assert answer["credential"]["state"] == "altered"
    status, answer = told("replay", result, "--anyway")
    assert (status, answer["state"], answer["credential"]["state"]) == (1, "different", "altered")
    assert answer["pixels_different"] > 0
    assert pixels.shape == (120, 160, 3)


def test_a_stranger_is_told_and_does_not_spoil_the_comparison(
    desk: Path, result: Path, tmp_path: Path, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKSTATION_HOME", str(tmp_path / "another-house"))
    status, answer = told("replay", result)
    assert (status, answer["state"], answer["credential"]["state"]) == (0, "identical", "unknown-signer")


def test_other_vector_instructions_stay_within_the_tolerance_that_is_told(
    desk: Path, tmp_path: Path, told: Told
) -> None:
    steps = [
        {"operation": "fill-losses", "mask": "losses.png", "parameters": {"tension": 0.1}},
        {"operation": "suppress-noise"},
    ]
    (desk / "recipe.json").write_text(json.dumps({"treatment": 1, "steps": steps}))
    words = ("--treatment", desk / "recipe.json")
    assert told("render", desk / "scan.tif", desk / "two.tif", *words)[0] == 0
    plain = {"ATEN_CPU_CAPABILITY": "default", "OPENBLAS_CORETYPE": "Nehalem"}
    done = subprocess.run(
        [sys.executable, "-m", "workstation", "replay", str(desk / "two.tif"), "--json"],
        env={**os.environ, "PYTHONPATH": str(ROOT), **plain},
        capture_output=True,
        timeout=200,
        check=False,
    )
    answer = json.loads(done.stdout)
    others = answer["other_circumstances"]
    assert (done.returncode, answer["ok"]) == (0, True)
    assert answer["state"] in (("identical", "within-tolerance") if others else ("identical",))
    assert all(other.startswith("processor ") for other in others)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("gone.tif",), "There is no file"),
        (("losses.png",), "has no record that could be replayed"),
        ((".",), "is a folder"),
        (("filled.tif", "--scan", "gone.tif"), "gone.tif"),
        (("filled.tif", "--scan", "losses.png"), "is not the scan that filled.tif was made from"),
        (("filled.tif", "--scan", "cut.tif"), "is not the scan that filled.tif was made from"),
        (("filled.tif", "--mask", "black.png"), "is not the mask of any step"),
        (("filled.tif", "--page", "3"), "page"),
        (("filled.tif", "--out", "map.jpg"), "is a TIFF or PNG"),
        (("cut-result.tif",), "has no record that could be replayed"),
    ],
)
def test_what_cannot_be_replayed_is_one_sentence_and_leaves_nothing(
    words: tuple[str, ...],
    said: str,
    desk: Path,
    result: Path,
    told: Told,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from PIL import Image

    monkeypatch.chdir(desk)
    (desk / "cut.tif").write_bytes((desk / "scan.tif").read_bytes()[:-500])
    (desk / "cut-result.tif").write_bytes(result.read_bytes()[:-500])
    Image.fromarray(np.zeros((120, 160), np.uint8)).save(desk / "black.png")
    before = contents(desk)
    status, answer = told("replay", *words)
    assert status == 2
    assert said in answer["error"]["message"]
    assert contents(desk) == before


def test_a_recipe_with_a_number_beyond_every_float_is_one_sentence(desk: Path, told: Told) -> None:
    step = {"operation": "suppress-noise", "parameters": {"strength": 10**400}}
    (desk / "recipe.json").write_text(json.dumps({"treatment": 1, "steps": [step]}))
    words = ("--treatment", desk / "recipe.json")
    status, answer = told("render", desk / "scan.tif", desk / "r.tif", *words)
    assert (status, answer["error"]["code"]) == (2, "usage")
    assert "strength takes a number" in answer["error"]["message"]
