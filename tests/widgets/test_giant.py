"""The window with a scan of 717 gigapixels in a file of 300 GB, nearly all of which is a hole."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.benchmarks.giants import make_giant
from tests.widgets.conftest import Bench
from widgets.running import pool
from workstation.scans.cache import TILES


@pytest.fixture
def giant(tmp_path: Path) -> Path:
    """A file too long to be hashed within a test."""
    path = tmp_path / "giant.tif"
    make_giant(path, 925_000, 775_000)
    try:
        os.truncate(path, 300 << 30)
    except OSError:
        pytest.skip("the disk has no room for holes")
    return path


def test_a_giant_is_seen_while_it_is_hashed_and_the_hashing_can_be_stopped(bench: Bench, giant: Path) -> None:
    window = bench.window
    window.open([giant])
    bench.wait(lambda: window.table.layers and window.jobs.running)
    bench.wait(lambda: _is_warm(bench))
    assert window.jobs.running, "it is still being hashed"
    bench.do("actual")
    bench.wait(lambda: _is_warm(bench))
    assert window.jobs.running
    window.jobs.cancel_all()
    bench.wait(lambda: not window.jobs.running)
    assert window.table.layers, "the picture stays"


def test_to_show_a_giant_whole_no_fine_level_is_read(bench: Bench, giant: Path) -> None:
    window = bench.window
    window.open([giant])
    bench.wait(lambda: window.table.layers)
    bench.seen()
    bench.wait(lambda: pool().activeThreadCount() == 0)
    levels = {key[1] for key in TILES._tiles if isinstance(key, tuple) and isinstance(key[1], int)}
    assert levels
    assert min(levels) >= 9
    window.jobs.cancel_all()


def _is_warm(bench: Bench) -> bool:
    """Tell whether the painting is seen, not the grey around it: it is more red than green than blue."""
    red, green, blue = bench.seen().mean(axis=(0, 1))
    return bool(red > green + 5 and green > blue + 5)
