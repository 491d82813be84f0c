"""Several threads and programmes at once, power cuts, damage, missing rights: nothing is lost or spoilt."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.catalogue.conftest import noise
from workstation.catalogue import database
from workstation.catalogue.catalogue import FILE, Catalogue, open_catalogue
from workstation.catalogue.facts import Layer, Painting
from workstation.errors import CatalogueError, WriteError

ROOT = Path(__file__).resolve().parents[2]

WRITER = """
import sys
from pathlib import Path
from workstation.catalogue.catalogue import open_catalogue
folder, layer, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
with open_catalogue(folder) as catalogue:
    for number in range(count):
        values = {"operation": "x", "parameters": {"by": sys.argv[4], "n": number}}
        step = catalogue.append_step(layer, values)
        print(step.id, flush=True)
"""


def writer(folder: Path, layer: int, count: int, name: str) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", WRITER, str(folder), str(layer), str(count), name]
    return subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_two_programmes_that_write_at_once_lose_nothing(catalogue: Catalogue, layer: Layer) -> None:
    both = [writer(catalogue.folder, layer.id, 60, name) for name in "ab"]
    said = [process.communicate(timeout=120)[0].split() for process in both]
    assert [process.returncode for process in both] == [0, 0]
    steps = catalogue.steps(layer.id)
    assert len(steps) == 120
    assert {str(step.id) for step in steps} == set(said[0]) | set(said[1])
    for name in "ab":
        assert [s.parameters["n"] for s in steps if s.parameters["by"] == name] == list(range(60))
    assert len(catalogue.treatment(layer.id)) == 120  # one chain: each step grew from the one before
    assert sqlite3.connect(catalogue.database.path).execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_programme_killed_while_writing_leaves_every_step_it_announced(
    catalogue: Catalogue, layer: Layer
) -> None:
    for _ in range(3):
        process = writer(catalogue.folder, layer.id, 100_000, "k")
        assert process.stdout is not None
        announced = [int(process.stdout.readline()) for _ in range(7)]
        process.send_signal(signal.SIGKILL)
        announced += map(int, process.communicate(timeout=60)[0].split()[:-1])
        with open_catalogue(catalogue.folder) as again:
            there = [step.id for step in again.steps(layer.id)]
            assert set(announced) <= set(there)
            assert [step.id for step in again.treatment(layer.id)] == there
            again.append_step(layer.id, noise())


def test_two_programmes_that_begin_one_catalogue_at_once_both_succeed(tmp_path: Path) -> None:
    begin = (
        "import sys; from pathlib import Path; from workstation.catalogue.catalogue import open_catalogue\n"
        "with open_catalogue(Path(sys.argv[1])) as catalogue: catalogue.add_painting('mine')"
    )
    words = [sys.executable, "-c", begin, str(tmp_path / "new")]
    both = [subprocess.Popen(words, cwd=ROOT) for _ in range(2)]
    assert [process.wait(timeout=60) for process in both] == [0, 0]
    with open_catalogue(tmp_path / "new") as catalogue:
        assert len(catalogue.paintings()) == 2


def test_opening_a_catalogue_again_does_not_loosen_the_hold_of_this_programme_on_it(
    catalogue: Catalogue, layer: Layer
) -> None:
    open_catalogue(catalogue.folder).close()
    assert writer(catalogue.folder, layer.id, 3, "a").wait(timeout=60) == 0
    assert (catalogue.folder / f"{FILE}-wal").exists()  # the other programme saw that it was not the last
    assert len(catalogue.treatment(layer.id)) == 3
    catalogue.append_step(layer.id, noise())
    with open_catalogue(catalogue.folder) as again:
        assert len(again.treatment(layer.id)) == 4


def test_threads_share_a_catalogue(catalogue: Catalogue, layer: Layer) -> None:
    def work() -> None:
        for _ in range(20):
            catalogue.append_step(layer.id, noise())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(catalogue.treatment(layer.id)) == 80


def test_connections_of_threads_that_ended_are_closed(catalogue: Catalogue, painting: Painting) -> None:
    for _ in range(10):
        thread = threading.Thread(target=catalogue.paintings)
        thread.start()
        thread.join()
    assert sum(closer.alive for closer in catalogue.database._closers) == 1


def test_a_change_that_fails_half_way_leaves_nothing(catalogue: Catalogue, painting: Painting) -> None:
    def half() -> None:
        with catalogue.database.changing():
            catalogue.add_note(painting.id, "half")
            raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        half()
    assert catalogue.notes(painting.id) == ()
    catalogue.add_note(painting.id, "whole")
    assert len(catalogue.notes(painting.id)) == 1


def test_a_change_is_noticed_whoever_made_it(catalogue: Catalogue, painting: Painting) -> None:
    token = catalogue.token()
    assert not catalogue.changed_since(token)
    catalogue.paintings()
    assert not catalogue.changed_since(token)
    with open_catalogue(catalogue.folder) as other:
        other.add_note(painting.id, "from the other window")
    assert catalogue.changed_since(token)
    token = catalogue.token()
    catalogue.add_note(painting.id, "from this one")
    assert catalogue.changed_since(token)


def test_a_reader_is_not_kept_waiting_by_a_writer(catalogue: Catalogue, painting: Painting) -> None:
    with catalogue.database.changing():
        catalogue.add_note(painting.id, "not yet said")
        with open_catalogue(catalogue.folder) as other:
            assert other.notes(painting.id) == ()


def test_a_catalogue_that_is_kept_locked_is_named_as_busy(
    catalogue: Catalogue, painting: Painting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "PATIENCE", 0.05)
    with open_catalogue(catalogue.folder) as other, catalogue.database.changing():
        catalogue.add_note(painting.id, "slow")
        with pytest.raises(CatalogueError, match="busy"):
            other.add_note(painting.id, "quick")


def damage(path: Path) -> bytes:
    data = bytearray(path.read_bytes())
    for page in range(1, len(data) // 4096):
        data[page * 4096 : page * 4096 + 64] = b"\x5a" * 64
    path.write_bytes(data)
    return bytes(data)


def test_a_damaged_catalogue_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    with open_catalogue(tmp_path) as catalogue:
        catalogue.add_painting("Delft")
    before = damage(tmp_path / FILE)
    with pytest.raises(CatalogueError, match="damaged"):
        open_catalogue(tmp_path)
    assert (tmp_path / FILE).read_bytes() == before


@pytest.mark.parametrize("length", [1, 60, 5000, 20_000])
def test_a_catalogue_cut_short_is_refused_and_left_as_it_is(tmp_path: Path, length: int) -> None:
    with open_catalogue(tmp_path) as catalogue:
        catalogue.add_painting("Delft")
    path = tmp_path / FILE
    path.write_bytes(path.read_bytes()[:length])
    before = path.read_bytes()
    with pytest.raises(CatalogueError, match="damaged"):
        open_catalogue(tmp_path)
    assert path.read_bytes() == before


def test_a_letter_in_place_of_the_catalogue_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("Dear museum, " * 100)
    with pytest.raises(CatalogueError, match="damaged"):
        open_catalogue(tmp_path)
    assert (tmp_path / FILE).read_text() == "Dear museum, " * 100


def test_a_log_without_its_catalogue_is_not_thrown_away(tmp_path: Path) -> None:
    log = tmp_path / f"{FILE}-wal"
    log.write_bytes(b"the last hour's work")
    with pytest.raises(CatalogueError, match="is gone"):
        open_catalogue(tmp_path)
    assert log.read_bytes() == b"the last hour's work"


def test_a_file_in_place_of_the_folder_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WriteError, match="its folder is a file"):
        open_catalogue(tmp_path / "file" / "catalogue")
    (tmp_path / FILE).mkdir()
    with pytest.raises(WriteError, match="a folder has that name"):
        open_catalogue(tmp_path)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Return a folder that other users can reach, which pytest's own are not."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def sentence_without_rights(folder: Path) -> str:
    """Open the catalogue as a user without rights on `folder`, in a child, and return what is said."""
    code = (
        "import os, sys; from pathlib import Path\n"
        "from workstation.catalogue.catalogue import open_catalogue\n"
        "from workstation.errors import WorkstationError\n"
        "os.geteuid() == 0 and os.setuid(65534)\n"
        "try: open_catalogue(Path(sys.argv[1])); print('opened')\n"
        "except WorkstationError as error: print(error)"
    )
    words = [sys.executable, "-c", code, str(folder)]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps rights in another way")
def test_a_folder_without_the_right_to_write_is_refused_in_one_sentence(open_folder: Path) -> None:
    with open_catalogue(open_folder / "catalogue") as catalogue:
        catalogue.add_painting("Delft")
    (open_folder / "catalogue").chmod(0o555)
    (open_folder / "catalogue" / FILE).chmod(0o444)
    open_folder.chmod(0o555)
    for folder in ("catalogue", "another"):
        said = sentence_without_rights(open_folder / folder)
        assert "you may not write there" in said
        assert said.count("\n") == 1
    open_folder.chmod(0o755)
    (open_folder / "catalogue").chmod(0o755)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a small disk")
def test_a_full_disk_costs_nothing_that_was_there(
    catalogue: Catalogue, painting: Painting, monkeypatch: pytest.MonkeyPatch
) -> None:
    with catalogue.database.reading() as opened:
        pages = opened.execute("PRAGMA page_count").fetchone()[0]
    catalogue.database._own.database.conn.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(WriteError, match="the disk is full"):
        catalogue.add_note(painting.id, "x" * 100_000)
    with open_catalogue(catalogue.folder) as again:
        assert again.paintings() == (painting,)
        assert again.notes(painting.id) == ()
