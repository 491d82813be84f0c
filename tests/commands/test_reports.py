"""From the catalogue to a signed treatment report by one command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from tests.reports.test_treatment import RECORD, text_of
from workstation.__main__ import main
from workstation.catalogue.catalogue import open_catalogue
from workstation.credentials.certificates import create_studio, default_folder
from workstation.credentials.verifying import verify
from workstation.files import sha256_of


@pytest.fixture
def painting(tmp_path: Path, qapp: object) -> int:
    """Return the number of a painting whose scan was treated and exported."""
    create_studio(default_folder(), studio="Mauritshuis", person="B. de Vries")
    scan, result = tmp_path / "delft_VIS.tif", tmp_path / "delft_filled.tif"
    tifffile.imwrite(scan, np.full((30, 40, 3), 90, np.uint8), photometric="rgb")
    tifffile.imwrite(result, np.full((30, 40, 3), 120, np.uint8), photometric="rgb")
    with open_catalogue() as catalogue:
        found = catalogue.add_painting("View of Delft", artist="Vermeer", height_mm=965, width_mm=1157)
        layer = catalogue.add_layer(found.id, catalogue.add_scan(scan, painting_id=found.id).id)
        catalogue.add_record(layer.id, RECORD)
        catalogue.add_export(result, "restored", sha256_of(result), layer.id)
        return found.id


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    status = main(["report", *map(str, words), "--json"])
    return status, json.loads(capsys.readouterr().out)


def test_a_report_is_written_signed_and_remembered(
    painting: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "report.pdf"
    status, answer = run(capsys, painting, target)
    assert (status, answer["operations"]) == (0, 1)
    assert answer["files"][0] == {"path": str(target), "kind": "report", "sha256": sha256_of(target)}
    assert verify(target).state == "trusted"
    said = text_of(target)
    for words in (
        "View of Delft",
        "B. de Vries",
        "Before: the scan as it is",
        "After: the result",
        "Clean frame",
    ):
        assert words in said
    assert answer["credential"] in said
    with open_catalogue() as catalogue:
        (export,) = [export for export in catalogue.exports() if export.kind == "report"]
        assert (export.path, export.sha256) == (target, sha256_of(target))


def test_a_report_says_when_the_files_are_not_in_their_place(
    painting: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "delft_VIS.tif").unlink()
    (tmp_path / "delft_filled.tif").unlink()
    assert run(capsys, painting, tmp_path / "report.pdf")[0] == 0
    said = text_of(tmp_path / "report.pdf")
    assert "the file of the scan and that of the result was not in its place" in said
    assert "Pictures" not in said


def test_a_report_does_not_vouch_for_a_result_that_was_changed(
    painting: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tifffile.imwrite(tmp_path / "delft_filled.tif", np.zeros((30, 40, 3), np.uint8), photometric="rgb")
    assert "changed since" in run(capsys, painting, tmp_path / "report.pdf")[1]["credential"]


@pytest.mark.parametrize("words", [("99", "r.pdf"), ("1", "r.pdf", "--layer", "7"), ("1", "none/r.pdf")])
def test_what_cannot_be_reported_ends_two_and_leaves_nothing(
    painting: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    status, answer = run(capsys, *words)
    assert status == 2
    assert answer["error"]["message"].count("\n") == 0
    assert not list(tmp_path.glob("**/r.pdf*"))
