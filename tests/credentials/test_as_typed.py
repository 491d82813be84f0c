"""What a conservator meets who types a little wrong, or reads what is answered: names, hints, questions."""

from __future__ import annotations

import io
import shlex
import sys
import time
from pathlib import Path

import pytest

from tests.credentials.conftest import change_a_pixel
from tests.credentials.test_commands import CREATE, Captured, told
from workstation.cli import run
from workstation.commands.command import Console
from workstation.credentials import passphrases, trust
from workstation.credentials.certificates import default_folder, load_studio
from workstation.jobs import Job, Progress


def printed(capsys: Captured, *words: str | Path) -> tuple[int, str]:
    """Run a command; return its exit status and all that a person reads."""
    capsys.readouterr()
    status = run([*map(str, words)])
    read = capsys.readouterr()
    return status, read.out + read.err


@pytest.mark.parametrize(
    "words",
    [
        ["show"], ["issue", "--person", "Ben Okafor"], ["use", "Ben Okafor"], ["renew"],
        ["revoke", "Ben Okafor"], ["time-stamps", "on"], ["time-stamps", "off"], ["export", "studio.pem"],
    ],
)  # fmt: skip
def test_a_newcomer_is_told_how_a_studio_is_made_and_of_no_backup(words: list[str], capsys: Captured) -> None:
    status, said = printed(capsys, "certificate", *words)
    assert status == 2
    assert "workstation certificate create" in said
    assert "backup" not in said
    assert not default_folder().exists()


def test_what_undoes_a_signature_can_be_typed_as_it_is_told(
    scan: Path, tmp_path: Path, capsys: Captured
) -> None:
    run(CREATE)
    named = scan.rename(tmp_path / "Mädchen am Hafen's.tif")
    before = named.read_bytes()
    _, said = printed(capsys, "sign", named, "--in-place")
    hint = said.strip().rpartition("byte for byte: workstation ")[2]
    assert run(shlex.split(hint)) == 0
    assert named.read_bytes() == before
    folder = tmp_path / "two words"
    folder.mkdir()
    (folder / "a.txt").write_text("a")
    _, said = printed(capsys, "sign", folder)
    assert run(shlex.split(said.strip().rpartition("since then: workstation ")[2])) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="no such names there")
def test_a_name_with_a_line_break_cannot_forge_a_verdict(
    scan: Path, tmp_path: Path, capsys: Captured
) -> None:
    forged = scan.rename(tmp_path / "a.tif\nreal.tif: trusted. The file is as it was.tif")
    _, said = printed(capsys, "verify", forged)
    assert not [line for line in said.splitlines() if line.startswith("real.tif")]
    assert len(said.splitlines()) == 1


def test_changed_tiles_are_told_with_their_place(scan: Path, tmp_path: Path, capsys: Captured) -> None:
    run(CREATE)
    run(["sign", str(scan), str(tmp_path / "signed.tif")])
    change_a_pixel(tmp_path / "signed.tif")
    status, said = printed(capsys, "verify", tmp_path / "signed.tif")
    [tile] = told(capsys, "verify", tmp_path / "signed.tif")[1]["results"][0]["changed_tiles"]
    y0, y1, x0, x1 = tile["box"]
    assert status == 1
    assert (
        f"  changed tile: row {tile['row']}, column {tile['column']} (x {x0}–{x1}, y {y0}–{y1} px)"
        in said.splitlines()
    )


def test_an_empty_file_is_called_empty_and_not_signed(tmp_path: Path, capsys: Captured) -> None:
    run(CREATE)
    empty = tmp_path / "empty.tif"
    empty.touch()
    assert "(the file is empty)" in printed(capsys, "verify", empty)[1]
    status, said = printed(capsys, "sign", empty)
    assert (status, said) == (2, f"{empty} is empty: there is nothing to sign.\n")
    (tmp_path / "short.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIH")
    assert "Io:" not in printed(capsys, "verify", tmp_path / "short.png")[1]


def test_nobody_who_can_no_longer_sign_is_chosen_to_sign(capsys: Captured) -> None:
    run(CREATE)
    run(["certificate", "issue", "--person", "Ben Okafor"])
    run(["certificate", "revoke", "Ben Okafor"])
    status, said = printed(capsys, "certificate", "use", "Ben Okafor")
    assert status == 2
    assert "was revoked on" in said
    assert load_studio().person == "Ada Novak"


def test_importing_ones_own_certificate_says_each_purpose_once(tmp_path: Path) -> None:
    run(CREATE)
    run(["certificate", "export", str(tmp_path / "own.pem")])
    run(["certificate", "trust", str(tmp_path / "own.pem"), "--yes"])
    assert [anchor.purposes for anchor in trust.listed()] == [("signers", "time-stamps")]


@pytest.mark.parametrize(("answer", "status"), [("y\n", 0), ("\n", 2)])
def test_what_cannot_be_taken_back_is_asked_first(
    answer: str, status: int, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(CREATE)
    run(["certificate", "issue", "--person", "Ben Okafor"])
    monkeypatch.setattr(passphrases, "at_terminal", lambda: True)
    monkeypatch.setattr(sys, "stdin", io.StringIO(answer))
    assert run(["certificate", "revoke", "Ben Okafor"]) == status
    assert "cannot be taken back. [y/N]" in capsys.readouterr().err
    states = [part["state"] for part in told(capsys, "certificate", "show")[1]["people"]]
    assert states == ["valid", "revoked" if status == 0 else "valid"]


def test_a_replay_names_the_file_that_is_not_there_and_says_why_no_map_was_written(
    scan: Path, tmp_path: Path, capsys: Captured
) -> None:
    run(CREATE)
    result, gone, chart = tmp_path / "quiet.tif", tmp_path / "gone.tif", tmp_path / "map.tif"
    assert run(["render", str(scan), str(result), "--operation", "suppress-noise"]) == 0
    assert printed(capsys, "replay", result, "--scan", gone) == (2, f"There is no file {gone}.\n")
    status, said = printed(capsys, "replay", result, "--scan", scan, "--out", chart)
    assert status == 0
    assert f"{chart} was not written: there is no difference to show." in said
    assert not chart.exists()


def test_ctrl_d_instead_of_a_passphrase_is_one_sentence(
    scan: Path, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended(prompt: str) -> str:
        raise EOFError

    secret = tmp_path / "secret"
    secret.write_text("Verditer 7\n")
    monkeypatch.setattr(passphrases, "at_terminal", lambda: True)
    monkeypatch.setattr(passphrases, "getpass", ended)
    assert printed(capsys, *CREATE) == (2, "No passphrase was typed. Nothing was made.\n")
    assert not default_folder().exists()
    assert run([*CREATE, "--passphrase-file", str(secret)]) == 0
    status, said = printed(capsys, "sign", scan)
    assert (status, len(said.splitlines())) == (2, 1)


def test_a_folder_of_many_strangers_is_told_in_few_lines(
    scan: Path, tmp_path: Path, capsys: Captured
) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(30):
        (folder / f"{number}.tif").write_bytes(scan.read_bytes())
    (folder / "words.tif").write_text("hello, this is no picture")
    _, said = printed(capsys, "verify", folder)
    assert said.count(": none. No credential") == 20
    assert "10 further files in these states; --verbose and --html tell all." in said
    assert "words.tif: damaged." in said
    assert "not what its name says" in said
    assert printed(capsys, "verify", folder, "--verbose")[1].count(": none. No credential") == 30


def test_a_long_read_is_told_in_numbers_that_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    def job(total: int) -> Job[None]:
        for part in range(4):
            time.sleep(0.12)
            yield Progress(total * part // 4, total, "reading scan.tif")

    monkeypatch.setattr(sys, "stderr", seen := Terminal())
    Console().run(job(3_221_225_472))
    assert "805M/3.22G" in seen.getvalue()
    assert "it/s" not in seen.getvalue()
    monkeypatch.setattr(sys, "stderr", seen := Terminal())
    Console().run(job(40))
    assert "10/40" in seen.getvalue()
