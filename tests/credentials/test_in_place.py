"""Credentials put into a TIFF where it lies: whole or not at all, whatever happens, and off again."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st

from tests.credentials.conftest import INSIDE, RGB, files_of_at_most, pages
from tests.credentials.test_commands import CREATE, told
from tests.credentials.test_door import stock_state
from tests.credentials.test_tiffs import LAYOUTS, UNREAD_BY_THE_LIBRARY, as_told
from workstation import inplace
from workstation.cli import run
from workstation.credentials.certificates import Studio
from workstation.credentials.door import sign_in_place, unsign
from workstation.credentials.plain import content_as_it_is
from workstation.credentials.tiffs import unsign_in_place
from workstation.credentials.verifying import verify
from workstation.errors import ChangedError, CredentialError, UsageError, WriteError
from workstation.files import sha256_of
from workstation.inplace import journal_of
from workstation.jobs import finish
from workstation.portable import locked, unclaim
from workstation.scans.opening import open_scan
from workstation.streams import Patched

ROOT = Path(__file__).resolve().parents[2]


def sign(path: Path, studio: Studio) -> str:
    return finish(sign_in_place(path, content_as_it_is(path), studio)).sha256


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_tiff_signed_in_place_is_to_every_reader_what_it_was_and_can_be_again(
    layout: str, tmp_path: Path, studio: Studio
) -> None:
    path, before = tmp_path / "scan.tif", tmp_path / "before.tif"
    LAYOUTS[layout](path)
    shutil.copy(path, before)
    assert sign(path, studio) == sha256_of(path)
    verdict = verify(path, studio.anchor)
    assert verdict.state == "trusted"
    assert [part.sha256 for part in verdict.ancestors] == [sha256_of(before)]
    if layout not in UNREAD_BY_THE_LIBRARY:
        assert stock_state(path, studio.anchor) == "Trusted"
    assert as_told(path) == as_told(before)
    unsign_in_place(path)
    assert path.read_bytes() == before.read_bytes()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["before.tif", "home", "scan.tif", "studio"]


def test_signatures_in_place_are_taken_off_one_by_one(tmp_path: Path, studio: Studio) -> None:
    pages(path := tmp_path / "scan.tif")
    states = [path.read_bytes()]
    for _ in range(3):
        sign(path, studio)
        states.append(path.read_bytes())
    verdict = verify(path, studio.anchor)
    assert verdict.state == "trusted"
    assert [(part.state, part.depth) for part in verdict.ancestors] == [
        ("trusted", 1), ("trusted", 2), ("none", 3),
    ]  # fmt: skip
    for state in reversed(states[:-1]):
        unsign_in_place(path)
        assert path.read_bytes() == state
    with pytest.raises(CredentialError, match="no TIFF with a credential inside"):
        unsign_in_place(path)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither fork nor SIGKILL")
@pytest.mark.parametrize("how", ["sign", "unsign"])
def test_a_killed_process_leaves_the_old_file_or_the_new_one(
    how: str, tmp_path: Path, studio: Studio
) -> None:
    count = 50
    tifffile.imwrite(scan := tmp_path / "scan.tif", RGB, photometric="rgb", metadata=None)
    (folder := tmp_path / "copies").mkdir()
    old = scan.read_bytes()
    if how == "unsign":
        sign(scan, studio)
    words = [studio.folder, scan, folder, how, count, 1905]
    line = [sys.executable, "-m", "tests.credentials.killed_signing", *map(str, words)]
    subprocess.run(line, cwd=ROOT, check=True, timeout=120)
    copies = sorted(folder.glob("*.tif"))
    assert len(copies) == count
    ends = {"old": 0, "signed": 0, "mended": 0}
    for path in copies:
        ends["mended"] += journal_of(path).exists() and path.read_bytes() != old
        state = verify(path, studio.anchor).state  # the next command
        ends["old" if path.read_bytes() == old else "signed"] += 1
        assert state == ("none" if path.read_bytes() == old else "trusted")
    assert sorted(folder.iterdir()) == copies
    assert ends["old"] >= 3
    assert ends["signed"] >= 3
    assert ends["mended"] >= 3


@pytest.fixture
def cut_short(tmp_path: Path, studio: Studio, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a scan whose signing was cut short before the pointer was turned."""
    INSIDE["tiled.tif"](path := tmp_path / "scan.tif")
    shutil.copy(path, tmp_path / "before.tif")
    with monkeypatch.context() as patch:
        patch.setattr(inplace, "_take_back", lambda file, change: 1 / 0)
        patch.setattr(inplace, "write_all", dying_writes(path.stat().st_size))
        with pytest.raises(ZeroDivisionError):
            sign(path, studio)
    assert journal_of(path).exists()
    assert path.stat().st_size > (tmp_path / "before.tif").stat().st_size + 400
    return path


def dying_writes(end: int) -> object:
    whole = inplace.write_all

    def write(file: int, at: int, data: bytes) -> None:
        whole(file, at, data[:400] if at > end else data)
        if at > end:
            raise ZeroDivisionError

    return write


def test_whoever_opens_the_scan_next_finds_it_as_it_was(cut_short: Path) -> None:
    with open_scan(cut_short) as scan:
        assert scan.levels[0].width == RGB.shape[1]
    assert cut_short.read_bytes() == cut_short.with_name("before.tif").read_bytes()
    assert not journal_of(cut_short).exists()


def test_a_scan_that_may_not_be_written_is_read_as_it_is(cut_short: Path, studio: Studio) -> None:
    handle = locked(journal_of(cut_short))  # as if its signer were still at work
    try:
        with open_scan(cut_short) as scan, open_scan(cut_short.with_name("before.tif")) as before:
            assert np.array_equal(scan.read(0, 0, 50, 0, 50), before.read(0, 0, 50, 0, 50))
        with pytest.raises(UsageError, match="is being changed by another process"):
            sign(cut_short, studio)
    finally:
        unclaim(handle)


def test_what_somebody_else_did_meanwhile_is_not_touched(cut_short: Path, studio: Studio) -> None:
    data = cut_short.read_bytes()
    end = cut_short.with_name("before.tif").stat().st_size
    cut_short.write_bytes(changed := data[: end + 5] + b"other bytes" + data[end + 16 :])
    with pytest.raises(UsageError, match="somebody else has changed it since"):
        sign(cut_short, studio)
    assert cut_short.read_bytes() == changed
    with open_scan(cut_short):
        pass


def test_another_scan_by_the_name_of_one_that_was_cut_short_is_not_touched(
    cut_short: Path, studio: Studio
) -> None:
    end = cut_short.with_name("before.tif").stat().st_size
    black = np.zeros((4 * RGB.shape[0], *RGB.shape[1:]), np.uint16)
    tifffile.imwrite(cut_short, black, photometric="rgb", metadata=None, tile=(32, 32))
    larger = cut_short.read_bytes()
    assert not any(larger[end : end + 4096])  # as what a power cut kept back would read
    for new in (larger, larger[: end + 300]):
        cut_short.write_bytes(new)
        verify(cut_short, studio.anchor)
        assert cut_short.read_bytes() == new
        with pytest.raises(UsageError, match="somebody else has changed it since"):
            sign(cut_short, studio)
        assert cut_short.read_bytes() == new


@pytest.mark.parametrize(
    "wrong",
    [
        {"end": 400.0},
        {"end": 1 << 80, "size": 1 << 81, "link": 1 << 79},
        {"end": True, "size": 2, "link": 0.5},
        {"link": 1 << 30},
        {"form": "of another time"},
        {"head": 7},
        [],
    ],
)
def test_a_journal_that_makes_no_sense_is_never_followed(
    wrong: dict[str, object] | list[object], cut_short: Path, studio: Studio
) -> None:
    words = json.loads(journal_of(cut_short).read_bytes().rpartition(b"\n")[0])
    crafted = json.dumps({**words, **wrong} if isinstance(wrong, dict) else wrong).encode()
    journal_of(cut_short).write_bytes(crafted + b"\n" + hashlib.sha256(crafted).hexdigest().encode())
    before = cut_short.read_bytes()
    assert verify(cut_short, studio.anchor).state == "none"
    with pytest.raises(UsageError, match="in a way that is not understood here"):
        sign(cut_short, studio)
    assert cut_short.read_bytes() == before
    assert journal_of(cut_short).exists()


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
@pytest.mark.parametrize("exists", [False, True])
def test_a_link_in_the_place_of_a_journal_is_not_followed(
    exists: bool, tmp_path: Path, studio: Studio
) -> None:
    INSIDE["tiled.tif"](path := tmp_path / "scan.tif")
    before, elsewhere = path.read_bytes(), tmp_path / "elsewhere.txt"
    if exists:
        elsewhere.write_text("dear diary")
    journal_of(path).symlink_to(elsewhere)
    assert verify(path, studio.anchor).state == "none"
    with pytest.raises(UsageError, match="is a link or no file"):
        sign(path, studio)
    assert path.read_bytes() == before
    assert elsewhere.read_text() == "dear diary" if exists else not elsewhere.exists()


def test_a_journal_that_was_cut_short_itself_is_only_cleared(tmp_path: Path, studio: Studio) -> None:
    INSIDE["tiled.tif"](path := tmp_path / "scan.tif")
    before = path.read_bytes()
    journal_of(path).write_bytes(b'{"form": "workstation in pl')
    assert verify(path, studio.anchor).state == "none"
    assert path.read_bytes() == before
    assert not journal_of(path).exists()


def test_a_full_disk_leaves_the_scan_as_it_was(tmp_path: Path, studio: Studio) -> None:
    INSIDE["tiled.tif"](path := tmp_path / "scan.tif")
    before = path.read_bytes()
    with (
        files_of_at_most(len(before) + 500),
        pytest.raises(WriteError, match=r"scan\.tif: .*no file of that size\. Nothing was changed"),
    ):
        sign(path, studio)
    assert path.read_bytes() == before
    assert not journal_of(path).exists()


def test_a_scan_that_changes_while_it_is_hashed_is_not_signed(tmp_path: Path, studio: Studio) -> None:
    INSIDE["tiled.tif"](path := tmp_path / "scan.tif")
    job = sign_in_place(path, content_as_it_is(path), studio)
    for progress in job:
        if progress.what == "signing":
            with path.open("r+b") as file:
                file.seek(4000)
                file.write(b"now")
            break
    changed = path.read_bytes()
    with pytest.raises(ChangedError, match="was changed while it was read"):
        finish(job)
    assert path.read_bytes() == changed


def test_a_stopped_signing_leaves_the_scan_as_it_was(tmp_path: Path, studio: Studio) -> None:
    INSIDE["tiled.tif"](path := tmp_path / "scan.tif")
    before = path.read_bytes()
    job = sign_in_place(path, content_as_it_is(path), studio)
    next(job)
    job.close()
    assert path.read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["home", "scan.tif", "studio"]


def test_a_link_to_a_scan_has_the_scan_itself_signed(tmp_path: Path, studio: Studio) -> None:
    INSIDE["tiled.tif"](path := tmp_path / "scan.tif")
    (link := tmp_path / "link.tif").symlink_to(path)
    sign(link, studio)
    assert link.is_symlink()
    assert verify(path, studio.anchor).state == "trusted"


def test_a_scan_with_another_name_in_a_backup_is_not_changed_there(tmp_path: Path, studio: Studio) -> None:
    INSIDE["tiled.tif"](path := tmp_path / "scan.tif")
    before = path.read_bytes()
    (tmp_path / "backup.tif").hardlink_to(path)
    with pytest.raises(UsageError, match=r"has 1 other name elsewhere \(hard links\)"):
        sign(path, studio)
    assert path.read_bytes() == before
    assert not journal_of(path).exists()


def test_only_tiffs_with_room_are_signed_in_place(tmp_path: Path, studio: Studio) -> None:
    INSIDE["picture.png"](path := tmp_path / "picture.png")
    with pytest.raises(CredentialError, match=r"picture\.png is no TIFF: only these are signed in place"):
        sign(path, studio)
    INSIDE["tiled.tif"](cut := tmp_path / "cut.tif")
    cut.write_bytes(cut.read_bytes()[:60])
    with pytest.raises(CredentialError, match=r"cut\.tif cannot carry its credential inside"):
        sign(cut, studio)


def test_what_was_added_after_signing_is_never_cut_off(tmp_path: Path, studio: Studio) -> None:
    INSIDE["tiled.tif"](path := tmp_path / "scan.tif")
    sign(path, studio)
    with path.open("ab") as file:
        file.write(b"more")
    with pytest.raises(CredentialError, match="Something was added"):
        unsign_in_place(path)


@given(data=st.data())
def test_the_turned_pointer_is_hashed_whatever_blocks_it_lies_in(data: st.DataObject) -> None:
    whole = data.draw(st.binary(min_size=20, max_size=60))
    link = data.draw(st.integers(4, len(whole) - 8))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(whole)), max_size=6)) | {0, len(whole)})
    turned = b"12345678"
    patched = Patched(link, turned)
    for start, end in pairwise(cuts):
        patched.update(memoryview(whole)[start:end])
    wanted = whole[:link] + turned + whole[link + 8 :]
    assert patched.digest.digest() == hashlib.sha256(wanted).digest()


def test_the_command_signs_in_place_and_undoes_it(
    scan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(CREATE)
    before = scan.read_bytes()
    status, answer = told(capsys, "sign", scan, "--in-place")
    assert (status, [file["sha256"] for file in answer["files"]]) == (0, [sha256_of(scan)])
    assert told(capsys, "verify", scan)[0] == 0
    for words in (("sign", "--in-place", scan, tmp_path / "o.tif"), ("unsign", scan),
                  ("unsign", "--in-place", scan, tmp_path / "o.tif")):  # fmt: skip
        status, answer = told(capsys, *words)
        assert (status, answer["error"]["code"]) == (2, "usage")
    assert told(capsys, "unsign", scan, "--in-place")[0] == 0
    assert scan.read_bytes() == before


def test_the_catalogue_knows_a_scan_that_was_signed_in_place(
    scan: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from workstation.catalogue.catalogue import open_catalogue

    run(CREATE)
    with open_catalogue() as catalogue:
        entry = catalogue.add_scan(scan)
        for words in (("sign", scan, "--in-place"), ("unsign", scan, "--in-place")):
            assert told(capsys, *words)[0] == 0
            now = catalogue.scan(entry.id)
            assert (now.sha256, now.size_bytes) == (sha256_of(scan), scan.stat().st_size)
            assert catalogue.missing_scans() == ()
        assert catalogue.scan(entry.id) == entry


def test_where_there_are_no_locks_nothing_is_changed_in_place(
    scan: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(CREATE)
    before = scan.read_bytes()

    def no_lock(journal: Path) -> int:
        journal.touch()
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(inplace, "locked", no_lock)
    status, answer = told(capsys, "sign", scan, "--in-place")
    assert status == 2
    assert "lies on a file system without locks" in answer["error"]["message"]
    assert scan.read_bytes() == before
    assert not journal_of(scan).exists()


def test_a_credential_that_shows_a_change_is_not_taken_off(
    scan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(CREATE)
    told(capsys, "sign", scan, "--in-place")
    data = bytearray(scan.read_bytes())
    data[20_000] ^= 1
    scan.write_bytes(data)
    assert verify(scan).state == "altered"
    for words in (("unsign", scan, "--in-place"), ("unsign", scan, tmp_path / "bare.tif")):
        status, answer = told(capsys, *words)
        assert status == 2
        assert "was changed after it was signed: without its credential" in answer["error"]["message"]
    assert scan.read_bytes() == data
    assert not (tmp_path / "bare.tif").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names of files are text")
def test_a_name_that_is_no_text_can_be_signed_judged_told_of_and_unsigned(
    scan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(CREATE)
    odd = scan.rename(tmp_path / os.fsdecode(b"odd\xff\n.tif"))
    before = odd.read_bytes()
    for words in (
        ("sign", odd, "--in-place"),
        ("verify", odd),
        ("account", odd, tmp_path / "account.html"),
        ("account", odd, tmp_path / "account.pdf"),
        ("unsign", odd, "--in-place"),
    ):
        assert told(capsys, *words)[0] == 0
    assert odd.read_bytes() == before


def test_a_broken_catalogue_does_not_hide_that_the_file_is_signed(
    scan: Path, own_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from workstation.catalogue.catalogue import open_catalogue

    run(CREATE)
    with open_catalogue() as catalogue:
        place = catalogue.database.path
    place.write_bytes(b"no database at all, but some words " * 100)
    capsys.readouterr()
    assert run(["sign", str(scan), "--in-place"]) == 0
    answer = capsys.readouterr().out
    assert "itself is now signed" in answer
    assert "The catalogue could not be told of it" in answer


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such pipes")
@pytest.mark.parametrize("words", [["sign"], ["sign", "--in-place"], ["unsign", "--in-place"]])
def test_a_pipe_keeps_nobody_waiting(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(CREATE)
    os.mkfifo(pipe := tmp_path / "pipe.tif")
    status, answer = told(capsys, *words, pipe)
    assert status == 2
    assert "is not a file but a pipe or device" in answer["error"]["message"]


def test_a_file_that_is_just_being_signed_is_not_called_altered(tmp_path: Path, studio: Studio) -> None:
    INSIDE["tiled.tif"](path := tmp_path / "scan.tif")

    def work() -> None:
        for _ in range(25):
            sign(path, studio)
            unsign_in_place(path)

    with ThreadPoolExecutor(1) as signer:
        busy, states = signer.submit(work), set()
        while not busy.done():
            states.add(verify(path, studio.anchor).state)
        busy.result()
    assert states <= {"none", "trusted"}
    assert verify(path, studio.anchor).state == "none"


def test_a_scan_that_changes_while_it_is_judged_keeps_its_credential(tmp_path: Path, studio: Studio) -> None:
    INSIDE["tiled.tif"](path := tmp_path / "scan.tif")
    sign(path, studio)
    job = unsign(path)
    next(job)  # its witness is there now
    data = path.read_bytes()
    path.write_bytes(data)
    os.utime(path, ns=(1, 1))
    with pytest.raises(ChangedError, match="was changed while it was read"):
        finish(job)
    assert path.read_bytes() == data
