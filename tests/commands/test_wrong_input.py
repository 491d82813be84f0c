"""Bad input, bad places, bad luck: one clear sentence, exit status 2, nothing lost, nothing half written."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.commands.conftest import Told, contents
from workstation.__main__ import main
from workstation.credentials.certificates import create_studio
from workstation.unfinished import PREFIX

ROOT = Path(__file__).resolve().parents[2]
NOISE = ("--operation", "suppress-noise")
WITHOUT_RIGHTS = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")


def started(
    *words: object, before: tuple[str, ...] = (), **variables: str
) -> subprocess.CompletedProcess[bytes]:
    """Run a command in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    line = [*before, sys.executable, "-m", "workstation", *(os.fspath(word) for word in words)]  # type: ignore[arg-type]
    return subprocess.run(line, env=environment, capture_output=True, timeout=120, check=False)


def test_a_truncated_scan_is_refused_or_ends_1_at_every_length(desk: Path, told: Told) -> None:
    whole = (desk / "scan.tif").read_bytes()
    for length in [*range(0, 400, 13), len(whole) // 2, len(whole) - 1]:
        (desk / "cut.tif").write_bytes(whole[:length])
        for words in (("info", desk / "cut.tif"), ("check", desk / "cut.tif")):
            status, answer = told(*words)
            assert status in (0, 1, 2)
            if status == 2:
                assert "cut.tif" in answer["error"]["message"]
        assert status != 0, "check must not call a truncated scan whole"


def test_a_scan_cut_in_its_header_gives_no_result(desk: Path, told: Told) -> None:
    (desk / "cut.tif").write_bytes((desk / "scan.tif").read_bytes()[:150])
    before = contents(desk)
    for words in (
        ("render", desk / "cut.tif", desk / "r.tif", *NOISE),
        ("pyramid", desk / "cut.tif", desk / "p.tif"),
    ):
        status, answer = told(*words)
        assert status == 2
        assert "cut off or damaged" in answer["error"]["message"]
    assert contents(desk) == before


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        ("small", "The mask is 100 × 50 px, its picture 160 × 120 px"),
        ("black", "marks no pixel"),
        ("white", "No sound pixel is left"),
        ("text", "not a picture this programme reads"),
        ("cut", "has damaged tiles"),
        ("none", "There is no file"),
        ("folder", "is a folder"),
    ],
)
def test_a_wrong_mask_is_one_sentence_and_leaves_nothing(
    mask: str, words: str, desk: Path, told: Told
) -> None:
    path = desk / f"{mask}.png"
    Image.fromarray(np.zeros((50, 100), np.uint8)).save(desk / "small.png")
    Image.fromarray(np.zeros((120, 160), np.uint8)).save(desk / "black.png")
    Image.fromarray(np.full((120, 160), 255, np.uint8)).save(desk / "white.png")
    (desk / "text.png").write_text("Dear museum")
    (desk / "cut.png").write_bytes((desk / "losses.png").read_bytes()[:60])
    (desk / "folder.png").mkdir()
    before = contents(desk)
    status, answer = told(
        "render", desk / "scan.tif", desk / "r.tif", "--operation", "fill-losses", "--mask", path
    )
    assert status == 2
    assert any(word in answer["error"]["message"] for word in words.split("|"))
    assert contents(desk) == before


@pytest.mark.skipif(os.geteuid() == 0 and not shutil.which("setpriv"), reason="root reads everything")
def test_an_unreadable_scan_and_a_closed_folder_are_one_sentence(desk: Path) -> None:
    lower = WITHOUT_RIGHTS if os.geteuid() == 0 else ()
    closed = desk / "closed"
    closed.mkdir()
    (desk / "secret.tif").write_bytes((desk / "scan.tif").read_bytes())
    (desk / "secret.tif").chmod(0)
    closed.chmod(0o500)
    unreadable = started("render", desk / "secret.tif", desk / "r.tif", *NOISE, before=lower)
    unwritable = started("render", desk / "scan.tif", closed / "r.tif", *NOISE, before=lower)
    closed.chmod(0o700)
    assert (unreadable.returncode, unwritable.returncode) == (2, 2)
    assert unreadable.stderr.decode() == f"You have no right to use {desk / 'secret.tif'}.\n"
    assert "you may not write there" in unwritable.stderr.decode()
    assert not list(closed.iterdir())
    assert not (desk / "r.tif").exists()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of 64 KiB; skip where this user may not."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_is_one_sentence_and_nothing_half_written(
    desk: Path, small_disk: Path, told: Told
) -> None:
    scan = desk / "scan.tif"
    for words in (
        ("render", scan, small_disk / "r.tif", *NOISE),
        ("pyramid", scan, small_disk / "p.tif"),
        ("sign", scan, small_disk / "s.tif"),
    ):
        status, answer = told(*words)
        assert (status, answer["error"]["code"]) == (2, "write")
        assert answer["error"]["message"].endswith("the disk is full. Nothing was changed.")
        assert answer["error"]["message"].startswith(f"Cannot write {small_disk}/{words[2].stem}")
        assert not list(small_disk.iterdir())


def test_a_file_that_may_not_grow_is_one_sentence(desk: Path) -> None:
    script = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000));"
        "from workstation.__main__ import main; sys.exit(main(sys.argv[1:]))"
    )
    words = ["pyramid", str(desk / "scan.tif"), str(desk / "r.tif")]
    before = contents(desk)
    ended = subprocess.run([sys.executable, "-c", script, *words], cwd=ROOT, capture_output=True, check=False)
    assert ended.returncode == 2
    told = ended.stderr.decode()
    assert told.startswith(f"Cannot write {desk / 'r.tif'}: the file system allows no file of that size.")
    assert told.count("\n") == 1
    assert contents(desk) == before


def test_a_wrong_passphrase_stops_every_command_that_signs(desk: Path, told: Told) -> None:
    create_studio(desk / "locked", studio="S", person="P", passphrase="right")
    (desk / "wrong.txt").write_text("wrong\n")
    scan, target = desk / "scan.tif", desk / "t.tif"
    before = contents(desk)
    for words in (("render", scan, target, *NOISE), ("pyramid", scan, target), ("sign", scan, target)):
        key = ("--certificates", desk / "locked", "--passphrase-file", desk / "wrong.txt")
        status, answer = told(*words, *key)
        assert (status, answer["error"]["code"]) == (2, "credential")
        assert "not the passphrase" in answer["error"]["message"]
    assert contents(desk) == before


def test_files_of_every_wrong_kind_are_refused(desk: Path, told: Told) -> None:
    (desk / "empty.tif").touch()
    (desk / "text.tif").write_text("Dear museum")
    for name in ("empty.tif", "text.tif", "scan.tif/x.tif", "n" * 300, "-", ".", "/dev/null", "/dev/zero"):
        for words in (
            ("info", name),
            ("check", name),
            ("render", name, desk / "r.tif", *NOISE),
            ("catalogue", "add", name),
        ):
            status, answer = told(*(desk / word if word == name else word for word in words))
            assert status == 2, words
            assert answer["error"]["message"].endswith((".", "list"))


def test_an_exhibit_is_never_built_from_a_damaged_picture(desk: Path, told: Told) -> None:
    (desk / "cut.tif").write_bytes((desk / "scan.tif").read_bytes()[:-20])
    words = {"title": {"en": "Harbour"}, "alt": {"en": "Ships"}}
    painting = {"width_mm": 160, "height_mm": 120, "picture": "cut.tif"}
    (desk / "s.json").write_text(
        json.dumps({"exhibit": 1, "languages": ["en"], **words, "painting": painting})
    )
    before = contents(desk)
    status, answer = told("exhibit", "build", desk / "s.json", desk / "exhibit")
    assert status == 2
    assert "cut.tif has damaged tiles" in answer["error"]["message"]
    assert contents(desk) == before


def test_numbers_that_are_none_are_refused_before_any_work(desk: Path, told: Told) -> None:
    scan, target = desk / "scan.tif", desk / "r.tif"
    for number in ("nan", "inf", "-inf", "1e400", "-1", "", "0x1", "one"):
        assert told("render", scan, target, *NOISE, "--set", f"strength={number}")[0] == 2
        assert told("compare", scan, scan, "--scale", number)[0] == 2
    for number in ("-1", "999", "1e3", "9" * 30, "x"):
        assert told("render", scan, target, *NOISE, "--page", number)[0] == 2
        assert told("pyramid", scan, target, "--page", number)[0] == 2
    assert not target.exists()


@pytest.mark.parametrize(
    "name", [b"a b.tif", b'it\'s "q".tif', b"new\nline.tif", b"bad\xff\xfe.tif", b"esc\x1b[31m.tif"]
)
def test_any_name_of_a_file_can_be_told_in_text_and_json(
    name: bytes, desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = os.fsdecode(os.fsencode(desk) + b"/" + name)
    shutil.copyfile(desk / "scan.tif", path)
    assert main(["pyramid", path, f"{path}.p.tif", "--json"]) == 0
    (file,) = json.loads(capsys.readouterr().out)["files"]
    assert os.fsencode(file["path"]) == os.fsencode(path) + b".p.tif"
    assert main(["info", path]) == 0
    assert "\x1b" not in capsys.readouterr().out
    assert main(["info", f"{path}.none"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    "variables",
    [
        {"LC_ALL": "C"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C"},
    ],
)
def test_a_poor_locale_still_shows_help_and_answers(variables: dict[str, str], desk: Path) -> None:
    assert started("compare", "--help", **variables).returncode == 0
    ended = started("compare", desk / "scan.tif", desk / "scan.tif", **variables)
    assert (ended.returncode, ended.stderr) == (0, b"")


def test_an_output_that_is_closed_or_full_gives_no_traceback(desk: Path) -> None:
    for shell in ("| head -c 1 >/dev/null", ">&-", "2>&- >&-"):
        line = f'"{sys.executable}" -m workstation info "{desk / "scan.tif"}" {shell}'
        ended = subprocess.run(["bash", "-c", line], cwd=ROOT, capture_output=True, check=False)
        assert (ended.returncode, ended.stderr) == (0, b"")
    line = f'"{sys.executable}" -m workstation info "{desk / "scan.tif"}" >/dev/full'
    ended = subprocess.run(["bash", "-c", line], cwd=ROOT, capture_output=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr.decode() == "The answer cannot be written: No space left on device.\n"


def test_a_home_that_is_a_file_is_one_sentence(
    desk: Path, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    for home in (desk / "scan.tif", desk / "scan.tif" / "x"):
        monkeypatch.setenv("WORKSTATION_HOME", str(home))
        for words in (("catalogue", "list"), ("certificate", "list"), ("sign", desk / "losses.png")):
            status, answer = told(*words)
            assert (status, answer["error"]["code"]) == (2, "write")


def test_without_a_screen_the_window_says_so_in_one_sentence() -> None:
    ended = started(DISPLAY="", WAYLAND_DISPLAY="")
    assert ended.returncode == 2
    assert ended.stderr.decode().startswith("No window can open; missing here: ")
    assert ended.stderr.count(b"\n") == 1


def test_nothing_of_ours_looks_like_a_result() -> None:
    assert PREFIX.startswith(".")
