"""What the Examine task tells of a layer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtWidgets import QApplication, QLabel, QPushButton

from tests.scans.pictures import picture, written
from widgets.colours import Colours
from widgets.examine import ExaminePanel, known
from widgets.lighttable import LightTable, TableLayer
from widgets.reading import read_file
from workstation.scans.source import ArraySource, Metadata


def test_a_layers_facts_are_those_of_its_file(tmp_path: Path) -> None:
    metadata = Metadata(artist="Anna", copyright="© Museum", pixels_per_mm=20.0)
    path = written(picture(60, 80), tmp_path / "p.tif", "deflate", metadata=metadata)
    (layer,) = read_file(path, lambda: "a")
    told = known(layer, "Museum RGB", "the screen's own")
    assert (told["Artist"], told["Copyright"], told["Stored"]) == ("Anna", "© Museum", "deflate")
    assert (told["Colour profile"], told["Shown through"]) == ("Museum RGB", "the screen's own")
    assert "Made from" not in told
    layer.scan.close()


def panel_of(dtype: str, white: int | None) -> tuple[TableLayer, ExaminePanel]:
    """Return a small scan on the table, and the panel that shows it."""
    table = LightTable()
    panel = ExaminePanel(table, Colours(lambda _: None))
    source = ArraySource(np.ones((8, 8, 3), dtype), Metadata(white=white))
    layer = TableLayer("a", "VIS", "VIS", source, np.eye(3))
    table.add(layer)
    return layer, panel


@pytest.mark.parametrize(
    ("dtype", "white", "top"), [("u2", 4095, 4095), ("u4", (1 << 24) - 1, (1 << 24) - 1), ("u2", None, 65535)]
)
def test_the_tones_run_over_the_samples_that_a_scan_can_have(
    qapp: QApplication, own_home: Path, dtype: str, white: int | None, top: int
) -> None:
    layer, panel = panel_of(dtype, white)
    assert panel.high.value() == 1000
    panel.high.setValue(500)
    assert layer.look.high == pytest.approx(top / 2)
    (full,) = (one for one in panel.findChildren(QPushButton) if one.text() == "Full range")
    full.click()
    assert layer.look.high == top
    assert panel.high.value() == 1000


def test_a_tick_of_a_slider_leaves_the_facts_as_they_stand(qapp: QApplication, own_home: Path) -> None:
    _, panel = panel_of("u1", None)
    before = panel.findChildren(QLabel)
    panel.low.setValue(200)
    assert panel.findChildren(QLabel) == before
    assert "51" in {part.text() for part in before}
