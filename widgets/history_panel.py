"""The treatment of the current layer, step by step; a click goes back to any of them."""

from __future__ import annotations

from PyQt6.QtCore import QSignalBlocker, Qt
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from widgets.history import Row
from widgets.lighttable import LightTable
from widgets.parts import Elided, button, icon_button

PALE, CLEAR = QColor("#808080"), QColor("#e4e4e4")


class HistoryPanel(QWidget):
    """Lists the steps from the scan on; what was undone is pale, other branches are indented."""

    def __init__(self, table: LightTable) -> None:
        super().__init__()
        self._table = table
        self.undo = icon_button("undo", "Undo the last step", lambda: self._step(False))
        self.redo = icon_button("redo", "Redo the next step", lambda: self._step(True))
        self.render_button = button("Render…", lambda: None, "Write the treated picture in full resolution")
        self._title = Elided("quiet")
        self.list = QListWidget()
        self.list.setAccessibleName("Treatment of the current layer")
        self.list.itemClicked.connect(self._go)
        self.list.itemActivated.connect(self._go)
        head = QHBoxLayout()
        head.setContentsMargins(10, 0, 8, 2)
        head.setSpacing(4)
        head.addWidget(self._title, 1)
        for part in (self.undo, self.redo, self.render_button):
            head.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self.list)
        for signal in (table.current_changed, table.treatment_changed):
            signal.connect(self.refresh)
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Show the history as it is now."""
        layer = self._table.current
        with QSignalBlocker(self.list):
            self.list.clear()
            rows = layer.history.rows() if layer is not None else ()
            if layer is not None:
                self._add(Row(0, "Scan", layer.name, 0, True, not layer.history.treatment().steps))
            for row in rows:
                self._add(row)
        count = len(layer.history.treatment().steps) if layer is not None else 0
        words = {0: "untreated", 1: "1 step"}.get(count, f"{count} steps")
        self._title.say(f"{layer.name}: {words}" if layer is not None else "No layer")
        self.undo.setEnabled(count > 0)
        self.redo.setEnabled(any(not row.on_way and not row.depth for row in rows))
        self.render_button.setEnabled(count > 0)

    def _add(self, row: Row) -> None:
        mark = "●" if row.current else ("│" if row.on_way else "○")
        branch = "     ↳ " if row.depth else ""
        item = QListWidgetItem(f"{branch}{mark}  {row.title}   {row.detail}")
        item.setData(Qt.ItemDataRole.UserRole, row.id)
        item.setForeground(CLEAR if row.on_way else PALE)
        item.setToolTip("Show the picture as it is after this step")
        self.list.addItem(item)
        if row.current:
            self.list.setCurrentItem(item)

    def _go(self, item: QListWidgetItem) -> None:
        layer = self._table.current
        if layer is not None:
            layer.history.go(item.data(Qt.ItemDataRole.UserRole))
            self._table.retreat(layer)

    def _step(self, forward: bool) -> None:
        layer = self._table.current
        if layer is not None and (layer.history.redo() if forward else layer.history.undo()):
            self._table.retreat(layer)
