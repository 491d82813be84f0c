"""Tiles whose pixels were changed after signing: outlined on the painting, listed, and the way to each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PyQt6.QtCore import QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPainter, QPen
from PyQt6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from widgets.lighttable import LightTable, TableLayer
from widgets.parts import label
from widgets.theme import BAD
from widgets.view import View

if TYPE_CHECKING:
    from workstation.credentials.verdict import ChangedTile

MOST, MOST_DRAWN = 300, 20_000
"""So many tiles are listed, and so many drawn at once; more are a surface, not outlines."""
WORDS = "Outlined on the painting: their pixels are not those that were signed."
_HALO, _LINE, _LEAST = 4.0, 2.0, 7.0
"""Widths of the lines, and the least side of an outline, in screen px."""
_PLACE = Qt.ItemDataRole.UserRole


class ChangedTiles(QWidget):
    """Shown where the current layer's file was altered and its tiles had been signed; Enter goes to one."""

    changed = pyqtSignal()

    def __init__(self, table: LightTable) -> None:
        super().__init__()
        self._table = table
        self._layer: TableLayer | None = None
        self._boxes: list[QRectF] = []
        self.head, self.words = label("", "head"), label(WORDS, "quiet", wrap=True)
        self.list = QListWidget()
        self.list.setAccessibleName("Changed tiles")
        self.list.setMinimumHeight(110)
        self.list.itemActivated.connect(self._go)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for part in (self.head, self.words, self.list):
            column.addWidget(part)
        self.show_tiles(None, ())

    def show_tiles(self, layer: TableLayer | None, tiles: Sequence[ChangedTile]) -> None:
        """Outline these tiles of a layer; of the file's other pages they are only listed."""
        here = [tile for tile in tiles if layer is not None and tile.page == layer.page]
        self._layer = layer
        self._boxes = [_rect(tile) for tile in here]
        self.head.setText(f"{len(tiles):,} changed tile{'' if len(tiles) == 1 else 's'}")
        self.list.clear()
        for tile in tiles[:MOST]:
            self.list.addItem(_row(tile, _rect(tile) if tile in here else None))
        if len(tiles) > MOST:
            self.list.addItem(f"and {len(tiles) - MOST:,} more")
        self.setVisible(bool(tiles))
        self.changed.emit()

    def draw(self, painter: QPainter, view: View) -> None:
        """Outline the tiles of the layer, if it is on the table and visible."""
        layer = self._layer
        if layer is None or not self._boxes or layer not in self._table.layers or not layer.look.visible:
            return
        to_screen = layer.transform * view.to_screen()
        screen = QRectF(0, 0, view.width, view.height)
        seen = (grown(to_screen.mapRect(box)) for box in self._boxes[:MOST_DRAWN])
        shown = [box for box in seen if box.intersects(screen)]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for width, colour in ((_HALO, QColor(18, 18, 18, 200)), (_LINE, QColor(BAD))):
            painter.setPen(QPen(colour, width))
            for box in shown:
                painter.drawRect(box)

    def _go(self, item: QListWidgetItem) -> None:
        box = item.data(_PLACE)
        if box is not None and self._layer is not None:
            self._table.place_wanted.emit(self._layer.transform.mapRect(box))


def grown(box: QRectF) -> QRectF:
    """Return a box on the screen that can be seen, however small it is."""
    more = max(0.0, _LEAST - box.width()) / 2, max(0.0, _LEAST - box.height()) / 2
    return box.adjusted(-more[0], -more[1], more[0], more[1])


def _rect(tile: ChangedTile) -> QRectF:
    y0, y1, x0, x1 = (side << tile.level for side in tile.box)
    return QRectF(x0, y0, x1 - x0, y1 - y0)


def _row(tile: ChangedTile, place: QRectF | None) -> QListWidgetItem:
    y0, y1, x0, x1 = tile.box
    page = "" if place is not None else f"Page {tile.page + 1}: "
    item = QListWidgetItem(f"{page}row {tile.row}, column {tile.column} ({x0}–{x1} × {y0}–{y1} px)")
    item.setToolTip("Double click or press Enter to go there" if place is not None else "")
    item.setData(_PLACE, place)
    return item
