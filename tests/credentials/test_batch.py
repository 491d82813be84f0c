"""Thousands of files at once: found, judged beside each other, told in a summary, a table and a page."""

from __future__ import annotations

import csv
import json
import os
import re
import threading
import time
import tracemalloc
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.credentials.conftest import BESIDE, INSIDE, change_a_pixel, signed
from workstation.cli import run
from workstation.credentials.batch import GRAVITY, judge_all
from workstation.credentials.certificates import Studio
from workstation.credentials.content import Action, Content
from workstation.credentials.door import export
from workstation.credentials.searching import search
from workstation.credentials.sentences import BADGES
from workstation.credentials.verdict import as_data
from workstation.credentials.verifying import verify
from workstation.jobs import finish
from workstation.reports.verification import COLUMNS, harmless, write_page

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def archive(tmp_path: Path, own_studio: Studio) -> Path:
    """A folder with a good, an altered, an unsigned and a sidecar file, each in a place of its own."""
    folder = tmp_path / "archive"
    (folder / "2026" / "May").mkdir(parents=True)
    INSIDE["striped.tif"](tmp_path / "scan.tif")
    BESIDE["overlay.glb"](tmp_path / "overlay.glb")
    signed(tmp_path / "scan.tif", folder / "good.tif", own_studio)
    signed(tmp_path / "scan.tif", folder / "2026" / "May" / "bad.tif", own_studio)
    change_a_pixel(folder / "2026" / "May" / "bad.tif")
    INSIDE["picture.jpg"](folder / "2026" / "plain.JPG")
    signed(tmp_path / "overlay.glb", folder / "2026" / "overlay.glb", own_studio)
    (folder / "2026" / "notes.txt").write_text("not a picture")
    return folder


def names(folder: Path) -> list[str]:
    return [path.name for path in finish(search([folder])).files]


def told(capsys: Captured, *words: str | Path) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    status = run([*map(str, words), "--json"])
    return status, json.loads(capsys.readouterr().out)


def test_a_folder_is_searched_for_what_may_carry_a_credential(archive: Path) -> None:
    assert names(archive) == ["good.tif", "overlay.glb", "plain.JPG", "bad.tif"]


def test_links_and_hidden_files_of_a_folder_are_left_out_but_a_named_link_is_not(archive: Path) -> None:
    before = names(archive)
    (archive / "link.tif").symlink_to(archive / "good.tif")
    (archive / "round").symlink_to(archive, target_is_directory=True)
    (archive / ".hidden.tif").write_bytes(b"")
    (archive / ".hidden").mkdir()
    (archive / ".hidden" / "a.tif").write_bytes(b"")
    os.mkfifo(archive / "pipe.tif")
    assert names(archive) == before
    assert finish(search([archive / "link.tif"])).files == [archive / "link.tif"]


def test_a_credential_stands_for_its_file_and_a_lone_one_for_itself(archive: Path) -> None:
    (archive / "2026" / "overlay.glb").rename(archive / "moved.glb")
    assert "overlay.glb.c2pa" in names(archive)
    assert "moved.glb" not in names(archive)


def test_the_verdicts_are_those_of_verify_in_the_order_of_the_files(archive: Path) -> None:
    files = finish(search([archive])).files
    with closing(finish(judge_all(files))) as batch:
        states = [entry.state for entry in batch.entries()]
        assert states == [verify(path).state for path in files]
        assert states == ["trusted", "trusted", "none", "altered"]
        assert [entry.state for entry in batch.entries(gravest_first=True)] == [
            "altered",
            "none",
            "trusted",
            "trusted",
        ]
        assert not batch.is_good


def test_every_state_has_its_gravity_and_its_words() -> None:
    assert sorted(GRAVITY) == sorted(BADGES)


def test_a_folder_is_told_by_counts_and_then_what_does_not_hold(archive: Path, capsys: Captured) -> None:
    assert run(["verify", str(archive)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[:5] == [
        "4 files checked:",
        "        1  altered: Altered after signing",
        "        1  none: No credential",
        "        2  trusted: Credential holds",
        "",
    ]
    assert [line.split(": ")[0] for line in lines[5:] if line[0] != " "] == [
        str(archive / "2026" / "May" / "bad.tif"),
        str(archive / "2026" / "plain.JPG"),
    ]
    run(["verify", str(archive), "--verbose"])
    assert f"{archive / 'good.tif'}: trusted." in capsys.readouterr().out


def test_json_gives_the_results_of_all_files_of_a_folder(archive: Path, capsys: Captured) -> None:
    status, found = told(capsys, "verify", archive)
    assert status == 1
    assert [result["state"] for result in found["results"]] == ["trusted", "trusted", "none", "altered"]
    assert found["counts"] == {"altered": 1, "none": 1, "trusted": 2}
    assert found["results"][0] == as_data(verify(archive / "good.tif"))


def test_json_of_no_file_at_all_has_an_empty_list(tmp_path: Path, capsys: Captured) -> None:
    status, found = told(capsys, "verify", tmp_path / "gone.tif")
    assert (status, found["results"]) == (2, [])


def test_one_file_that_cannot_be_read_keeps_none_waiting_and_ends_2(
    archive: Path, tmp_path: Path, capsys: Captured
) -> None:
    table = tmp_path / "t.csv"
    gone = tmp_path / "gone.tif"
    status, found = told(capsys, "verify", gone, archive, "--csv", table)
    assert status == 2
    assert len(found["results"]) == 4
    assert found["error"]["message"] == f"There is no file {gone}."
    rows = list(csv.DictReader(table.open(encoding="utf-8-sig")))
    assert (rows[0]["state"], rows[0]["sentence"]) == ("not-checked", f"There is no file {gone}.")


def test_the_first_of_many_refusals_are_told_and_the_rest_counted(tmp_path: Path, capsys: Captured) -> None:
    status, found = told(capsys, "verify", *(tmp_path / f"{number}.tif" for number in range(500)))
    assert status == 2
    assert found["error"]["message"].count("There is no file") == 20
    assert found["error"]["message"].endswith("480 further files could not be checked.")


def test_the_table_has_a_row_a_file_the_gravest_first(
    archive: Path, tmp_path: Path, capsys: Captured
) -> None:
    table = tmp_path / "t.csv"
    _, found = told(capsys, "verify", archive, "--csv", table)
    rows = list(csv.DictReader(table.open(encoding="utf-8-sig")))
    assert tuple(rows[0]) == COLUMNS
    assert [row["state"] for row in rows] == ["altered", "none", "trusted", "trusted"]
    assert rows[2]["signer"] == "Test person (Test studio)"
    assert [(file["path"], file["kind"]) for file in found["files"]] == [(str(table), "report")]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", " =", "＝"])
def test_no_spreadsheet_takes_a_title_for_a_formula(start: str) -> None:
    assert harmless(f"{start}HYPERLINK(1)").startswith("'")
    assert harmless("harbour = dusk") == "harbour = dusk"


def test_titles_of_strangers_are_text_in_table_and_page(
    tmp_path: Path, own_studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    INSIDE["striped.tif"](tmp_path / "scan.tif")
    nasty = "=cmd|'<script>alert(1)<script>'!A1"
    folder = tmp_path / "<img src=x onerror=alert(1)>"
    folder.mkdir()
    content = Content(nasty, (Action("c2pa.created", "algorithmicMedia"),))
    export(tmp_path / "scan.tif", folder / "=a.tif", "scan", content, own_studio)
    table, page = tmp_path / "t.csv", tmp_path / "t.html"
    monkeypatch.chdir(folder)
    assert run(["verify", "=a.tif", "--csv", str(table), "--html", str(page)]) == 0
    [row] = csv.DictReader(table.open(encoding="utf-8-sig"))
    assert row["title"] == f"'{nasty}"
    assert row["path"] == "'=a.tif"
    assert run(["verify", str(folder), "--html", str(page), "--replace"]) == 0

    class Tags(HTMLParser):
        found: list[str] = []  # noqa: RUF012

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.found.append(tag)
            assert not [name for name, _ in attrs if name.startswith("on")]

    Tags().feed(page.read_text())
    assert Tags.found.count("script") == 1
    assert "img" not in Tags.found


def test_the_page_runs_its_own_script_and_no_other(archive: Path, tmp_path: Path) -> None:
    import base64
    import hashlib

    page = tmp_path / "t.html"
    run(["verify", str(archive), "--html", str(page)])
    text = page.read_text()
    [script] = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src &#x27;sha256-{digest}&#x27;" in text
    assert text.index("Altered after signing") < text.index("No credential") < text.index("plain.JPG")


def test_what_exists_is_only_replaced_when_asked_and_never_what_is_judged(
    archive: Path, tmp_path: Path, capsys: Captured
) -> None:
    table = tmp_path / "t.csv"
    table.write_text("mine")
    assert run(["verify", str(archive), "--csv", str(table)]) == 2
    assert table.read_text() == "mine"
    assert run(["verify", str(archive), "--csv", str(table), "--html", str(table), "--replace"]) == 2
    assert "different names" in capsys.readouterr().err
    good = archive / "good.tif"
    assert run(["verify", str(good), "--csv", str(good), "--replace"]) == 2
    assert verify(good).state == "trusted"
    assert run(["verify", str(archive), "--csv", str(table), "--replace"]) == 1
    assert table.read_text() != "mine"


def test_a_stopped_check_ends_within_a_block_and_stops_its_workers(tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.bin" for number in range(30)]
    for path in files:
        with path.open("wb") as file:
            file.truncate(64 * 2**30)
        path.with_name(f"{path.name}.c2pa").write_bytes(sidecar(tmp_path))
    job = judge_all(files, "")
    next(job)
    time.sleep(0.3)
    started = time.monotonic()
    job.close()
    assert time.monotonic() - started < 2
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("verifying")]


def sidecar(folder: Path) -> bytes:
    """Return the credential of some other file."""
    from workstation.credentials.certificates import create_studio

    if not (folder / "studio").exists():
        studio = create_studio(folder / "studio", studio="A", person="B")
        BESIDE["record.json"](folder / "r.json")
        signed(folder / "r.json", folder / "s.json", studio)
    return (folder / "s.json.c2pa").read_bytes()


def test_the_memory_of_a_check_does_not_grow_with_its_files(archive: Path, tmp_path: Path) -> None:
    def peak(count: int) -> int:
        with closing(finish(judge_all([archive / "2026" / "plain.JPG"] * count, ""))) as batch:
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            write_page(batch, tmp_path / f"{count}.html")
            return tracemalloc.get_traced_memory()[1] - before

    finish(judge_all([archive / "good.tif"], "")).close()
    tracemalloc.start()
    try:
        few, many = peak(20), peak(600)
    finally:
        tracemalloc.stop()
    assert many - few < 600 * 400
