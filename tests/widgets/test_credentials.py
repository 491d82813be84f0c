"""The Credentials tab: the chain as a drawing that can be walked, asked, compared and written down."""

from __future__ import annotations

import dataclasses
import io
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PyQt6.QtGui import QDropEvent, QWheelEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QLabel

from tests.credentials.test_batch import sidecar
from tests.widgets.conftest import Bench, flat, write_picture
from widgets import saving
from widgets.chain_view import ChainView
from widgets.checking import Checking
from workstation.credentials.account import Account, Edge, Node, account_from
from workstation.credentials.certificates import Studio
from workstation.credentials.content import Action, Content, Ingredient
from workstation.credentials.door import export
from workstation.credentials.folders import sign_folder
from workstation.credentials.verifying import verify
from workstation.jobs import Job, Progress, finish
from workstation.reports.account_exporting import write_account

KEPT: list[QMimeData] = []


def small(grey: int) -> bytes:
    """Return a small JPEG."""
    packed = io.BytesIO()
    Image.fromarray(np.full((60, 80, 3), grey, np.uint8)).save(packed, "JPEG")
    return packed.getvalue()


@pytest.fixture
def chain(tmp_path: Path, own_studio: Studio) -> Path:
    """A restored file, its signed source, and the bare scan of that."""
    scan = write_picture(tmp_path / "scan.tif", flat((200, 20, 20)))
    write_picture(tmp_path / "draft.tif", flat((20, 20, 200)))
    opened = Action("c2pa.opened")
    content = Content("Base", (opened,), (Ingredient(scan, "scan.tif"),), thumbnail=small(60))
    export(scan, tmp_path / "base.tif", "scan", content, own_studio)
    edited = Action("c2pa.edited", "algorithmicallyEnhanced", "Made it <b>blue</b>")
    parts = (Ingredient(tmp_path / "base.tif", "base.tif"),)
    content = Content("Restored", (opened, edited), parts, thumbnail=small(200))
    export(tmp_path / "draft.tif", tmp_path / "restored.tif", "restored", content, own_studio)
    return tmp_path / "restored.tif"


def shown(bench: Bench) -> Account:
    """Wait until the tab has answered."""
    panel = bench.window.credentials
    bench.window.tasks.setCurrentWidget(panel)
    bench.wait(lambda: panel.worker.idle and panel._account is not None and panel.places.idle)
    bench.settle()
    account: Account = panel._account
    return account


def many(count: int, wide: bool) -> Account:
    """Return the account of a file with many sources, in a row or beside each other."""
    nodes = tuple(
        Node(f"n{at}", f"file {at}.tif", "trusted", "It held.", rank=min(at, 1) if wide else at)
        for at in range(count)
    )
    edges = tuple(
        Edge(f"n{at}", "n0" if wide else f"n{at - 1}", "componentOf" if wide else "parentOf")
        for at in range(1, count)
    )
    lone = account_from(verify(Path(__file__)), None)
    return dataclasses.replace(lone, nodes=nodes, edges=edges)


def dropping(path: Path) -> QDropEvent:
    """Return the dropping of a file."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    KEPT.append(data)  # the event does not own it
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    return QDropEvent(QPointF(5, 5), copy, data, left, none)


def words(bench: Bench) -> str:
    return " ".join(part.text() for part in bench.window.credentials.details.findChildren(QLabel))


def test_the_tab_shows_the_chain_from_the_scan_to_the_file(bench: Bench, chain: Path) -> None:
    bench.open(chain)
    account = shown(bench)
    cards = list(bench.window.credentials.chain.cards.values())
    assert [(card.number, card.node.title) for card in cards] == [
        (1, "scan.tif"),
        (2, "base.tif"),
        (3, "restored.tif"),
    ]
    assert [card.geometry().top() for card in cards] == sorted(card.geometry().top() for card in cards)
    assert cards[2].isChecked()
    assert cards[1].accessibleName().startswith("File 2: base.tif. Credential holds. Test person")
    assert bench.window.status.badge.text().strip() == "Credential holds"
    assert account.verdict.sentence == bench.window.credentials._sentence.text()


def test_words_of_a_stranger_are_never_taken_for_markup(bench: Bench, chain: Path) -> None:
    bench.open(chain)
    shown(bench)
    told = [part for part in bench.window.credentials.details.findChildren(QLabel) if "blue" in part.text()]
    assert "Made it <b>blue</b>." in told[0].text()
    assert {part.textFormat() for part in told} == {Qt.TextFormat.PlainText}


def test_cards_are_walked_by_keys_and_enter_shows_what_was_done(bench: Bench, chain: Path) -> None:
    bench.open(chain)
    account = shown(bench)
    panel = bench.window.credentials
    first, middle, last = (panel.chain.cards[node.key] for node in reversed(account.nodes))
    bench.window.activateWindow()
    last.setFocus()
    QTest.keyClick(last, Qt.Key.Key_Up)
    bench.wait(middle.hasFocus)
    QTest.keyClick(middle, Qt.Key.Key_Return)
    assert panel.details.node is account.nodes[1]
    assert panel.details.title.text() == "2. base.tif"
    QTest.keyClick(middle, Qt.Key.Key_Home)
    bench.wait(first.hasFocus)
    QTest.keyClick(first, Qt.Key.Key_Space)
    assert panel.details.other is account.nodes[2]
    assert first.is_other
    assert "Neither the file of scan.tif" in words(bench)


def test_two_files_known_here_are_opened_and_compared(bench: Bench, chain: Path) -> None:
    window = bench.window
    bench.open(chain.with_name("base.tif"))
    window.table.remove(window.table.current)
    bench.open(chain)
    account = shown(bench)
    assert "Both files are known on this machine" in words(bench)
    window.credentials.details.compare.click()
    bench.wait(lambda: window.comparison.setting.mode == "curtain")
    names = [
        window.table.layer(key).name
        for key in (window.comparison.setting.first, window.comparison.setting.second)
    ]
    assert names == ["base", "restored"]
    assert bench.at(0.45, 0.5)[0] > 150
    assert bench.at(0.55, 0.5)[2] > 150
    assert window.credentials._account is account


def test_a_file_that_was_changed_since_is_not_passed_off_as_the_one_of_the_chain(
    bench: Bench, chain: Path
) -> None:
    window = bench.window
    base = chain.with_name("base.tif")
    bench.open(base)
    window.table.remove(window.table.current)
    bench.open(chain)
    shown(bench)
    data = bytearray(base.read_bytes())
    data[-1] ^= 1
    base.write_bytes(data)
    window.credentials.details.compare.click()
    bench.wait(lambda: window.comparison.setting.mode == "curtain")
    assert window.table.layer(window.comparison.setting.first).name == "base.tif (small picture)"
    assert "base.tif was changed since" in window.messages.text


def test_where_only_small_pictures_are_known_these_are_compared_and_it_is_said(
    bench: Bench, chain: Path
) -> None:
    window = bench.window
    chain.with_name("base.tif").unlink()
    layer = bench.open(chain)
    shown(bench)
    assert "Of base.tif only the small picture in the credential is known here." in words(bench)
    window.credentials.details.compare.click()
    bench.wait(lambda: window.comparison.setting.mode == "curtain")
    low = window.table.layer(window.comparison.setting.first)
    assert low.name == "base.tif (small picture)"
    assert low.extent == layer.extent
    assert window.table.current is layer
    assert window.table.in_mm


def test_what_is_not_known_here_at_all_cannot_be_compared(bench: Bench, chain: Path) -> None:
    chain.with_name("scan.tif").unlink()
    bench.open(chain)
    account = shown(bench)
    details = bench.window.credentials.details
    details.pair_with(account.nodes[2])
    assert not details.compare.isEnabled()
    assert "Neither the file of scan.tif nor a picture of it is known here." in words(bench)


@pytest.mark.parametrize("wide", [False, True])
def test_a_hundred_files_are_drawn_in_a_narrow_dock(qapp: QApplication, wide: bool) -> None:
    view = ChainView()
    view.resize(300, 300)
    view.show()
    view.show_account(many(101, wide))
    assert len(view.cards) == 101
    assert view.zoom >= 0.6
    own = view.cards["n0"]
    assert not own.visibleRegion().isEmpty()
    view.fit()
    assert view.zoom < 0.6
    before = view.zoom
    view.zoom_by(1.5)
    assert view.zoom == pytest.approx(before * 1.5)
    view.hide()


def test_the_wheel_with_ctrl_zooms_the_chain(qapp: QApplication) -> None:
    view = ChainView()
    view.resize(300, 300)
    view.show_account(many(5, wide=False))
    nothing = QPointF(10, 10)
    for turn, control in ((120, Qt.KeyboardModifier.ControlModifier), (120, Qt.KeyboardModifier.NoModifier)):
        before = view.zoom
        turned = QWheelEvent(
            nothing,
            nothing,
            QPoint(),
            QPoint(0, turn),
            Qt.MouseButton.NoButton,
            control,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(view.viewport(), turned)
        assert (view.zoom > before) == (control == Qt.KeyboardModifier.ControlModifier)


def test_a_dropped_file_is_checked_without_being_opened_and_leaves_the_badge_alone(
    bench: Bench, chain: Path
) -> None:
    window = bench.window
    bench.open(chain.with_name("scan.tif"))
    shown(bench)
    window.credentials.dropEvent(dropping(chain))
    account = shown(bench)
    assert account.path == chain
    assert len(window.table.layers) == 1
    assert window.status.badge.text().strip() == "No credential"
    assert window.credentials._name.text() == "Checked alone, not open: restored.tif"


def test_the_account_is_written_by_the_usual_way_and_signed(
    bench: Bench, chain: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = chain.with_name("told.html")
    bench.open(chain)
    shown(bench)
    monkeypatch.setattr(saving, "ask_target", lambda *_: target)
    bench.do("account")
    bench.wait(lambda: target.exists() and not bench.window.jobs.running)
    assert verify(target).state == "trusted"
    assert "Made it &lt;b&gt;blue&lt;/b&gt;." in target.read_text()


def test_a_long_check_shows_its_progress_and_can_be_stopped(qapp: QApplication) -> None:
    def endless() -> Job[str]:
        for at in range(10**6):
            yield Progress(min(at, 50), 100, "large.tif")
            time.sleep(0.005)
        return ""

    checking = Checking()
    stopped: list[bool] = []
    checking.stopped.connect(lambda: stopped.append(True))
    checking.ask(endless)
    assert checking.isHidden()
    end = time.monotonic() + 10
    while (checking.isHidden() or checking.bar.value() != 500) and time.monotonic() < end:
        QApplication.processEvents()
    assert checking.bar.value() == 500
    assert checking._words.text().startswith("50 % of")
    checking.stop_button.click()
    assert stopped == [True]
    assert checking.isHidden()
    assert checking.idle


def test_a_file_with_a_long_name_makes_the_panel_no_wider(bench: Bench, tmp_path: Path) -> None:
    path = write_picture(tmp_path / f"{'x' * 180}.tif", flat((1, 2, 3)))
    panel = bench.window.credentials
    bench.window.tasks.setCurrentWidget(panel)
    panel.check(path)
    shown(bench)
    assert panel.widget().width() <= panel.viewport().width()


def test_a_long_name_makes_the_window_no_wider(bench: Bench, tmp_path: Path) -> None:
    path = write_picture(tmp_path / f"{'so long a name, ' * 14}.tif", flat((1, 2, 3)))
    before = bench.window.minimumSizeHint().width()
    bench.open(path)
    assert bench.window.minimumSizeHint().width() <= before


def test_no_word_of_a_button_is_cut_in_a_narrow_dock(bench: Bench, chain: Path) -> None:
    bench.open(chain)
    shown(bench)
    panel = bench.window.credentials
    for width in (180, 250, 400):
        panel.setFixedWidth(width)
        bench.settle()
        for part in (panel._write, panel._again):
            assert part.width() >= part.sizeHint().width(), (width, part.text())


def test_closing_the_window_ends_a_check_under_way(bench: Bench, tmp_path: Path) -> None:
    large = tmp_path / "large.bin"
    with large.open("wb") as file:
        file.truncate(2**40)
    large.with_name("large.bin.c2pa").write_bytes(sidecar(tmp_path))
    bench.window.credentials.check(large)
    bench.wait(lambda: bench.window.credentials.worker.bar.maximum() == 1000)
    started = time.monotonic()
    bench.window.close()
    assert time.monotonic() - started < 5
    assert bench.window.credentials.worker.idle


def test_what_is_no_scan_is_checked_where_it_is_dropped_on_the_window(
    bench: Bench, tmp_path: Path, own_studio: Studio
) -> None:
    (tmp_path / "draft.glb").write_bytes(b"glTF")
    content = Content("Overlay", (Action("c2pa.created", "composite"),))
    export(tmp_path / "draft.glb", tmp_path / "overlay.glb", "bundle", content, own_studio)
    bench.window.dropEvent(dropping(tmp_path / "overlay.glb"))
    assert bench.window.tasks.currentWidget() is bench.window.credentials
    assert shown(bench).verdict.state == "trusted"
    assert bench.window.table.layers == []


def test_changed_tiles_are_outlined_on_the_painting_and_listed(bench: Bench, chain: Path) -> None:
    data = bytearray(chain.read_bytes())
    at = data.find(bytes([20, 20, 200]) * 20)
    data[at + 30] ^= 255
    chain.write_bytes(data)
    bench.open(chain)
    account = shown(bench)
    panel = bench.window.credentials
    assert account.verdict.state == "altered"
    assert len(account.verdict.changed_tiles) == 1
    assert panel.tiles.isVisible()
    assert panel.tiles.list.count() == 1
    panel.check(chain.with_name("scan.tif"))
    shown(bench)
    assert not panel.tiles.isVisible()


@pytest.mark.parametrize("what", ["folder", "contents.json"])
def test_a_signed_folder_that_is_dropped_is_judged_with_all_its_files(
    what: str, bench: Bench, tmp_path: Path, own_studio: Studio
) -> None:
    folder = tmp_path / "exhibition"
    folder.mkdir()
    (folder / "a.txt").write_text("a")
    finish(sign_folder(folder, "Exhibition", own_studio))
    dropped = folder if what == "folder" else folder / what
    bench.window.dropEvent(dropping(dropped))
    account = shown(bench)
    assert account.verdict.sentence.startswith("The folder with its 1 file is as Test person")
    (folder / "a.txt").write_text("b")
    bench.window.credentials.dropEvent(dropping(dropped))
    account = shown(bench)
    assert account.verdict.state == account.nodes[0].state == "altered"
    assert bench.window.credentials.details.title.text() == "1. exhibition"
    assert "changed: a.txt" in bench.window.credentials._sentence.text()
    finish(write_account(folder, tmp_path / "told.html", own_studio))
    assert "changed: a.txt" in (tmp_path / "told.html").read_text()


def test_a_folder_without_a_signature_is_refused_in_a_sentence(bench: Bench, tmp_path: Path) -> None:
    bench.window.credentials.check(tmp_path)
    bench.wait(lambda: bench.window.credentials.worker.idle)
    assert bench.window.credentials._sentence.text() == f"{tmp_path} is a folder; a file is needed."
    bench.window.open([tmp_path])
    bench.wait(lambda: bench.window.messages.text)
    assert bench.window.messages.text == f"{tmp_path} is a folder; a file is needed."
