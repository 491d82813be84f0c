"""The tiles of a scan that were found damaged so far, and the way to each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from widgets.lighttable import LightTable, TableLayer
from widgets.parts import label
from workstation.scans.hatch import seen_at
from workstation.scans.source import Damage

if TYPE_CHECKING:
    from widgets.stage import Stage

MOST = 300
"""So many tiles are listed; a scan that was cut off may lack a million."""
WORDS = """These tiles could not be decoded; they are drawn as stripes. Found so far, by looking: the command
“check” decodes all of the scan."""


class DamageList(QWidget):
    """Shown where the current layer has damage; a double click goes there."""

    def __init__(self, table: LightTable) -> None:
        super().__init__()
        self._table = table
        self._layer: TableLayer | None = None
        self.head = label("", "head")
        self.list = QListWidget()
        self.list.setAccessibleName("Damaged tiles")
        self.list.setToolTip("Double click or press Enter to go there")
        self.list.setMinimumHeight(120)
        self.list.itemActivated.connect(self._go)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for part in (self.head, label(" ".join(WORDS.split()), "quiet", wrap=True), self.list):
            column.addWidget(part)
        table.current_changed.connect(self.refresh)
        table.damage_found.connect(self.refresh)
        self.refresh()

    def refresh(self, *_: object) -> None:
        """List what is known now."""
        self._layer = self._table.current
        found = self._layer.scan.damaged if self._layer is not None else ()
        self.setVisible(bool(found))
        self.head.setText(
            count_words(len(found)) if len(found) <= MOST else f"{MOST} of {len(found):,} shown"
        )
        self.list.clear()
        for damage in found[:MOST]:
            item = QListWidgetItem(
                f"Level {damage.level}, row {damage.row}, column {damage.column}: {damage.reason}"
            )
            item.setData(Qt.ItemDataRole.UserRole, damage)
            self.list.addItem(item)

    def _go(self, item: QListWidgetItem) -> None:
        if self._layer is not None:
            place = place_of_damage(self._layer, item.data(Qt.ItemDataRole.UserRole))
            if place is not None and not place.isEmpty():
                self._table.place_wanted.emit(place)


def count_words(number: int) -> str:
    """Say how many tiles are damaged; nothing where none is."""
    return f"{number:,} damaged tile{'' if number == 1 else 's'}" if number else ""


def place_of_damage(layer: TableLayer, damage: Damage) -> QRectF | None:
    """Return where a damaged tile lies on the painting's plane."""
    box = seen_at(damage, layer.scan, damage.level)
    if box is None:
        return None
    y0, y1, x0, x1 = (side << damage.level for side in box)
    return layer.transform.mapRect(QRectF(x0, y0, x1 - x0, y1 - y0))


def show_part(stage: Stage, part: QRectF) -> None:
    """Bring a part of the painting into the middle, with as much again on every side."""
    around = part.adjusted(-part.width(), -part.height(), part.width(), part.height())
    view = stage.canvas.view
    stage.zoom(view.fitted(around).zoom / view.zoom)
    stage.go_to(part.center())
