"""The sheet of all actions and their keys, made from the table of actions."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from widgets.actions import ENTRIES, Entry, shortcut_text
from widgets.parts import label

MOUSE = (
    ("Zoom at the mouse", "Wheel"),
    ("Move the painting", "Right or middle button"),
    ("Pull the curtain", "Drag its handle, or arrow keys"),
    ("Drop what was begun", "Esc"),
)


class ShortcutSheet(QDialog):
    """Two columns of actions, by menu."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        columns = QHBoxLayout()
        columns.setSpacing(44)
        for menus in (("File", "Edit", "View"), ("Compare", "Tools", "Credentials", "Help")):
            columns.addLayout(self._column(menus))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 20, 24, 16)
        box.setSpacing(14)
        box.addWidget(label("Keyboard shortcuts", "title"))
        box.addLayout(columns)
        box.addWidget(buttons)

    def _column(self, menus: tuple[str, ...]) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(12)
        for menu in menus:
            found = [entry for entry in ENTRIES if entry.menu == menu and entry.shortcut is not None]
            column.addWidget(self._group(menu, found))
        if "Help" in menus:
            column.addWidget(self._rows("Mouse", MOUSE))
        column.addStretch(1)
        return column

    def _group(self, menu: str, entries: list[Entry]) -> QWidget:
        return self._rows(menu, tuple((entry.text.rstrip("…"), shortcut_text(entry)) for entry in entries))

    def _rows(self, name: str, rows: tuple[tuple[str, str], ...]) -> QWidget:
        group = QWidget()
        grid = QGridLayout(group)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(30)
        grid.setVerticalSpacing(4)
        grid.addWidget(label(name, "head"), 0, 0)
        for place, (text, keys) in enumerate(rows, 1):
            grid.addWidget(label(text), place, 0)
            shown = label(keys, "number")
            shown.setAlignment(Qt.AlignmentFlag.AlignRight)
            grid.addWidget(shown, place, 1)
        return group
