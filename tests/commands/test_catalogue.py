"""The catalogue by the command line, as a script uses it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from workstation.__main__ import main


@pytest.fixture
def scans(tmp_path: Path) -> tuple[Path, Path]:
    """Make two scans of one painting."""
    made = []
    for number, kind in enumerate(("VIS", "IRR")):
        path = tmp_path / "in" / f"delft_{kind}.tif"
        path.parent.mkdir(exist_ok=True)
        tifffile.imwrite(path, np.full((30, 40), number + 1, np.uint8), photometric="minisblack")
        made.append(path)
    return made[0], made[1]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Any:
    """Return a function that runs a command with --json and returns its status and its answer."""

    def run(*words: object) -> tuple[int, dict[str, Any]]:
        capsys.readouterr()
        status = main(["catalogue", *map(str, words), "--json"])
        return status, json.loads(capsys.readouterr().out)

    return run


def test_scans_become_a_painting_with_layers(say: Any, scans: tuple[Path, Path]) -> None:
    status, answer = say("add", *scans, "--title", "View of Delft", "--artist", "Vermeer", "--width-mm", 400)
    assert status == 0
    assert answer["ok"] is True
    assert answer["painting"]["title"] == "View of Delft"
    assert [scan["path"] for scan in answer["scans"]] == [str(path) for path in scans]
    assert [layer["transform"][0] for layer in answer["layers"]] == [10.0, 10.0]
    assert say("list")[1]["paintings"] == [answer["painting"]]


def test_without_a_title_a_painting_is_named_after_its_first_scan(say: Any, scans: tuple[Path, Path]) -> None:
    assert say("add", *scans)[1]["painting"]["title"] == "delft_VIS"


def test_adding_the_same_scans_again_changes_nothing(say: Any, scans: tuple[Path, Path]) -> None:
    _, first = say("add", *scans, "--title", "View of Delft")
    assert say("add", *scans) == (0, first)
    assert say("add", *scans, "--title", "View of Delft") == (0, first)
    assert len(say("list")[1]["paintings"]) == 1


def test_adding_scans_again_with_other_words_corrects_their_painting(
    say: Any, scans: tuple[Path, Path]
) -> None:
    number = say("add", *scans, "--title", "View of Delfd")[1]["painting"]["id"]
    corrected = say("add", scans[0], "--title", "View of Delft", "--accession", "92")[1]["painting"]
    assert (corrected["id"], corrected["title"]) == (number, "View of Delft")
    assert say("add", scans[0], "--title", "A copy", "--accession", "93")[1]["painting"]["id"] != number


def test_an_accession_number_names_the_painting_that_is_there(say: Any, scans: tuple[Path, Path]) -> None:
    _, first = say("add", scans[0], "--title", "View of Delft", "--accession", "92")
    _, second = say("add", scans[1], "--accession", "92", "--kind", "IRR")
    assert second["painting"] == first["painting"]
    shown = say("show", first["painting"]["id"])[1]
    assert len(shown["scans"]) == len(shown["layers"]) == 2
    assert shown["scans"][1]["kind"] == "IRR"


def test_one_bad_scan_keeps_all_out(say: Any, scans: tuple[Path, Path], tmp_path: Path) -> None:
    letter = tmp_path / "letter.tif"
    letter.write_text("Dear museum")
    status, answer = say("add", *scans, letter)
    assert status == 2
    assert answer["error"]["code"] == "scan"
    assert say("list")[1]["paintings"] == []


def test_a_painting_is_found_changed_and_noted(say: Any, scans: tuple[Path, Path]) -> None:
    number = say("add", *scans, "--title", "View of Delft")[1]["painting"]["id"]
    assert (
        say("change", number, "--artist", "Johannes Vermeer")[1]["painting"]["artist"] == "Johannes Vermeer"
    )
    say("note", number, "Relined", "in 1951", "--author", "B. de Vries")
    assert [hit["subject"] for hit in say("search", "vermeer")[1]["hits"]] == ["painting"]
    assert [hit["subject"] for hit in say("search", "relin", "195")[1]["hits"]] == ["note"]
    assert say("show", number)[1]["notes"][0]["author"] == "B. de Vries"


def test_removing_a_painting_touches_no_file_and_can_be_undone(say: Any, scans: tuple[Path, Path]) -> None:
    before = [path.read_bytes() for path in scans]
    _, added = say("add", *scans)
    number = added["painting"]["id"]
    assert say("remove", number)[0] == 0
    assert say("list")[1]["paintings"] == []
    assert say("show", number)[0] == 2
    assert say("restore", number)[1]["painting"] == added["painting"]
    assert [path.read_bytes() for path in scans] == before


def test_a_dossier_goes_from_one_catalogue_to_another(
    say: Any, scans: tuple[Path, Path], tmp_path: Path
) -> None:
    number = say("add", *scans, "--title", "View of Delft")[1]["painting"]["id"]
    status, answer = say("export", number, tmp_path / "delft.dossier")
    assert status == 0
    (file,) = answer["files"]
    assert (file["path"], file["kind"]) == (str(tmp_path / "delft.dossier"), "dossier")
    there = ("--catalogue", tmp_path / "other")
    assert say("import", tmp_path / "delft.dossier", *there)[1]["painting"]["title"] == "View of Delft"
    (tmp_path / "empty").mkdir()
    status, answer = say("find", tmp_path / "empty", *there)
    assert (status, len(answer["missing"])) == (1, 2)
    status, answer = say("find", tmp_path / "in", *there)
    assert (status, len(answer["found"]), answer["missing"]) == (0, 2, [])


@pytest.mark.parametrize(
    "words",
    [
        ["add", "no such file.tif"],
        ["add", "."],
        ["show", "7"],
        ["show", "99999999999999999999999"],
        ["export", "1", "x.dossier"],
        ["import", "no such file"],
        ["change", "1", "--height-mm", "-3"],
        ["change", "1", "--height-mm", "tall"],
        ["add"],
    ],
)
def test_what_cannot_be_done_ends_two_with_one_sentence(
    say: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    status, answer = say(*words)
    assert status == 2
    assert answer["error"]["message"].endswith((".", "list", "help"))
    assert not (tmp_path / "x.dossier").exists()


def test_a_person_reads_what_was_done(
    say: Any, scans: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["catalogue", "list"]) == 0
    assert capsys.readouterr().out == "The catalogue is empty.\n"
    main(["catalogue", "add", *map(str, scans), "--title", "View of Delft", "--pixels-per-mm", "20"])
    said = capsys.readouterr().out
    assert "Painting 1  View of Delft" in said
    assert f"40 × 30 px, 20 px/mm  {scans[0]}" in said
    scans[0].unlink()
    main(["catalogue", "show", "1"])
    assert "not there: workstation catalogue find" in capsys.readouterr().out
