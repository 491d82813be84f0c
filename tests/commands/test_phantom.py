from __future__ import annotations

import json
from pathlib import Path

import pytest

from workstation.cli import run
from workstation.scans.opening import open_scan

pytestmark = pytest.mark.usefixtures("own_studio")


def test_the_phantom_command_writes_layers_and_truth(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["phantom", str(tmp_path / "trial"), "--width", "160", "--layers", "VIS,XR", "--json"]
    assert run(words) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"]
    names = [Path(file["path"]).name for file in answer["files"] if file["kind"] != "credential"]
    assert [name.removeprefix("phantom-7_") for name in names] == [
        "VIS.tif", "XR.tif", "undamaged.tif", "cracks.tif", "losses.tif", "truth.json",
    ]  # fmt: skip
    with open_scan(Path(answer["files"][0]["path"])) as scan:
        assert (scan.levels[0].height, scan.levels[0].width) == (120, 160)
        assert scan.metadata.pixels_per_mm == pytest.approx(0.4, rel=1e-3)
    truth = json.loads((tmp_path / "trial" / "phantom-7_truth.json").read_text())
    assert truth["size_mm"] == [400, 300]


def test_an_unknown_layer_is_refused_before_anything_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["phantom", str(tmp_path / "trial"), "--layers", "VIS,TL"]) == 2
    assert "no layer TL" in capsys.readouterr().err
    assert not (tmp_path / "trial").exists()


def test_a_folder_that_cannot_be_made_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("here")
    assert run(["phantom", str(tmp_path / "file" / "trial"), "--width", "64"]) == 2
    assert "its folder is a file" in capsys.readouterr().err


def test_a_second_phantom_replaces_the_first_only_where_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["phantom", str(tmp_path), "--width", "64", "--layers", "XR", "--no-truth"]
    assert run(words) == 0
    first = (tmp_path / "phantom-7_XR.tif").read_bytes()
    assert run(words) == 2
    assert "exists already" in capsys.readouterr().err
    assert (tmp_path / "phantom-7_XR.tif").read_bytes() == first
    assert run([*words, "--replace"]) == 0
