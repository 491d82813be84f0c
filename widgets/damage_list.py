"""The tiles of a scan that were found damaged so far, and the way to each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from widgets.lighttable import LightTable, TableLayer
from widgets.parts import label
from workstation.scans.hatch import seen_at
from workstation.scans.scan import Scan
from workstation.scans.source import NOWHERE, Damage

if TYPE_CHECKING:
    from widgets.stage import Stage

MOST = 300
"""So many tiles are listed; a scan that was cut off may lack a million."""
WORDS = """These tiles could not be decoded; they are drawn as stripes. Found so far, by looking: the command
“check” decodes all of the scan."""
PLACELESS = """The file is damaged, but which pixels come from that cannot be told: nothing is drawn for it.
Compare the scan with another copy."""
DATA = Qt.ItemDataRole.UserRole


class DamageList(QWidget):
    """Shown where the current layer has damage; a double click goes there."""

    def __init__(self, table: LightTable) -> None:
        super().__init__()
        self._table = table
        self._layer: TableLayer | None = None
        self.head = label("", "head")
        self.list = QListWidget()
        self.list.setAccessibleName("Damaged tiles")
        self.list.setMinimumHeight(120)
        self.list.itemActivated.connect(self._go)
        self.words = label("", "quiet", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for part in (self.head, self.words, self.list):
            column.addWidget(part)
        table.current_changed.connect(self.refresh)
        table.damage_found.connect(self._more)
        self.refresh()

    def refresh(self, *_: object) -> None:
        """List what is known now; the row that was chosen stays so, and the list where it was scrolled."""
        before, self._layer = self._layer, self._table.current
        count = damage_count(self._layer) if self._layer is not None else 0
        found = first_damaged(self._layer, MOST) if self._layer is not None else ()
        self.setVisible(bool(found))
        self.head.setText(count_words(count) if count <= MOST else f"{MOST} of {count:,} shown")
        self.words.setText(" ".join((WORDS if any(map(is_placed, found)) else PLACELESS).split()))
        chosen = self.list.currentItem()
        kept = _place(chosen.data(DATA)) if chosen is not None and before is self._layer else None
        bar = self.list.verticalScrollBar()
        scrolled = bar.value() if bar is not None and before is self._layer else 0
        self.list.clear()
        for damage in found:
            item = _row(damage)
            self.list.addItem(item)
            if _place(damage) == kept:
                self.list.setCurrentItem(item)
        if bar is not None:
            bar.setValue(scrolled)

    def _more(self, layer: TableLayer) -> None:
        if layer is self._table.current:
            self.refresh()

    def _go(self, item: QListWidgetItem) -> None:
        if self._layer is not None and is_placed(item.data(DATA)):
            place = place_of_damage(self._layer, item.data(DATA))
            if place is not None:
                self._table.place_wanted.emit(place)


def _row(damage: Damage) -> QListWidgetItem:
    where = f"Level {damage.level}, row {damage.row}, column {damage.column}"
    item = QListWidgetItem(f"{where if is_placed(damage) else 'Place unknown'}: {damage.reason}")
    item.setToolTip("Double click or press Enter to go there" if is_placed(damage) else "")
    item.setData(DATA, damage)
    return item


def _place(damage: Damage) -> tuple[int, int, int]:
    return damage.level, damage.row, damage.column


def is_placed(damage: Damage) -> bool:
    """Tell whether it is known which pixels come from the damage."""
    return damage.box != NOWHERE


def damage_count(layer: TableLayer) -> int:
    """Return how many tiles of a layer were found damaged so far."""
    return layer.scan.damage_count if isinstance(layer.scan, Scan) else len(layer.scan.damaged)


def first_damaged(layer: TableLayer, most: int) -> tuple[Damage, ...]:
    """Return the first of them."""
    return layer.scan.first_damaged(most) if isinstance(layer.scan, Scan) else layer.scan.damaged[:most]


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
