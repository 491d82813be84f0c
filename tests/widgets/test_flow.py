from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtWidgets import QLineEdit

from tests.widgets.conftest import Bench, write_picture
from widgets import saving
from widgets.studio import NewStudio
from widgets.theme import BAD, GOOD
from workstation.scans.source import Pixels


def painting() -> Pixels:
    """Return a smooth gradient with a black loss in the middle."""
    rows, columns = np.mgrid[0:120, 0:160]
    pixels = np.stack([rows + 60, columns + 40, rows + columns // 2], -1).astype(np.uint8)
    pixels[54:66, 74:86] = 0
    return pixels


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    return write_picture(tmp_path / "panel_VIS.tif", painting())


def mark_loss(bench: Bench) -> None:
    """Draw round the loss with the lasso."""
    bench.window.tasks.setCurrentWidget(bench.window.restoring)
    chooser = bench.window.restoring.chooser
    chooser.setCurrentIndex(chooser.findData("fill-losses"))
    bench.do("lasso")
    bench.drag((0.44, 0.42), (0.56, 0.42), (0.56, 0.58), (0.44, 0.58))


def sign_without_passphrase(bench: Bench) -> None:
    """Fill in the dialog that makes the first certificate."""
    bench.wait(lambda: isinstance(bench.window.signer._dialog, NewStudio))
    dialog = bench.window.signer._dialog
    dialog.studio_name.setText("Studio of the test")
    dialog.person.setText("A. Conservator")
    dialog.open_key.setChecked(True)
    dialog.yes.click()


def test_a_loss_is_marked_previewed_filled_undone_and_filled_again(bench: Bench, scan: Path) -> None:
    layer = bench.open(scan)
    assert bench.at(0.5, 0.5) == [0, 0, 0]
    mark_loss(bench)
    assert 144 <= layer.mask.area < 5000
    bench.wait(lambda: bench.window.stage.has_preview)
    bench.wait(lambda: min(bench.at(0.5, 0.5)) > 40)
    bench.window.restoring.apply_button.click()
    bench.wait(lambda: layer.shown.inner is not layer.scan)
    bench.wait(lambda: not bench.window.stage.has_preview)
    bench.wait(lambda: min(bench.at(0.5, 0.5)) > 40)
    assert layer.mask.area == 0
    bench.do("undo")
    bench.wait(lambda: layer.shown.inner is layer.scan)
    bench.wait(lambda: bench.at(0.5, 0.5) == [0, 0, 0])
    bench.do("redo")
    bench.wait(lambda: layer.shown.inner is not layer.scan)
    bench.wait(lambda: min(bench.at(0.5, 0.5)) > 40)
    assert bench.window.desk.catalogue.treatment(layer.catalogue_id)[0].operation == "fill-losses"


def test_new_work_after_undo_is_a_branch_that_one_can_return_to(bench: Bench, scan: Path) -> None:
    layer = bench.open(scan)
    for _ in range(2):
        mark_loss(bench)
        bench.window.restoring.apply_button.click()
        bench.wait(lambda: layer.shown.inner is not layer.scan)
        bench.do("undo")
        bench.wait(lambda: layer.shown.inner is layer.scan)
    rows = layer.history.rows()
    assert [row.depth for row in rows] == [0, 1]
    layer.history.go(rows[1].id)
    assert [step.operation.name for step in layer.history.treatment().steps] == ["fill-losses"]
    assert next(row for row in layer.history.rows() if row.id == rows[1].id).current


def test_a_treatment_is_rendered_signed_laid_on_the_table_and_its_badge_is_good(
    bench: Bench, scan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tifffile

    layer = bench.open(scan)
    mark_loss(bench)
    mask = layer.mask.read(0, 120, 0, 160)
    bench.window.restoring.apply_button.click()
    target = tmp_path / "restored.tif"
    monkeypatch.setattr(saving, "ask_target", lambda *_: target)
    bench.window.restoring.render_button.click()
    sign_without_passphrase(bench)
    bench.wait(lambda: len(bench.window.table.layers) == 2)
    assert not bench.window.jobs.running
    result = tifffile.imread(target)
    assert np.array_equal(result[~mask], painting()[~mask])
    assert result[60, 80].min() > 40
    assert "every sample outside the mask is identical" in bench.window.messages.text
    badge = bench.window.status.badge
    bench.wait(lambda: "Check" not in badge.text())
    assert badge.text().strip() in ("Credential holds", "Signer not known here"), badge.toolTip()
    assert [made.kind for made in bench.window.desk.catalogue.exports(layer.catalogue_id)][:1] == ["restored"]


def test_an_altered_export_gets_a_red_badge(
    bench: Bench, scan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.open(scan)
    target = tmp_path / "copy.tif"
    monkeypatch.setattr(saving, "ask_target", lambda *_: target)
    bench.do("export")
    from PyQt6.QtWidgets import QApplication

    from widgets.exporting import ExportDialog

    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, ExportDialog)
    dialog.choose("copy")
    dialog.go.click()
    sign_without_passphrase(bench)
    bench.wait(lambda: target.is_file() and not bench.window.jobs.running)
    data = bytearray(target.read_bytes())
    place = data.find(bytes(painting()[0, :4].ravel()))
    assert place > 0
    data[place] ^= 1
    target.write_bytes(data)
    bench.open(target)
    badge = bench.window.status.badge
    bench.wait(lambda: "Check" not in badge.text())
    assert badge.text().strip() == "Altered after signing"
    assert BAD in badge.styleSheet()
    assert GOOD not in badge.styleSheet()


def test_a_wrong_file_gives_one_sentence_and_the_window_lives_on(bench: Bench, tmp_path: Path) -> None:
    wrong = tmp_path / "notes.tif"
    wrong.write_text("This is not a picture.")
    bench.window.open([wrong])
    bench.wait(lambda: bench.window.messages.text)
    assert "notes.tif" in bench.window.messages.text
    assert "\n" not in bench.window.messages.text
    bench.window.open([tmp_path / "absent.tif"])
    bench.wait(lambda: "absent.tif" in bench.window.messages.text)
    assert not bench.window.table.layers


def test_a_job_can_be_stopped_and_leaves_nothing_behind(
    bench: Bench, tmp_path: Path, red: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tifffile

    noise = np.random.default_rng(3).integers(0, 256, (2500, 2500, 3), np.uint8)
    path = tmp_path / "large.tif"
    tifffile.imwrite(path, noise, photometric="rgb", tile=(256, 256))
    bench.open(path)
    bench.window.tasks.setCurrentWidget(bench.window.restoring)
    chooser = bench.window.restoring.chooser
    chooser.setCurrentIndex(chooser.findData("suppress-noise"))
    bench.window.restoring.preview.setChecked(False)
    bench.window.restoring.apply_button.click()
    target = tmp_path / "out" / "calm.tif"
    target.parent.mkdir()
    monkeypatch.setattr(saving, "ask_target", lambda *_: target)
    bench.window.restoring.render_button.click()
    sign_without_passphrase(bench)
    bench.wait(lambda: bench.window.jobs.running)
    bench.window.jobs.cancel_all()
    bench.wait(lambda: not bench.window.jobs.running)
    assert list(target.parent.iterdir()) == []
    assert "stopped" in bench.window.messages.text


def test_the_first_certificate_is_made_in_a_dialog_that_says_what_is_wrong(bench: Bench) -> None:
    dialog = NewStudio(bench.window)
    dialog.studio_name.setText("Studio")
    dialog.person.setText("Person")
    dialog.passphrase.setText("one")
    dialog.again.setText("other")
    dialog.yes.click()
    assert "not the same" in dialog.wrong.text()
    assert dialog.passphrase.echoMode() == QLineEdit.EchoMode.Password
    dialog.again.setText("one")
    dialog.yes.click()
    assert dialog.studio is not None
    assert dialog.studio.name == "Studio"


def test_the_catalogue_finds_an_opened_scan_and_lays_it_on_the_table_again(bench: Bench, scan: Path) -> None:
    bench.open(scan)
    bench.window.desk.clear()
    bench.window.catalogue.search.setText("panel")
    bench.wait(lambda: bench.window.catalogue.list.count() == 1)
    item = bench.window.catalogue.list.item(0)
    bench.window.catalogue.list.itemActivated.emit(item)
    bench.wait(lambda: bench.window.table.layers)
    assert bench.window.table.current.path == scan


def test_a_preview_is_worked_out_once_and_then_leaves_the_machine_alone(bench: Bench, scan: Path) -> None:
    bench.open(scan)
    asked: list[bool] = []
    bench.window.preview.worker.busy.connect(asked.append)
    mark_loss(bench)
    bench.wait(lambda: bench.window.stage.has_preview)
    bench.settle()
    asked.clear()
    for _ in range(20):
        bench.seen()
    assert asked == []


def test_another_operation_never_stands_under_the_preview_of_the_last_one(bench: Bench, scan: Path) -> None:
    bench.open(scan)
    mark_loss(bench)
    bench.wait(lambda: bench.window.stage.has_preview)
    chooser = bench.window.restoring.chooser
    chooser.setCurrentIndex(chooser.findData("thin-varnish"))
    bench.wait(lambda: not bench.window.stage.has_preview)
    bench.settle()
    assert bench.at(0.5, 0.5) == [0, 0, 0]


def test_files_that_are_dropped_on_the_window_are_opened(bench: Bench, scan: Path) -> None:
    from PyQt6.QtCore import QMimeData, QPointF, Qt, QUrl
    from PyQt6.QtGui import QDropEvent

    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(scan))])
    left = Qt.MouseButton.LeftButton
    event = QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, left, Qt.KeyboardModifier.NoModifier)
    bench.window.dropEvent(event)
    bench.wait(lambda: bench.window.table.layers)
    assert bench.window.table.current.path == scan


def test_the_window_remembers_what_was_open_last(bench: Bench, scan: Path) -> None:
    from widgets import memory

    bench.open(scan)
    assert memory.recent() == [scan]
    scan.rename(scan.with_name("elsewhere.tif"))
    assert memory.recent() == []


def test_a_mask_made_elsewhere_is_previewed_when_one_comes_to_restore(bench: Bench, scan: Path) -> None:
    window = bench.window
    bench.open(scan)
    mark_loss(bench)
    window.tasks.setCurrentIndex(0)
    bench.wait(lambda: not window.stage.has_preview)
    window.tasks.setCurrentWidget(window.restoring)
    bench.wait(lambda: window.stage.has_preview)


def test_what_was_added_is_not_previewed_on_top_of_itself(bench: Bench, scan: Path) -> None:
    layer = bench.open(scan)
    window = bench.window
    window.tasks.setCurrentWidget(window.restoring)
    window.restoring.chooser.setCurrentIndex(window.restoring.chooser.findData("suppress-noise"))
    bench.wait(lambda: window.stage.has_preview)
    window.restoring.apply_button.click()
    bench.wait(lambda: layer.shown.inner is not layer.scan and not window.stage.has_preview)
    bench.settle()
    assert not window.stage.has_preview
    window.restoring.form.fields["strength"].set(0.3)
    bench.wait(lambda: window.stage.has_preview)
