from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.operations.examples import example, painted
from tests.operations.lying import lying, with_parameters
from tests.widgets.conftest import Bench
from widgets import saving
from workstation.comparison.palette import NOT_COMPARED
from workstation.credentials.certificates import Studio
from workstation.jobs import finish
from workstation.operations.exporting import restore
from workstation.operations.treatment import Treatment
from workstation.scans.pyramid import write_pyramid
from workstation.scans.source import ArraySource


@pytest.fixture
def result(tmp_path: Path, own_studio: Studio) -> Path:
    """Return a signed result beside its scan."""
    scan = finish(write_pyramid(ArraySource(painted(400, 500)), tmp_path / "scan.tif", tile=256))
    step = example("fill-losses", 400, 500)
    finish(restore(scan, Treatment((step,)), tmp_path / "result.tif", own_studio))
    return tmp_path / "result.tif"


def replayed(bench: Bench) -> str:
    """Replay the current layer; return what the window says."""
    bench.do("replay")
    bench.wait(lambda: not bench.window.jobs.running)
    text: str = bench.window.messages.text
    return text


def test_an_honest_result_is_replayed_as_a_job_and_the_window_says_so(bench: Bench, result: Path) -> None:
    bench.open(result)
    bench.do("replay")
    assert [job.title for job in bench.window.jobs.running] == ["Replaying result.tif"]
    bench.wait(lambda: not bench.window.jobs.running)
    assert "gives exactly the pixels of result.tif" in bench.window.messages.text
    assert len(bench.window.table.layers) == 1


def test_a_result_whose_record_lies_gets_a_map_of_where_it_differs_on_the_table(
    bench: Bench, result: Path, own_studio: Studio
) -> None:
    layer = bench.open(
        lying(result, result.with_name("scan.tif"), own_studio, with_parameters(tension=0.0, follow=0.0))
    )
    assert "does not give the pixels of liar.tif" in replayed(bench)
    bench.wait(lambda: len(bench.window.table.layers) == 2)
    shown = bench.window.table.layers[-1]
    assert shown.role == "difference"
    assert "replay differs" in shown.name
    assert np.array_equal(shown.to_painting, layer.to_painting)
    marked = example("fill-losses", 400, 500).mask
    assert marked is not None
    drawn = shown.scan.read(0, 0, 400, 0, 500)
    coloured = (drawn != NOT_COMPARED).any(-1)
    assert coloured.any()
    assert not coloured[~marked.read(0, 400, 0, 500)].any()
    y, x = (int(places[0]) for places in np.nonzero(~coloured))
    assert drawn[y, x].tolist() == NOT_COMPARED.tolist()
    bench.settle()
    bench.do("close")
    assert bench.window.table.layers == [layer]


def test_a_scan_that_is_not_found_is_asked_for(
    bench: Bench, result: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = tmp_path / "archive"
    away.mkdir()
    (tmp_path / "scan.tif").rename(away / "panel.tif")
    bench.open(result)
    asked: list[str] = []

    def ask(window: object, name: str) -> Path | None:
        asked.append(name)
        return away / "panel.tif" if len(asked) > 1 else None

    monkeypatch.setattr(saving, "ask_scan_of", ask)
    assert "lies neither beside it" in replayed(bench)
    bench.do("replay")
    bench.wait(lambda: "exactly the pixels" in bench.window.messages.text)
    assert asked == ["result", "result"]


def test_a_layer_without_a_record_or_a_file_says_so(bench: Bench, result: Path) -> None:
    bench.open(result.with_name("scan.tif"))
    assert "has no record that could be replayed" in replayed(bench)
    bench.lay(np.zeros((20, 30, 3), np.uint8))
    assert not bench.window.actions_by_key["replay"].isEnabled()


def test_a_result_that_was_altered_is_not_replayed(bench: Bench, result: Path) -> None:
    data = bytearray(result.read_bytes())
    data[len(data) // 3] ^= 1
    result.write_bytes(data)
    bench.open(result)
    assert "cannot be relied on" in replayed(bench)
    assert len(bench.window.table.layers) == 1
