"""The curtain's line and handle, and the lens's rim: drawn on the overlay, pulled by mouse or keys."""

from __future__ import annotations

from PyQt6.QtCore import QObject, QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QKeyEvent, QPainter, QPen, QPolygonF

from widgets.canvas import Cut
from widgets.comparing import Comparison
from widgets.overlay import Overlay
from widgets.tools import line_pens, tag
from widgets.view import View

REACH = 9
"""How near to the line, in screen px, the mouse must be to take hold of it."""
STEP, LEAP = 0.005, 0.05
KNOB = 15.0


class Curtain(QObject):
    """Where the two layers meet."""

    moved = pyqtSignal()

    def __init__(self, comparison: Comparison, overlay: Overlay) -> None:
        super().__init__()
        self._comparison, self._overlay = comparison, overlay
        self._lens = QPointF(overlay.rect().center())
        overlay.key_pressed.connect(self._keyed)

    def cut(self) -> Cut:
        """Return what the second layer may cover."""
        setting = self._comparison.setting
        if setting.mode == "lens":
            return Cut("lens", self._lens.x(), self._lens.y(), radius=setting.radius)
        at = QPointF(self._overlay.width() * setting.position, self._overlay.height() * setting.position)
        return Cut("curtain", at.x(), at.y(), setting.upright)

    def held_at(self, point: QPointF) -> bool:
        """Tell whether the mouse is near enough to the line to take hold of it."""
        setting = self._comparison.setting
        return setting.mode == "curtain" and abs(self._along(point) - self._line()) <= REACH

    def pull(self, point: QPointF) -> None:
        """Move the line to the mouse."""
        self._set(self._along(point) / max(self._length(), 1))

    def follow(self, point: QPointF) -> None:
        """Move the lens to the mouse."""
        self._lens = point
        self.moved.emit()

    def draw(self, painter: QPainter, view: View) -> None:
        """Draw the line with its handle and the names of both sides, or the lens's rim."""
        mode = self._comparison.setting.mode
        if mode == "curtain":
            self._draw_line(painter)
            self._draw_names(painter)
        elif mode == "lens":
            painter.setBrush(Qt.BrushStyle.NoBrush)
            radius = self._comparison.setting.radius
            for pen in line_pens():
                painter.setPen(pen)
                painter.drawEllipse(self._lens, radius, radius)

    def _draw_line(self, painter: QPainter) -> None:
        upright, at = self._comparison.setting.upright, self._line()
        width, height = float(self._overlay.width()), float(self._overlay.height())
        ends = (QPointF(at, 0), QPointF(at, height)) if upright else (QPointF(0, at), QPointF(width, at))
        for pen in line_pens():
            painter.setPen(pen)
            painter.drawLine(*ends)
        middle = (ends[0] + ends[1]) / 2
        painter.setPen(QPen(QColor(0, 0, 0, 120), 1))
        painter.setBrush(QColor("#e8e8e8"))
        painter.drawEllipse(middle, KNOB, KNOB)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor("#2a2a2a"))
        for side in (-1, 1):
            tip, back = side * 9.0, side * 4.0
            points = [(tip, 0.0), (back, -4.5), (back, 4.5)]
            corners = [QPointF(x, y) if upright else QPointF(y, x) for x, y in points]
            painter.drawPolygon(QPolygonF([middle + corner for corner in corners]))

    def _draw_names(self, painter: QPainter) -> None:
        setting, keys = self._comparison.setting, self._comparison.keys
        first, second = keys.get(setting.first, ""), keys.get(setting.second, "")
        at, metrics = self._line(), painter.fontMetrics()
        high = metrics.height() + 6.0
        if setting.upright:
            tag(painter, QPointF(at - metrics.horizontalAdvance(first) - 26, 14 + high), first)
            tag(painter, QPointF(at + 12, 14 + high), second)
        else:
            tag(painter, QPointF(14, at - 10), first)
            tag(painter, QPointF(14, at + 10 + high), second)

    def _keyed(self, event: QKeyEvent) -> None:
        """Pull the line with the arrow keys; Shift takes large steps."""
        if self._comparison.setting.mode != "curtain":
            return
        forward = {Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1}
        sign = forward.get(Qt.Key(event.key()))
        if sign is not None and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            step = LEAP if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else STEP
            self._set(self._comparison.setting.position + sign * step)
            event.accept()

    def _set(self, position: float) -> None:
        self._comparison.set(position=min(max(position, 0.0), 1.0))
        self.moved.emit()

    def _along(self, point: QPointF) -> float:
        return point.x() if self._comparison.setting.upright else point.y()

    def _length(self) -> int:
        return self._overlay.width() if self._comparison.setting.upright else self._overlay.height()

    def _line(self) -> float:
        return self._length() * self._comparison.setting.position
