"""The whole painting in a corner, with the part that is on the screen; a click goes there."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPen, QPixmap, QTransform

from widgets.colours import Colours
from widgets.lighttable import LightTable, TableLayer
from widgets.running import Newest
from widgets.view import View
from workstation.scans.thumbnail import thumbnail

SIDE, MARGIN = 150.0, 16.0


class Minimap:
    """Drawn on the overlay while a part of the painting lies outside the screen."""

    def __init__(
        self,
        table: LightTable,
        colours: Colours,
        view: Callable[[], View],
        go: Callable[[QPointF], None],
        repaint: Callable[[], None],
    ) -> None:
        self._table, self._colours, self._view = table, colours, view
        self._go, self._repaint = go, repaint
        self._layer: TableLayer | None = None
        self._picture, self._scaled = QPixmap(), QPixmap()
        self._worker = Newest()
        self._worker.answered.connect(self._got)
        table.current_changed.connect(self._ask)
        colours.changed.connect(lambda: self._ask(table.current))
        self._ask(table.current)

    def held_at(self, point: QPointF) -> bool:
        """Tell whether the mouse is on the map."""
        return self._shown() and self._place().contains(point)

    def pull(self, point: QPointF) -> None:
        """Go to the place under the mouse."""
        place, extent = self._place(), self._table.extent
        self._go(
            QPointF(
                extent.left() + (point.x() - place.left()) / place.width() * extent.width(),
                extent.top() + (point.y() - place.top()) / place.height() * extent.height(),
            )
        )

    def draw(self, painter: QPainter, view: View) -> None:
        """Draw the map and the frame of what is on the screen."""
        if not self._shown():
            return
        place, extent = self._place(), self._table.extent
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)  # takes ms of every move of the view
        painter.fillRect(place.adjusted(-4, -4, 4, 4), QColor(0, 0, 0, 170))
        painter.fillRect(place.adjusted(-3, -3, 3, 3), QColor("#202020"))
        to_map = QTransform.fromTranslate(-extent.left(), -extent.top())
        to_map *= QTransform.fromScale(place.width() / extent.width(), place.width() / extent.width())
        to_map *= QTransform.fromTranslate(place.left(), place.top())
        if self._layer is not None:
            there = to_map.mapRect(self._layer.extent).toAlignedRect()
            painter.drawPixmap(there.topLeft(), self._drawn(there.size(), painter))
        frame = to_map.mapRect(view.visible()).intersected(place)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((QColor(0, 0, 0, 160), 3), (QColor("#ffffff"), 1)):
            painter.setPen(QPen(colour, width))
            painter.drawRect(frame.toRect())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def _drawn(self, size: QSize, painter: QPainter) -> QPixmap:
        """Return the picture in the map's size, scaled once: every move of the view draws it again."""
        device = painter.device()
        ratio = device.devicePixelRatioF() if device is not None else 1.0
        if self._scaled.size() != size * ratio:
            keep, smooth = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
            self._scaled = self._picture.scaled(size * ratio, keep, smooth)
            self._scaled.setDevicePixelRatio(ratio)
        return self._scaled

    def _shown(self) -> bool:
        extent = self._table.extent
        return (
            not extent.isEmpty()
            and not self._picture.isNull()
            and not self._view().visible().contains(extent)
        )

    def _place(self) -> QRectF:
        view, extent = self._view(), self._table.extent
        scale = SIDE / max(extent.width(), extent.height())
        width, height = extent.width() * scale, extent.height() * scale
        return QRectF(view.width - width - MARGIN, view.height - height - MARGIN, width, height)

    def _ask(self, layer: TableLayer | None) -> None:
        if layer is None:
            self._layer, self._picture = None, QPixmap()
        else:
            display = self._colours.display
            self._worker.ask(lambda: (layer, thumbnail(layer.scan, 300, through=display)))

    def _got(self, answer: tuple[TableLayer, bytes]) -> None:
        self._layer, packed = answer
        self._picture.loadFromData(packed)
        self._scaled = QPixmap()
        self._repaint()
