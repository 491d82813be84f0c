"""The sheet of glass over the canvas: takes mouse and keys, and draws what is not the painting."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QEnterEvent, QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PyQt6.QtWidgets import QWidget

from widgets.tools import Hand, Tool, Touch
from widgets.view import View, length_text, nice_length

Layer = Callable[[QPainter, View], None]
Grip = Callable[[QPointF], bool]


class Overlay(QWidget):
    """Lies over the canvas; whoever has something to draw or to grip adds it."""

    hovered = pyqtSignal(object)
    """The place under the mouse (QPointF on the painting), or None when it left."""
    zoomed = pyqtSignal(float, QPointF)
    pushed = pyqtSignal(float, float)
    key_pressed = pyqtSignal(object)

    def __init__(self, over: QWidget, view: Callable[[], View], in_mm: Callable[[], bool]) -> None:
        super().__init__(over)
        self._view, self._in_mm = view, in_mm
        self._hand = Hand(self.pushed.emit)
        self.tool: Tool = self._hand
        self.layers: list[Layer] = []
        """Drawn under the tool, in this order."""
        self.grips: list[tuple[Grip, Callable[[QPointF], None]]] = []
        """What the mouse can take hold of before the tool gets it: a test, and what to do while dragging."""
        self._held: Callable[[QPointF], None] | None = None
        self._moving = False
        self._hover: QPointF | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Painting")
        self.setAccessibleDescription("Arrow keys move, plus and minus zoom, 1 to 6 choose how to compare")
        self.setGeometry(over.rect())
        over.installEventFilter(self)
        self.use(self._hand)

    def use(self, tool: Tool | None) -> None:
        """Take a tool in hand; None takes the hand that moves the painting."""
        self.tool.cancel()
        self.tool = tool or self._hand
        self.setCursor(self.tool.cursor)
        self.update()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Stay as large as the canvas."""
        if isinstance(watched, QWidget) and event is not None and event.type() == QEvent.Type.Resize:
            self.setGeometry(watched.rect())
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Grip a handle, move the painting, or begin with the tool."""
        if event is None:
            return
        touch = self._touch(event)
        if event.button() in (Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton):
            self._moving = True
            self._hand.press(touch)
        elif event.button() == Qt.MouseButton.LeftButton:
            self._held = next((drag for test, drag in self.grips if test(touch.screen)), None)
            if self._held is not None:
                self._held(touch.screen)
            else:
                self.tool.press(touch)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Go on with what was begun, and say where the mouse is."""
        if event is None:
            return
        touch = self._touch(event)
        self._hover = touch.screen
        if self._moving:
            self._hand.drag(touch)
        elif self._held is not None:
            self._held(touch.screen)
        elif event.buttons() & Qt.MouseButton.LeftButton:
            self.tool.drag(touch)
        else:
            over_grip = any(test(touch.screen) for test, _ in self.grips)
            self.setCursor(Qt.CursorShape.PointingHandCursor if over_grip else self.tool.cursor)
        self.hovered.emit(touch.place)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """End what was begun."""
        if event is None:
            return
        if self._moving:
            self._moving = False
            self._hand.release(self._touch(event))
        elif self._held is not None:
            self._held = None
        elif event.button() == Qt.MouseButton.LeftButton:
            self.tool.release(self._touch(event))
        self.update()

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Zoom at the mouse."""
        if event is not None:
            steps = (event.angleDelta().y() or event.angleDelta().x()) / 120
            self.zoomed.emit(1.25**steps, event.position())
            event.accept()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Move by keys; Escape drops what was begun."""
        if event is None:
            return
        if event.key() == Qt.Key.Key_Escape:
            self.tool.cancel()
            self.update()
        event.ignore()
        self.key_pressed.emit(event)
        if not event.isAccepted():
            super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent | None) -> None:
        """The mouse is elsewhere."""
        self._hover = None
        self.hovered.emit(None)
        self.update()

    def enterEvent(self, event: QEnterEvent | None) -> None:
        """The mouse is here."""
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw what was added, the tool, the scale bar and, for the keyboard, the focus."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        view = self._view()
        for layer in self.layers:
            layer(painter, view)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        self.tool.draw(painter, view, self._hover)
        self._draw_scale(painter, view)
        painter.end()

    def _touch(self, event: QMouseEvent) -> Touch:
        return Touch(event.position(), self._view().to_painting(event.position()))

    def _draw_scale(self, painter: QPainter, view: View) -> None:
        if not self.layers:
            return
        length = nice_length(170 / view.zoom)
        width, left, bottom = length * view.zoom, 26.0, self.height() - 26.0
        text = length_text(length, self._in_mm())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(18, 18, 18, 190))
        painter.drawRoundedRect(QRectF(left - 12, bottom - 24, width + 24, 38), 5, 5)
        painter.setBrush(QColor("#f4f4f4"))
        painter.drawRect(QRectF(left, bottom, width, 3))
        painter.drawRect(QRectF(left, bottom - 3, 1.5, 9))
        painter.drawRect(QRectF(left + width - 1.5, bottom - 3, 1.5, 9))
        font = QFont(self.font())
        font.setPixelSize(12)
        painter.setFont(font)
        painter.setPen(QColor("#f4f4f4"))
        box = QRectF(left - 12, bottom - 22, width + 24, 18)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
