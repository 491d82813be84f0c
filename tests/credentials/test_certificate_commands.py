"""The life of a studio as its people type it: create, issue, use, renew, revoke, stamp, show, export."""

from __future__ import annotations

import io
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from tests.credentials.test_commands import CREATE, Captured, told
from workstation.cli import run
from workstation.credentials import issuing, passphrases
from workstation.credentials.certificates import default_folder
from workstation.credentials.people import AUTHORITY


def test_a_studio_lives_its_life(scan: Path, tmp_path: Path, capsys: Captured) -> None:
    assert run(CREATE) == 0
    status, issued = told(capsys, "certificate", "issue", "--person", "Ben Okafor")
    assert (status, issued["person"], issued["state"], issued["key"]) == (0, "Ben Okafor", "valid", "file")
    assert [file["kind"] for file in issued["files"]] == ["certificate"]
    assert told(capsys, "certificate", "time-stamps", "on")[1]["time_stamps"] is True
    _, made = told(capsys, "sign", scan, tmp_path / "ben.tif", "--signer", "Ben Okafor")
    assert (made["signer"], made["time_stamped"], made["warning"]) == ("Ben Okafor", True, "")
    assert told(capsys, "certificate", "use", "Ben Okafor")[0] == 0
    assert told(capsys, "sign", scan, tmp_path / "also-ben.tif")[1]["signer"] == "Ben Okafor"
    _, shown = told(capsys, "certificate", "show")
    assert [part["person"] for part in shown["people"]] == ["Ada Novak", "Ben Okafor"]
    assert (shown["signer"], shown["time_stamps"], len(shown["stamping"])) == ("Ben Okafor", True, 1)
    assert told(capsys, "certificate", "renew", "--person", "Ada Novak", "--new-key")[0] == 0
    assert len(told(capsys, "certificate", "show")[1]["people"]) == 3
    status, gone = told(capsys, "certificate", "revoke", "Ben Okafor", "--reason", "key-lost")
    assert (status, [part["name"] for part in gone["revoked"]]) == (0, ["Ben Okafor"])
    status, found = told(capsys, "verify", tmp_path / "ben.tif")
    assert (status, found["results"][0]["state"]) == (1, "revoked")
    assert told(capsys, "sign", scan, tmp_path / "no.tif")[0] == 2
    assert told(capsys, "certificate", "use", "Ada Novak")[0] == 0
    assert told(capsys, "sign", scan, tmp_path / "ada.tif")[0] == 0


def test_an_export_tells_another_museum_all_it_needs(scan: Path, tmp_path: Path, capsys: Captured) -> None:
    theirs = ["--certificates", str(tmp_path / "theirs")]
    run([*CREATE, *theirs])
    run(["certificate", "issue", "--person", "Ben Okafor", *theirs])
    run(["certificate", "time-stamps", "on", *theirs])
    for person in ("Ada Novak", "Ben Okafor"):
        run(["sign", str(scan), str(tmp_path / f"{person}.tif"), "--signer", person, *theirs])
    run(["certificate", "revoke", "Ben Okafor", "--reason", "key-lost", *theirs])
    capsys.readouterr()
    assert run(["certificate", "export", str(tmp_path / "x.pem"), *theirs]) == 0
    assert "--for both" in capsys.readouterr().out
    _, seen = told(capsys, "certificate", "trust", tmp_path / "x.pem", "--dry-run")
    assert (len(seen["certificates"]), seen["lists"]) == (1, 1)
    assert told(capsys, "certificate", "trust", tmp_path / "x.pem", "--for", "both", "--yes")[0] == 0
    files = [tmp_path / "Ada Novak.tif", tmp_path / "Ben Okafor.tif"]
    _, found = told(capsys, "verify", *files)
    states = [(one["state"], one["time_stamped"]) for one in found["results"]]
    assert states == [("trusted", True), ("revoked", True)]
    _, alone = told(capsys, "verify", *files, "--anchors", tmp_path / "x.pem")
    assert [one["state"] for one in alone["results"]] == ["trusted", "revoked"]


def test_the_end_of_a_certificate_is_announced_where_people_look(
    scan: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(issuing, "CLOCKS_DIFFER", timedelta(days=365 * 5 - 30))
        run(CREATE)
    capsys.readouterr()
    for words in (["sign", str(scan)], ["certificate", "list"], ["certificate", "show"]):
        assert run(words) == 0
        assert "expires on" in capsys.readouterr().out
    run(["certificate", "renew"])
    capsys.readouterr()
    for words in (["sign", str(scan), "--replace"], ["certificate", "list"], ["certificate", "show"]):
        assert run(words) == 0
        assert "expires on" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ["show"],
        ["show", "scan.tif"],
        ["issue", "--person", "Ben Okafor"],
        ["renew"],
        ["use", "Ben Okafor"],
        ["revoke", "Ben Okafor"],
        ["time-stamps", "on"],
        ["time-stamps", "off"],
    ],
)
def test_where_there_is_no_studio_yet_each_command_is_one_sentence(
    words: list[str], scan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.chdir(tmp_path)
    status, found = told(capsys, "certificate", *words)
    assert (status, found["ok"]) == (2, False)
    assert "\n" not in found["error"]["message"]
    assert not (default_folder() / AUTHORITY).exists()


@pytest.mark.parametrize("day", ["yesterday", "2026-13-01", "31.5.2026", "0"])
def test_a_day_is_written_in_one_way(day: str, capsys: Captured) -> None:
    run(CREATE)
    status, found = told(capsys, "certificate", "revoke", "Ada Novak", "--date", day)
    assert (status, found["error"]["code"]) == (2, "usage")
    assert "2026-05-31" in found["error"]["message"]


def test_each_secret_is_asked_for_by_its_name(
    scan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    asked: list[str] = []

    def answer(prompt: str) -> str:
        asked.append(prompt)
        return "Verditer 7"

    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(passphrases, "getpass", answer)
    assert run(CREATE) == 0
    assert run(["certificate", "issue", "--person", "Ben Okafor"]) == 0
    assert run(["sign", str(scan), str(tmp_path / "a.tif"), "--signer", "Ben Okafor"]) == 0
    assert asked == [
        "New passphrase (empty = none): ",
        "Once more: ",
        "Passphrase of the authority's key: ",
        "Passphrase of the signing key: ",
    ]
    assert "Verditer" not in "".join(capsys.readouterr())
