"""Work that is stopped or killed leaves no half file, and the next work clears what was left."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import tifffile

from tests.commands.conftest import Told, contents
from workstation.files import drafts, replacing
from workstation.unfinished import PREFIX, sweep

ROOT = Path(__file__).resolve().parents[2]
NOISE = ("--operation", "suppress-noise", "--compression", "none")


@pytest.fixture
def large(desk: Path) -> Path:
    """Return a scan whose render takes some seconds."""
    path = desk / "large.tif"
    tifffile.imwrite(
        path, np.random.default_rng(2).integers(0, 65_535, (1800, 1800, 3), np.uint16), photometric="rgb"
    )
    return path


def interrupted(folder: Path, number: int, *words: object) -> tuple[int, str, str]:
    """Start a command, send it a signal once it has begun to write into `folder`, and wait for its end."""
    script = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler);"
        "from workstation.__main__ import main; sys.exit(main(sys.argv[1:]))"
    )
    line = [sys.executable, "-c", script, *map(str, words)]
    pipe = subprocess.PIPE
    with subprocess.Popen(line, cwd=ROOT, stdout=pipe, stderr=pipe, text=True) as process:
        until = time.monotonic() + 60
        while (
            not list(folder.glob(f"**/{PREFIX}*/*")) and process.poll() is None and time.monotonic() < until
        ):
            time.sleep(0.01)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    return process.returncode, out, err


@pytest.mark.parametrize(
    ("command", "number"),
    [
        ("render", signal.SIGINT),
        ("pyramid", signal.SIGINT),
        ("pyramid", signal.SIGTERM),
        ("pyramid", signal.SIGHUP),
    ],
)
def test_a_stopped_command_ends_2_and_leaves_nothing(
    command: str, number: signal.Signals, desk: Path, large: Path
) -> None:
    before = contents(desk)
    words = (command, large, desk / "r.tif", *(NOISE if command == "render" else NOISE[2:]), "--json")
    status, out, err = interrupted(desk, number, *words)
    assert (status, err) == (2, "Stopped. Nothing half done was kept.\n")
    assert json.loads(out)["error"]["code"] == "cancelled"
    assert contents(desk) == before


def test_a_stopped_demonstration_leaves_an_empty_folder(desk: Path) -> None:
    folder = desk / "demo"
    status, _, err = interrupted(folder, signal.SIGINT, "demo", folder, "--width", "400")
    assert (status, err) == (2, "Stopped. Nothing half done was kept.\n")
    assert list(folder.iterdir()) == []


def test_what_a_killed_command_left_is_cleared_by_the_next(desk: Path, large: Path, told: Told) -> None:
    status, _, _ = interrupted(desk, signal.SIGKILL, "render", large, desk / "r.tif", *NOISE)
    assert status == -signal.SIGKILL
    assert not (desk / "r.tif").exists()
    assert list(desk.glob(f"{PREFIX}*"))
    assert told("pyramid", desk / "scan.tif", desk / "p.tif")[0] == 0
    assert not list(desk.glob(f"{PREFIX}*"))


def test_what_others_are_still_working_on_is_not_cleared(tmp_path: Path) -> None:
    with drafts(tmp_path / "a.tif") as folder, replacing(tmp_path / "b.tif") as file:
        (folder / "half").touch()
        script = "import sys, pathlib, workstation.unfinished as u; u.sweep(pathlib.Path(sys.argv[1]))"
        subprocess.run([sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, check=True)
        sweep(tmp_path)
        assert (folder / "half").exists()
        assert file.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["b.tif"]


def test_a_users_own_hidden_files_are_never_cleared(tmp_path: Path) -> None:
    for name in (".workstation-notes.txt", ".workstation-", ".workstation-0123456789abcdeX", ".drafts"):
        (tmp_path / name).touch()
    sweep(tmp_path)
    assert len(list(tmp_path.iterdir())) == 4


def test_a_demonstration_never_takes_a_users_file_with_it(desk: Path, told: Told) -> None:
    folder = desk / "demo"
    folder.mkdir()
    (folder / "made-by-demo.txt").touch()
    (folder / "my notes.txt").write_text("years of work")
    status, answer = told("demo", folder, "--width", "200")
    assert status == 2
    assert "my notes.txt" in answer["error"]["message"]
    assert (folder / "my notes.txt").read_text() == "years of work"


def test_two_commands_on_one_catalogue_at_once_both_succeed(desk: Path) -> None:
    catalogue = ("--catalogue", str(desk / "catalogue"))
    line = [sys.executable, "-m", "workstation", "catalogue", "add", str(desk / "scan.tif"), *catalogue]
    running = [subprocess.Popen([*line, "--title", f"Number {number}"], cwd=ROOT) for number in range(2)]
    assert [process.wait(60) for process in running] == [0, 0]
