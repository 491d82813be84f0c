"""The commands on kept levels, run as a user runs them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.conftest import Told, contents
from tests.scans.pictures import picture
from tests.scans.test_opening import save
from workstation.scans import kept


@pytest.fixture
def scan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A flat scan that counts as large."""
    monkeypatch.setattr(kept, "COSTLY_PIXELS", 50_000)
    (tmp_path / "museum").mkdir()
    return save(tmp_path / "museum" / "s.tif", picture(801, 933), compression="zlib", rowsperstrip=20)


def test_levels_are_built_listed_and_cleared(scan: Path, told: Told) -> None:
    before = contents(scan.parent)
    assert told("levels", "list")[1]["levels"] == []
    status, answer = told("levels", "build", scan)
    assert status == 0
    assert answer["levels"] == [{"path": str(scan), "page": 0, "kept": True, "damaged": 0}]
    (listed,) = told("levels", "list")[1]["levels"]
    assert (listed["path"], listed["page"], listed["levels"]) == (str(scan), 0, 1)
    assert listed["bytes"] > 10_000
    status, answer = told("levels", "clear", scan)
    assert (status, answer["cleared"], answer["bytes"]) == (0, 1, listed["bytes"])
    assert told("levels", "list")[1]["levels"] == []
    assert contents(scan.parent) == before


def test_a_scan_that_needs_no_levels_is_told_so(tmp_path: Path, told: Told) -> None:
    small = save(tmp_path / "small.tif", picture(30, 40))
    status, answer = told("levels", "build", small)
    assert status == 0
    assert [page["kept"] for page in answer["levels"]] == [False]


def test_damage_ends_one(scan: Path, told: Told) -> None:
    save(scan, picture(801, 933), rowsperstrip=20)
    scan.write_bytes(scan.read_bytes()[:-3000])
    status, answer = told("levels", "build", scan)
    assert status == 1
    assert answer["levels"][0]["damaged"] == 2


def test_a_scan_that_is_not_there_is_refused_in_one_sentence(tmp_path: Path, told: Told) -> None:
    status, answer = told("levels", "build", tmp_path / "none.tif")
    assert status == 2
    assert "none.tif" in answer["error"]["message"]
