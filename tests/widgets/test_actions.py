from __future__ import annotations

from collections import Counter

from PyQt6.QtCore import QObject
from PyQt6.QtGui import QKeySequence
from PyQt6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QSlider, QWidget

from tests.widgets.conftest import Bench
from widgets.actions import ENTRIES, MENUS, TOOLBAR, shortcut_text
from widgets.sheet import ShortcutSheet
from workstation.scans.source import Pixels


def test_every_action_has_a_text_a_tip_and_a_menu() -> None:
    for entry in ENTRIES:
        assert entry.text, entry.key
        assert entry.tip, entry.key
        assert entry.menu in MENUS, entry.key


def test_no_two_actions_share_a_key_or_a_shortcut(qapp: QApplication) -> None:
    assert len({entry.key for entry in ENTRIES}) == len(ENTRIES)
    keys = Counter(
        sequence.toString()
        for entry in ENTRIES
        if entry.shortcut is not None
        for sequence in (
            [QKeySequence(entry.shortcut)]
            if isinstance(entry.shortcut, str)
            else QKeySequence.keyBindings(entry.shortcut)
        )
    )
    assert [key for key, count in keys.items() if count > 1] == []


def test_toolbar_actions_have_icons() -> None:
    by_key = {entry.key: entry for entry in ENTRIES}
    assert all(by_key[key].icon for group in TOOLBAR for key in group)


def test_the_sheet_lists_every_action_that_has_a_key(qapp: QApplication) -> None:
    sheet = ShortcutSheet()
    shown = {label.text() for label in sheet.findChildren(QWidget) if hasattr(label, "text")}
    for entry in ENTRIES:
        if entry.shortcut is not None:
            assert entry.text.rstrip("…") in shown
            assert shortcut_text(entry) in shown


def test_every_control_without_words_has_a_name_for_screen_readers(bench: Bench, red: Pixels) -> None:
    bench.lay(red)
    bench.lay(red, "IRR")
    bench.do("blend")
    nameless = [
        f"{type(control).__name__} in {type(control.parentWidget()).__name__}"
        for control in bench.window.findChildren(QWidget)
        if isinstance(control, QAbstractButton | QComboBox | QLineEdit | QSlider)
        and not control.accessibleName()
        and not (isinstance(control, QAbstractButton) and control.text())
        and not control.objectName().startswith("qt_")
        and not is_within(control, bench.window.stage.canvas)  # napari's own, never shown
    ]
    assert nameless == [], " | ".join(nameless)


def is_within(part: QObject | None, whole: QObject) -> bool:
    """Tell whether a control belongs to another; popups too, which QWidget.isAncestorOf leaves out."""
    while part is not None and part is not whole:
        part = part.parent()
    return part is whole


def test_actions_that_need_a_layer_wait_for_one(bench: Bench, red: Pixels) -> None:
    by_key = bench.window.actions_by_key
    assert not by_key["brush"].isEnabled()
    assert not by_key["curtain"].isEnabled()
    bench.lay(red)
    assert by_key["brush"].isEnabled()
    assert not by_key["curtain"].isEnabled()
    bench.lay(red, "IRR")
    assert by_key["curtain"].isEnabled()
    bench.do("close")
    assert not by_key["curtain"].isEnabled()


def test_torch_is_not_loaded_by_opening_and_looking(bench: Bench, red: Pixels) -> None:
    import subprocess
    import sys

    code = (
        "import sys, widgets.window, widgets.stage, widgets.preview, widgets.hands, widgets.minimap;"
        "from workstation.operations.operation import load_all; load_all();"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_empty_table_shows_the_welcome_page_again(bench: Bench, red: Pixels) -> None:
    bench.lay(red)
    assert bench.window.stack.currentWidget() is bench.window.stage.canvas
    bench.do("close")
    assert bench.window.table.current is None
    assert bench.window.stack.currentWidget() is bench.window.welcome
    assert not bench.window.actions_by_key["export"].isEnabled()


def test_every_menu_is_opened_by_a_letter_of_its_own(bench: Bench) -> None:
    titles = [action.text() for action in bench.window.menuBar().actions()]
    letters = [title[title.index("&") + 1].lower() for title in titles]
    assert [title.replace("&", "") for title in titles] == list(MENUS)
    assert len(set(letters)) == len(letters)
