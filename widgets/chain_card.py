"""One file of a chain as a card: its small picture, who, when, what, and in word and sign what holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFocusEvent, QFont, QKeyEvent, QPainter, QPaintEvent, QPen, QPixmap
from PyQt6.QtWidgets import QAbstractButton, QWidget

from widgets.theme import BAD, DOUBT, GOOD, NEUTRAL
from workstation.credentials.sentences import BADGES, SYMBOLS, Tone

if TYPE_CHECKING:
    from workstation.credentials.account import Node

TONES: dict[Tone, str] = {"good": GOOD, "doubt": DOUBT, "bad": BAD, "neutral": NEUTRAL}
"""The window's colour for each tone."""
WIDTH, HEIGHT = 268.0, 84.0
THUMB = 64.0
ARROWS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End)


def state_words(state: str) -> tuple[str, str]:
    """Return the sign and words of a state, and its colour."""
    words, tone = next(badge for known, badge in BADGES.items() if known == state)
    return f"{SYMBOLS[tone]} {words}", TONES[tone]


class Card(QAbstractButton):
    """A card; click or Enter shows its details, with Ctrl it becomes the other one of a comparison."""

    paired = pyqtSignal()
    walked = pyqtSignal(int)
    """An arrow key, to go to a neighbour."""
    entered = pyqtSignal()
    """The keyboard came here."""

    def __init__(self, node: Node, number: int, done: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.node, self.number, self._done = node, number, done
        self.is_other = False
        self.zoom = 1.0
        self._picture = QPixmap()
        if node.thumbnail is not None:
            self._picture.loadFromData(node.thumbnail, "JPEG")
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        words, _ = state_words(node.state)
        told = [f"File {number}: {node.title}", words[2:], node.signer or "", (node.time or "")[:10], done]
        self.setAccessibleName(". ".join(part for part in told if part))
        self.setAccessibleDescription(f"{node.sentence} Enter shows what was done; Space compares.")
        self.setToolTip("")

    def nextCheckState(self) -> None:
        """Stay as it is: whoever shows the chain says which card is chosen."""

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Enter chooses, Space makes it the other one, arrows go to neighbours."""
        if event is None:
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif event.key() == Qt.Key.Key_Space:
            self.paired.emit()
        elif event.key() in ARROWS and not event.modifiers():
            self.walked.emit(event.key())
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        """Tell that the keyboard is here, so that the card comes into sight."""
        super().focusInEvent(event)
        self.entered.emit()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the card at its zoom."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.scale(self.zoom, self.zoom)
        self._draw_frame(painter)
        self._draw_picture(painter)
        self._draw_words(painter)

    def _draw_frame(self, painter: QPainter) -> None:
        frame = QRectF(1, 1, WIDTH - 2, HEIGHT - 2)
        edge = "#e0e0e0" if self.isChecked() else "#b8b8b8" if self.is_other else "#4e4e4e"
        line = Qt.PenStyle.DashLine if self.is_other and not self.isChecked() else Qt.PenStyle.SolidLine
        painter.setPen(QPen(QColor(edge), 2.0 if self.isChecked() or self.is_other else 1.0, line))
        painter.setBrush(QColor("#343434" if self.isChecked() or self.underMouse() else "#2b2b2b"))
        painter.drawRoundedRect(frame, 5, 5)
        if self.hasFocus():
            painter.setPen(QPen(QColor("#b0b0b0"), 1.0, Qt.PenStyle.DotLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(frame.adjusted(3, 3, -3, -3), 3, 3)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(state_words(self.node.state)[1]))
        painter.drawRoundedRect(QRectF(1, 1, 4, HEIGHT - 2), 2, 2)

    def _draw_picture(self, painter: QPainter) -> None:
        room = QRectF(12, (HEIGHT - THUMB) / 2, THUMB, THUMB)
        painter.setBrush(QColor("#242424"))
        painter.drawRect(room)
        if self._picture.isNull():
            painter.setPen(QColor("#8c8c8c"))
            painter.setFont(_font(10))
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, "no picture\nkept")
            return
        size = self._picture.size().scaled(int(THUMB), int(THUMB), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRectF(0, 0, size.width(), size.height())
        place.moveCenter(room.center())
        painter.drawPixmap(place, self._picture, QRectF(self._picture.rect()))

    def _draw_words(self, painter: QPainter) -> None:
        words, colour = state_words(self.node.state)
        left = 12 + THUMB + 9
        who = " · ".join(part for part in (self.node.signer, (self.node.time or "")[:10]) if part)
        for top, height, text, font, ink in (
            (6, 18, f"{self.number}. {self.node.title}", _font(12, bold=True), "#f0f0f0"),
            (24, 17, words, _font(12), colour),
            (42, 16, who, _font(11), "#a8a8a8"),
            (59, 16, self._done, _font(11), "#a8a8a8"),
        ):
            painter.setFont(font)
            painter.setPen(QColor(ink))
            room = QRectF(left, top, WIDTH - left - 8, height)
            short = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(room.width()))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, short)


def _font(pixels: int, bold: bool = False) -> QFont:
    font = QFont()
    font.setPixelSize(pixels)
    if bold:
        font.setWeight(QFont.Weight.DemiBold)
    return font
