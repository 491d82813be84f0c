from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.widgets.conftest import Bench, write_picture
from tests.widgets.test_flow import painting, sign_without_passphrase
from widgets import saving
from widgets.places import Place


def test_an_exhibit_is_built_from_the_table_with_its_overlay_and_its_place(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.open(write_picture(tmp_path / "a_VIS.tif", painting()))
    bench.open(write_picture(tmp_path / "a_UVF.tif", np.ascontiguousarray(painting()[::-1])))
    panel = bench.window.exhibit
    panel.base.setCurrentIndex(panel.base.findText("a_VIS"))
    panel.refresh()
    panel.build_button.click()
    assert "title" in bench.window.messages.text
    panel.title.setText("Panel")
    panel.alt.setText("A gradient with a loss.")
    panel.rows[0].box.setChecked(True)
    panel.build_button.click()
    assert "what a_UVF shows" in bench.window.messages.text
    panel.rows[0].words.setText("The same in ultraviolet.")
    panel.add_place(Place(2.0, 3.0, "Loss", "Here the paint is gone."))
    target = tmp_path / "exhibit"
    monkeypatch.setattr(saving, "ask_folder", lambda *_: target)
    panel.build_button.click()
    sign_without_passphrase(bench)
    bench.wait(lambda: target.is_dir() and not bench.window.jobs.running)
    assert (target / "exhibit.glb").read_bytes()[:4] == b"glTF"
    assert "Here the paint is gone." in json.dumps(json.loads((target / "hotspots.json").read_text()))
    assert {made.kind for made in bench.window.desk.catalogue.exports()} >= {"bundle", "overlay"}


def test_a_place_beside_the_painting_is_refused_in_one_sentence(bench: Bench, tmp_path: Path) -> None:
    bench.open(write_picture(tmp_path / "a_VIS.tif", painting()))
    panel = bench.window.exhibit
    panel.title.setText("Panel")
    panel.alt.setText("A gradient.")
    panel.add_place(Place(-5.0, 3.0, "Wall", "Beside it."))
    panel.build_button.click()
    assert "Wall" in bench.window.messages.text
