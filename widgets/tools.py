"""What the hand does on the painting: move, measure, paint, draw round, mark a rectangle."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen, QPolygonF

from widgets.view import View, length_text


@dataclass(frozen=True, slots=True)
class Touch:
    """Where the hand is: on the screen and on the painting."""

    screen: QPointF
    place: QPointF


class Tool(Protocol):
    """What a tool does with press, drag and release, and what it draws over the painting."""

    cursor: Qt.CursorShape

    def press(self, touch: Touch) -> None:
        """Begin."""

    def drag(self, touch: Touch) -> None:
        """Go on, with the button held."""

    def release(self, touch: Touch) -> None:
        """Finish."""

    def cancel(self) -> None:
        """Forget what was begun."""

    def draw(self, painter: QPainter, view: View, hover: QPointF | None) -> None:
        """Draw over the painting, in screen px."""


def line_pens(colour: str = "#ffffff") -> tuple[QPen, QPen]:
    """Return a dark, wide pen and a light, thin one: a line drawn with both is seen on any paint."""
    return QPen(QColor(0, 0, 0, 150), 3.2), QPen(QColor(colour), 1.4)


def tag(painter: QPainter, at: QPointF, text: str) -> None:
    """Write a short text on a dark plate, its lower left corner at `at`."""
    metrics = painter.fontMetrics()
    plate = QRectF(at.x(), at.y() - metrics.height() - 6, metrics.horizontalAdvance(text) + 14, 0)
    plate.setHeight(metrics.height() + 6)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(20, 20, 20, 205))
    painter.drawRoundedRect(plate, 4, 4)
    painter.setPen(QColor("#f0f0f0"))
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)


class Hand:
    """Move the painting under the window."""

    cursor = Qt.CursorShape.OpenHandCursor

    def __init__(self, push: Callable[[float, float], None]) -> None:
        self._push = push
        self._last: QPointF | None = None

    def press(self, touch: Touch) -> None:
        """Take hold of the painting."""
        self._last = touch.screen

    def drag(self, touch: Touch) -> None:
        """Pull it along."""
        if self._last is not None:
            step = touch.screen - self._last
            self._push(step.x(), step.y())
        self._last = touch.screen

    def release(self, touch: Touch) -> None:
        """Let go."""
        self._last = None

    def cancel(self) -> None:
        """Let go."""
        self._last = None

    def draw(self, painter: QPainter, view: View, hover: QPointF | None) -> None:
        """Nothing to draw."""


class Ruler:
    """Measure a distance; it stays until the next one."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, tell: Callable[[float], None], in_mm: Callable[[], bool]) -> None:
        self._tell, self._in_mm = tell, in_mm
        self._ends: tuple[QPointF, QPointF] | None = None

    def press(self, touch: Touch) -> None:
        """Put one end down."""
        self._ends = (touch.place, touch.place)

    def drag(self, touch: Touch) -> None:
        """Draw the other end along."""
        if self._ends is not None:
            self._ends = (self._ends[0], touch.place)
            self._tell(self.length)

    def release(self, touch: Touch) -> None:
        """Leave the line where it is."""
        if self.length == 0:
            self._ends = None

    def cancel(self) -> None:
        """Take the line away."""
        self._ends = None

    @property
    def length(self) -> float:
        """The distance in units of the painting; 0 where nothing is measured."""
        if self._ends is None:
            return 0.0
        step = self._ends[1] - self._ends[0]
        return math.hypot(step.x(), step.y())

    def draw(self, painter: QPainter, view: View, hover: QPointF | None) -> None:
        """Draw the line with its ends and its length."""
        if self._ends is None:
            return
        start, end = (view.to_screen().map(place) for place in self._ends)
        for pen in line_pens():
            painter.setPen(pen)
            painter.drawLine(start, end)
            for place in (start, end):
                painter.drawEllipse(place, 4, 4)
        tag(painter, end + QPointF(10, -6), length_text(self.length, self._in_mm()))


class Brush:
    """Paint into the mask, or out of it, with a round brush of a size on the screen."""

    cursor = Qt.CursorShape.BlankCursor

    def __init__(self, paint: Callable[[QPointF, QPointF], None], begin: Callable[[], None]) -> None:
        self._paint, self._begin = paint, begin
        self._last: QPointF | None = None
        self.diameter = 28.0
        """In screen px: who zooms in paints more finely."""

    def press(self, touch: Touch) -> None:
        """Begin a stroke; it is one step of undo."""
        self._begin()
        self._last = touch.place
        self._paint(touch.place, touch.place)

    def drag(self, touch: Touch) -> None:
        """Paint on."""
        if self._last is not None:
            self._paint(self._last, touch.place)
            self._last = touch.place

    def release(self, touch: Touch) -> None:
        """End the stroke."""
        self._last = None

    def cancel(self) -> None:
        """End the stroke."""
        self._last = None

    def resize(self, factor: float) -> None:
        """Make the brush larger or smaller."""
        self.diameter = min(max(self.diameter * factor, 2.0), 400.0)

    def draw(self, painter: QPainter, view: View, hover: QPointF | None) -> None:
        """Draw the brush's rim."""
        if hover is None:
            return
        for pen in line_pens():
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(hover, self.diameter / 2, self.diameter / 2)


class Lasso:
    """Draw round what belongs to the mask."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, close: Callable[[list[QPointF]], None]) -> None:
        self._close = close
        self._line: list[QPointF] = []

    def press(self, touch: Touch) -> None:
        """Begin the line."""
        self._line = [touch.place]

    def drag(self, touch: Touch) -> None:
        """Draw on."""
        self._line.append(touch.place)

    def release(self, touch: Touch) -> None:
        """Close the line and mark its inside."""
        line, self._line = self._line, []
        if len(line) > 2:
            self._close(line)

    def cancel(self) -> None:
        """Forget the line."""
        self._line = []

    def draw(self, painter: QPainter, view: View, hover: QPointF | None) -> None:
        """Draw the line so far and the stretch that would close it."""
        if len(self._line) < 2:
            return
        shape = QPolygonF([view.to_screen().map(place) for place in self._line])
        painter.setBrush(QColor(255, 255, 255, 24))
        for pen in line_pens():
            painter.setPen(pen)
            painter.drawPolygon(shape)


class Frame:
    """Mark a rectangle, once."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, done: Callable[[QRectF], None]) -> None:
        self._done = done
        self._corners: tuple[QPointF, QPointF] | None = None

    def press(self, touch: Touch) -> None:
        """Put one corner down."""
        self._corners = (touch.place, touch.place)

    def drag(self, touch: Touch) -> None:
        """Draw the other corner along."""
        if self._corners is not None:
            self._corners = (self._corners[0], touch.place)

    def release(self, touch: Touch) -> None:
        """Hand the rectangle over."""
        corners, self._corners = self._corners, None
        if corners is not None:
            self._done(QRectF(*corners).normalized())

    def cancel(self) -> None:
        """Forget the rectangle."""
        self._corners = None

    def draw(self, painter: QPainter, view: View, hover: QPointF | None) -> None:
        """Draw the rectangle so far."""
        if self._corners is None:
            return
        shape = view.to_screen().mapRect(QRectF(*self._corners).normalized())
        painter.setBrush(QColor(255, 255, 255, 24))
        for pen in line_pens():
            painter.setPen(pen)
            painter.drawRect(shape)
