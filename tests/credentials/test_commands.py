"""The commands as a conservator types them: what they print, how they end, what they never print."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.credentials.conftest import BESIDE, INSIDE, change_a_pixel
from workstation.cli import run
from workstation.credentials import passphrases
from workstation.credentials.certificates import SIGNING_KEY, default_folder

Captured = pytest.CaptureFixture[str]
CREATE = ["certificate", "create", "--studio", "Museum of the Harbour", "--person", "Ada Novak"]


def told(capsys: Captured, *words: str | Path) -> tuple[int, dict[str, Any]]:
    """Run a command with --json; return its exit status and its object."""
    capsys.readouterr()
    status = run([*map(str, words), "--json"])
    return status, json.loads(capsys.readouterr().out)


def test_from_certificate_to_verdict(scan: Path, tmp_path: Path, capsys: Captured) -> None:
    status, made = told(capsys, *CREATE)
    assert (status, made["person"], made["locked"]) == (0, "Ada Novak", False)
    assert {file["kind"] for file in made["files"]} == {"certificate"}
    status, signed = told(capsys, "sign", scan)
    assert status == 0
    assert [file["path"] for file in signed["files"]] == [str(tmp_path / "scan-signed.tif")]
    status, found = told(capsys, "verify", tmp_path / "scan-signed.tif")
    [result] = found["results"]
    assert (status, found["ok"], result["state"]) == (0, True, "trusted")
    assert result["actions"] == ["c2pa.opened"]
    assert [(part["title"], part["state"]) for part in result["ancestors"]] == [("scan.tif", "none")]
    assert result["changed_tiles"] == []


def test_an_altered_file_among_good_ones_ends_1(scan: Path, tmp_path: Path, capsys: Captured) -> None:
    run(CREATE)
    run(["sign", str(scan), str(tmp_path / "a.tif")])
    run(["sign", str(scan), str(tmp_path / "b.tif")])
    change_a_pixel(tmp_path / "b.tif")
    status, found = told(capsys, "verify", tmp_path / "a.tif", tmp_path / "b.tif", scan)
    assert (status, found["ok"]) == (1, False)
    assert [result["state"] for result in found["results"]] == ["trusted", "altered", "none"]


def test_a_missing_file_keeps_no_other_from_being_judged(
    scan: Path, tmp_path: Path, capsys: Captured
) -> None:
    run(CREATE)
    run(["sign", str(scan), str(tmp_path / "a.tif")])
    gone, folder, signed = tmp_path / "gone.tif", tmp_path / "folder", tmp_path / "a.tif"
    folder.mkdir()
    status, found = told(capsys, "verify", gone, signed, folder, scan)
    assert (status, found["ok"], found["error"]["code"]) == (2, False, "usage")
    assert [result["state"] for result in found["results"]] == ["trusted", "none"]
    assert found["error"]["message"] == (
        f"{folder} holds no file that could carry a credential. There is no file {gone}."
    )
    assert run(["verify", str(gone), str(signed)]) == 2
    told_apart = capsys.readouterr()
    assert f"{signed}: trusted." in told_apart.out
    assert str(gone) not in told_apart.out
    assert told_apart.err == f"There is no file {gone}.\n"


def test_the_words_for_people_name_file_state_and_chain(scan: Path, tmp_path: Path, capsys: Captured) -> None:
    run(CREATE)
    run(["sign", str(scan), str(tmp_path / "a.tif"), "--title", "Harbour at dusk"])
    run(["sign", str(tmp_path / "a.tif"), str(tmp_path / "b.tif")])
    capsys.readouterr()
    assert run(["verify", str(tmp_path / "b.tif")]) == 0
    shown = capsys.readouterr().out
    assert "b.tif: trusted. The file is as Ada Novak (Museum of the Harbour) signed it" in shown
    assert "from a.tif: trusted, opened" in shown
    assert "from scan.tif: none" in shown


def test_a_file_that_needs_a_sidecar_says_so(tmp_path: Path, capsys: Captured) -> None:
    run(CREATE)
    BESIDE["overlay.glb"](tmp_path / "x.glb")
    status, made = told(capsys, "sign", tmp_path / "x.glb")
    assert status == 0
    assert [file["kind"] for file in made["files"]] == ["scan", "credential"]


def test_another_museum_is_trusted_after_import_only(scan: Path, tmp_path: Path, capsys: Captured) -> None:
    theirs = tmp_path / "theirs"
    run([*CREATE, "--certificates", str(theirs)])
    run(["sign", str(scan), str(tmp_path / "o.tif"), "--certificates", str(theirs)])
    assert run(["certificate", "export", str(tmp_path / "anchor.pem"), "--certificates", str(theirs)]) == 0
    assert "PRIVATE" not in (tmp_path / "anchor.pem").read_text()
    assert told(capsys, "verify", tmp_path / "o.tif")[0] == 1
    assert told(capsys, "verify", tmp_path / "o.tif", "--anchors", tmp_path / "anchor.pem")[0] == 0
    _, trusted = told(capsys, "certificate", "trust", tmp_path / "anchor.pem", "--yes")
    assert told(capsys, "verify", tmp_path / "o.tif")[0] == 0
    _, listed = told(capsys, "certificate", "list")
    assert listed["trusted"] == trusted["trusted"]
    assert told(capsys, "certificate", "distrust", trusted["trusted"][0]["fingerprint"][:10])[0] == 0
    assert told(capsys, "verify", tmp_path / "o.tif")[0] == 1


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["sign", "gone.tif"], "usage"),
        (["verify", "gone.tif"], "usage"),
        (["verify", "scan.tif", "--csv", "scan.tif", "--replace"], "usage"),
        (["sign", "scan.tif"], "credential"),
        (["certificate", "export", "x.pem"], "credential"),
        (["certificate", "trust", "scan.tif"], "credential"),
        (["certificate", "create", "--studio", "", "--person", "x"], "credential"),
        (["certificate", "distrust", "abc"], "credential"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_ends_2(
    words: list[str], code: str, scan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.chdir(tmp_path)
    status, found = told(capsys, *words)
    assert (status, found["ok"], found["error"]["code"]) == (2, False, code)
    assert "\n" not in found["error"]["message"]
    assert not (tmp_path / "scan-signed.tif").exists()


def test_an_existing_file_is_never_overwritten(scan: Path, tmp_path: Path, capsys: Captured) -> None:
    run(CREATE)
    (tmp_path / "scan-signed.tif").write_text("precious")
    assert told(capsys, "sign", scan)[0] == 2
    assert told(capsys, "certificate", "export", tmp_path / "scan-signed.tif")[0] == 2
    assert (tmp_path / "scan-signed.tif").read_text() == "precious"


def test_a_passphrase_comes_from_a_file_or_the_environment_and_is_never_shown(
    scan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "secret.txt").write_text("blue Verditer 7\n")
    (tmp_path / "wrong.txt").write_text("red Lake 9\n")
    assert run([*CREATE, "--passphrase-file", str(tmp_path / "secret.txt")]) == 0
    assert b"ENCRYPTED" in (default_folder() / SIGNING_KEY).read_bytes()
    assert run(["sign", str(scan), str(tmp_path / "a.tif")]) == 2
    assert (
        run(["sign", str(scan), str(tmp_path / "a.tif"), "--passphrase-file", str(tmp_path / "wrong.txt")])
        == 2
    )
    assert (
        run(["sign", str(scan), str(tmp_path / "a.tif"), "--passphrase-file", str(tmp_path / "none.txt")])
        == 2
    )
    assert not (tmp_path / "a.tif").exists()
    assert (
        run(["sign", str(scan), str(tmp_path / "a.tif"), "--passphrase-file", str(tmp_path / "secret.txt")])
        == 0
    )
    monkeypatch.setenv(passphrases.VARIABLE, "blue Verditer 7")
    assert run(["sign", str(scan), str(tmp_path / "b.tif")]) == 0
    shown = capfd.readouterr()
    assert "Verditer" not in shown.out + shown.err
    assert "Lake" not in shown.out + shown.err
    assert b"Verditer" not in (tmp_path / "b.tif").read_bytes()


def test_a_person_at_a_terminal_is_asked(
    scan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    answers = iter(["one", "another", "same", "same", "same"])
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(passphrases, "getpass", lambda prompt: next(answers))
    assert run(CREATE) == 2
    assert "differ" in capsys.readouterr().err
    assert run(CREATE) == 0
    assert run(["sign", str(scan), str(tmp_path / "a.tif")]) == 0
    assert next(answers, None) is None


def test_a_programme_that_dies_while_signing_leaves_the_old_file(tmp_path: Path) -> None:
    INSIDE["striped.tif"](tmp_path / "scan.tif")
    target = tmp_path / "out" / "o.tif"
    target.parent.mkdir()
    target.write_text("old")
    script = """
import os, sys
from dataclasses import replace
from pathlib import Path
from tests.credentials.conftest import signed
from workstation.credentials.certificates import create_studio
folder = Path(sys.argv[1])
studio = create_studio(folder / "s", studio="a", person="b")
signed(folder / "scan.tif", folder / "out" / "o.tif", replace(studio, sign=lambda data: os._exit(9)))
"""
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    ended = subprocess.run([sys.executable, "-c", script, str(tmp_path)], env=environment, cwd=root)
    assert ended.returncode == 9
    assert target.read_text() == "old"
    assert [path.name for path in target.parent.iterdir() if not path.name.startswith(".")] == ["o.tif"]


def test_a_folder_where_nobody_may_write_is_one_sentence(
    scan: Path, tmp_path: Path, capsys: Captured
) -> None:
    run(CREATE)
    status, found = told(capsys, "sign", scan, tmp_path / "nowhere" / "o.tif")
    assert (status, found["error"]["code"]) == (2, "write")
    shutil.rmtree(default_folder())
    default_folder().write_text("a file")
    status, found = told(capsys, *CREATE)
    assert (status, found["error"]["code"]) == (2, "credential")
