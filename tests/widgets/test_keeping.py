"""A large flat scan in the window: seen at once, its levels built beside, then in place of the sketch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.scans.pictures import levels_of, picture
from tests.scans.test_opening import save
from tests.widgets.conftest import Bench
from workstation.scans import kept, opening, stacking
from workstation.scans.computed import SketchGrid
from workstation.scans.kept import KeptGrid, list_kept
from workstation.scans.scan import Scan

BUILDING = "Building levels of "


@pytest.fixture
def flat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A flat scan that counts as large."""
    monkeypatch.setattr(kept, "COSTLY_PIXELS", 50_000)
    monkeypatch.setattr(opening, "LARGE_PIXELS", 50_000)
    monkeypatch.setattr(stacking, "SKETCHED_PIXELS", 50_000)
    return save(tmp_path / "panel.tif", picture(1700, 2100), compression="zlib", rowsperstrip=4)


def test_the_picture_is_seen_first_and_sharpened_when_its_levels_are_kept(bench: Bench, flat: Path) -> None:
    window, table = bench.window, bench.window.table
    window.open([flat])
    bench.wait(lambda: table.layers)
    scan = table.current.scan
    assert isinstance(scan, Scan)
    sketched = bench.seen()
    assert isinstance(scan.grid(2), SketchGrid)
    assert list_kept() == []
    bench.wait(lambda: isinstance(scan.grid(1), KeptGrid))
    bench.wait(lambda: not window.jobs.running)
    exact = bench.seen()
    assert exact.std() > 5, "there is a picture"
    assert np.abs(sketched.astype(int) - exact).mean() < 3
    assert np.array_equal(scan.read(2, 0, 425, 0, 525), levels_of(picture(1700, 2100), 3)[2])
    assert [one.scan for one in list_kept()] == [flat]
    table.remove(table.current)
    window.open([flat])
    bench.wait(lambda: table.layers)
    assert isinstance(table.current.scan.grid(1), KeptGrid)
    assert np.array_equal(bench.seen(), exact)
    assert not any(job.title.startswith(BUILDING) for job in window.jobs.running)


def test_closing_the_layer_stops_the_building_without_a_word(bench: Bench, flat: Path) -> None:
    window, table = bench.window, bench.window.table
    window.open([flat])
    bench.wait(lambda: any(job.title.startswith(BUILDING) for job in window.jobs.running))
    table.remove(table.current)
    bench.wait(lambda: not any(job.title.startswith(BUILDING) for job in window.jobs.running))
    bench.settle()
    assert list_kept() == []
    assert [entry.name for entry in kept.folder().iterdir()] == []
    assert "stopped" not in window.messages.text


def test_closing_the_window_stops_the_building(bench: Bench, flat: Path) -> None:
    window = bench.window
    window.open([flat])
    bench.wait(lambda: any(job.title.startswith(BUILDING) for job in window.jobs.running))
    window.close()
    assert list_kept() == []
    assert [entry.name for entry in kept.folder().iterdir()] == []


def test_that_a_scan_is_too_large_for_its_levels_is_said_once(
    bench: Bench, flat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "LIMIT", 1000)
    window, table = bench.window, bench.window.table
    window.open([flat])
    bench.wait(lambda: "it may be a sketch; its details are exact" in window.messages.text)
    bench.wait(lambda: not any(job.title.startswith(BUILDING) for job in window.jobs.running))
    table.remove(table.current)
    window.messages.say("Something else.")
    window.open([flat])
    bench.wait(lambda: any(job.title.startswith(BUILDING) for job in window.jobs.running))
    bench.wait(lambda: not any(job.title.startswith(BUILDING) for job in window.jobs.running))
    bench.settle()
    assert window.messages.text == "Something else."
    assert list_kept() == []
