"""The commands of exhibits, as a person or a script uses them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.exhibits.specs import values, written
from workstation.cli import run
from workstation.credentials.certificates import Studio
from workstation.exhibits.example import EXAMPLE


def test_exhibit_build_prints_what_it_made(
    tmp_path: Path, studio: Studio, capsys: pytest.CaptureFixture[str]
) -> None:
    spec, out = str(written(tmp_path)), str(tmp_path / "out")
    words = ["exhibit", "build", spec, out, "--certificates", str(studio.folder)]
    assert run([*words, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"] is True
    assert (answer["overlays"], answer["hotspots"], answer["languages"]) == (2, 1, ["en", "de"])
    kinds = {Path(one["path"]).name: one["kind"] for one in answer["files"]}
    assert kinds["exhibit.glb"] == "bundle"
    assert kinds["overlay-1.png"] == "overlay"
    assert kinds["exhibit.glb.c2pa"] == "credential"
    assert run(words) == 2
    assert "Add --replace" in capsys.readouterr().err
    assert run([*words, "--replace", "--webp"]) == 0
    assert "signed by Ada Novak (Test House)" in capsys.readouterr().out


def test_a_wrong_description_ends_2_with_one_sentence(
    tmp_path: Path, studio: Studio, capsys: pytest.CaptureFixture[str]
) -> None:
    description = values()
    description["hotspots"][0]["mm"] = [9999, 1]
    spec = str(written(tmp_path, description))
    words = ["exhibit", "build", spec, str(tmp_path / "out"), "--certificates", str(studio.folder), "--json"]
    assert run(words) == 2
    answer = json.loads(capsys.readouterr().out)
    assert answer["error"]["code"] == "exhibit"
    assert answer["error"]["message"] == "hotspots[0].mm[0] must be a number from 0 to 400 mm."
    assert not (tmp_path / "out").exists()


def test_without_a_certificate_nothing_is_built(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["exhibit", "build", str(written(tmp_path)), str(tmp_path / "out")]) == 2
    assert "workstation certificate create" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_missing_description_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["exhibit", "build", str(tmp_path / "gone.json"), str(tmp_path / "out")]) == 2
    assert "There is no file" in capsys.readouterr().err


def test_exhibit_example_is_printed_or_written_but_never_over_something(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["exhibit", "example"]) == 0
    assert json.loads(capsys.readouterr().out)["exhibit"] == 1
    target = tmp_path / "harbour.json"
    assert run(["exhibit", "example", str(target)]) == 0
    assert target.read_text(encoding="utf-8") == EXAMPLE
    target.write_text("mine")
    assert run(["exhibit", "example", str(target)]) == 2
    assert target.read_text() == "mine"
