"""Work that is stopped or killed leaves no half file, and the next work clears what was left."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from tests.commands.conftest import Told, contents
from tests.scans.pictures import picture
from workstation.commands.command import Console
from workstation.errors import CancelledError
from workstation.files import drafts, replacing
from workstation.jobs import Job, Progress
from workstation.scans.opening import open_scan
from workstation.scans.source import Pixels
from workstation.unfinished import LOCK, PREFIX, sweep

ROOT = Path(__file__).resolve().parents[2]
NOISE = ("--operation", "suppress-noise", "--compression", "none")
SLOWLY = ("--compression", "deflate")


@pytest.fixture
def large(desk: Path) -> Path:
    """Return a scan whose pyramid takes a second and whose render takes longer."""
    path = desk / "large.tif"
    tifffile.imwrite(
        path, np.random.default_rng(2).integers(0, 65_535, (3600, 3600, 3), np.uint16), photometric="rgb"
    )
    return path


def interrupted(folder: Path, number: int, *words: object) -> tuple[int, str, str]:
    """Start a command, send it a signal once it has begun to write into `folder`, and wait for its end."""
    usual = "default_int_handler" if number == signal.SIGINT else "SIG_DFL"  # not what nohup or & left
    script = (
        f"import signal, sys; signal.signal({number:d}, signal.{usual});"
        "from workstation.__main__ import main; sys.exit(main(sys.argv[1:]))"
    )
    line = [sys.executable, "-c", script, *map(str, words)]
    pipe = subprocess.PIPE
    with subprocess.Popen(line, cwd=ROOT, stdout=pipe, stderr=pipe, text=True) as process:
        until = time.monotonic() + 60
        while not begun(folder) and process.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def begun(folder: Path) -> bool:
    return any(path.name != LOCK for path in folder.glob(f"**/{PREFIX}*/*"))


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
    words = (command, large, desk / "r.tif", *(NOISE if command == "render" else SLOWLY), "--json")
    status, out, err = interrupted(desk, number, *words)
    assert (status, err) == (2, "Stopped. Nothing half done was kept.\n")
    assert json.loads(out)["error"]["code"] == "cancelled"
    assert contents(desk) == before


@pytest.fixture
def interrupts() -> Iterator[None]:
    """Let this process take interrupts, whoever started it: in the background shells have them ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interrupts")
def test_work_stops_even_where_a_library_drops_the_interrupt() -> None:
    went_on: list[bool] = []

    def dropping() -> Job[None]:
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        yield Progress(1, 2)
        went_on.append(True)

    with pytest.raises(CancelledError, match="Nothing half done"):
        Console(quiet=True).run(dropping())
    assert not went_on
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_stopped_demonstration_leaves_an_empty_folder(desk: Path) -> None:
    folder = desk / "demo"
    status, _, err = interrupted(folder, signal.SIGINT, "demo", folder, "--width", "400")
    assert (status, err) == (2, "Stopped. Nothing half done was kept.\n")
    assert list(folder.iterdir()) == []


def killed(journal: str, records: int, *words: object) -> None:
    """Start a command and kill it once a journal tells of so many blocks."""
    script = (
        "import sys; from workstation.scans import keeping; keeping.SECONDS = 0;"
        "from workstation.__main__ import main; sys.exit(main(sys.argv[1:]))"
    )
    line = [sys.executable, "-c", script, *map(str, words)]
    with subprocess.Popen(line, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        until = time.monotonic() + 100
        while process.poll() is None and time.monotonic() < until:
            found = next(Path(str(words[2])).parent.glob(f"{PREFIX}*/{journal}"), None)
            if found is not None and found.stat().st_size > records * 100:
                process.kill()
            time.sleep(0.005)
    assert process.returncode == -signal.SIGKILL


def levels(path: Path) -> list[Pixels]:
    with open_scan(path) as scan:
        return [scan.read(i, 0, level.height, 0, level.width) for i, level in enumerate(scan.levels)]


def test_a_killed_render_goes_on_at_every_stage(desk: Path, told: Told) -> None:
    pixels = picture(1100, 3100, 3, np.float32)
    tifffile.imwrite(desk / "float.tif", pixels, photometric="rgb")
    marked = np.zeros((1100, 3100), np.uint8)
    marked[100:110, 50:400] = marked[500:520, 1000:1020] = marked[1050:1060, 2500:2800] = 255
    Image.fromarray(marked).save(desk / "marks.png")
    words = ("--operation", "fill-losses", "--mask", desk / "marks.png", "--compression", "zstd")
    render = ("render", desk / "float.tif", desk / "r.tif", *words)
    for journal, records in (("r.tif.journal", 3), ("r-changes.tif.journal", 3)):
        killed(journal, records, *render)
        assert not (desk / "r.tif").exists()
        assert not (desk / "r-changes.tif").exists()
        assert len(list(desk.glob(f"{PREFIX}*"))) == 1
    status, again = told(*render)
    assert status == 0
    assert not list(desk.glob(f"{PREFIX}*"))
    _, whole = told("render", desk / "float.tif", desk / "whole.tif", *words)
    for one, other in (("r.tif", "whole.tif"), ("r-changes.tif", "whole-changes.tif")):
        assert all(map(np.array_equal, levels(desk / one), levels(desk / other)))
    assert again["changed_px"] == whole["changed_px"] > 0
    assert again["record"][0]["output_pixels_sha256"] == whole["record"][0]["output_pixels_sha256"]


def test_a_killed_pyramid_goes_on_and_other_work_leaves_it(desk: Path, told: Told) -> None:
    pixels = np.random.default_rng(3).integers(0, 255, (600, 22_000, 3), np.uint8)
    tifffile.imwrite(desk / "wide.tif", pixels, photometric="rgb")
    words = ("pyramid", desk / "wide.tif", desk / "p.tif", "--compression", "jpeg")
    killed("p.tif.journal", 4, *words)
    assert not (desk / "p.tif").exists()
    (kept,) = desk.glob(f"{PREFIX}*")
    assert told("pyramid", desk / "scan.tif", desk / "other.tif")[0] == 0
    assert kept.exists()
    assert told(*words)[0] == 0
    assert not kept.exists()
    assert told("pyramid", desk / "wide.tif", desk / "whole.tif", "--compression", "jpeg")[0] == 0
    assert all(map(np.array_equal, levels(desk / "p.tif"), levels(desk / "whole.tif")))


def test_a_killed_pyramid_of_a_damaged_scan_goes_on_and_names_the_damage(desk: Path, told: Told) -> None:
    pixels = np.random.default_rng(3).integers(0, 255, (600, 22_000, 3), np.uint8)
    path = desk / "wide.tif"
    tifffile.imwrite(path, pixels, photometric="rgb", tile=(64, 64), compression="zlib")
    with tifffile.TiffFile(path) as file:
        offset = file.pages.first.dataoffsets[0]
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(bytes(40))
    words = ("pyramid", path, desk / "p.tif", "--compression", "deflate")
    killed("p.tif.journal", 8, *words)
    (folder,) = desk.glob(f"{PREFIX}*")
    assert b'"box": [0, 64, 0, 64]' in (folder / "p.tif.journal").read_bytes()
    script = "import sys; from workstation.__main__ import main; sys.exit(main(sys.argv[1:]))"
    line = [sys.executable, "-c", script, *map(str, words)]
    again = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (again.returncode, "Traceback" in again.stderr) == (1, False)
    assert "1 damaged tile" in again.stdout
    pixels[:64, :64] = 0
    assert np.array_equal(levels(desk / "p.tif")[0], pixels)


def test_what_a_killed_command_left_is_cleared_by_the_next(desk: Path, told: Told) -> None:
    script = (
        "import os, sys, pathlib, workstation.files as f\n"
        "with f.drafts(pathlib.Path(sys.argv[1])) as d: (d / 'half').touch(); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", script, str(desk / "r.tif")], cwd=ROOT, check=False)
    assert list(desk.glob(f"{PREFIX}*/half"))
    assert told("pyramid", desk / "scan.tif", desk / "p.tif")[0] == 0
    assert not list(desk.glob(f"{PREFIX}*"))


def test_a_disk_that_is_full_keeps_what_is_done_and_says_so(desk: Path, told: Told) -> None:
    pixels = np.random.default_rng(3).integers(0, 255, (600, 22_000, 3), np.uint8)
    tifffile.imwrite(desk / "wide.tif", pixels, photometric="rgb")
    words = ("pyramid", desk / "wide.tif", desk / "p.tif", "--compression", "none")
    script = (
        "import resource, sys; import workstation.resumable as r; r.WORTH_SECONDS = 0;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000_000, 20_000_000));"
        "from workstation.__main__ import main; sys.exit(main(sys.argv[1:]))"
    )
    line = [sys.executable, "-c", script, *map(str, words)]
    full = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    assert full.returncode == 2
    assert full.stderr == (
        f"Cannot write {desk / 'p.tif'}: the file system allows no file of that size. Nothing was changed. "
        "What is done is kept: start the same again to go on from there.\n"
    )
    assert not (desk / "p.tif").exists()
    assert list(desk.glob(f"{PREFIX}*/p.tif.journal"))
    assert told(*words)[0] == 0
    assert np.array_equal(levels(desk / "p.tif")[0], pixels)


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
