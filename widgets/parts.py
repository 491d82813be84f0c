"""Small parts that all panels are made of, so that they look alike."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import (
    QFrame,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from widgets.icons import icon

EDGE = 14
"""Px between a panel's contents and its border."""


def label(text: str = "", role: str = "", wrap: bool = False) -> QLabel:
    """Return a text; the roles are title, head, quiet and number (widgets/theme.py)."""
    made = QLabel(text)
    made.setProperty("role", role)
    made.setWordWrap(wrap)
    if wrap:
        made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    return made


def literal(words: QLabel) -> QLabel:
    """Show a text as it is: names come from strangers and may look like markup."""
    words.setTextFormat(Qt.TextFormat.PlainText)
    return words


def plain(words: QLabel) -> QLabel:
    """Show a text as it is, however long its words, in a panel that may become narrow."""
    words.setMinimumWidth(40)
    return literal(words)


class Elided(QLabel):
    """A line of text that ends in … where there is no room for it; its tip tells all of it."""

    def __init__(self, role: str = "") -> None:
        super().__init__()
        self._whole = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def say(self, text: str) -> None:
        """Show a text."""
        self._whole = text
        self._fit()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Fit the text into the new width."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        short = self.fontMetrics().elidedText(
            self._whole, Qt.TextElideMode.ElideRight, self.contentsRect().width()
        )
        self.setText(short)
        self.setToolTip(self._whole if short != self._whole else "")


def button(text: str, do: Callable[[], object], tip: str = "", primary: bool = False) -> QPushButton:
    """Return a button with words on it."""
    made = QPushButton(text)
    made.setToolTip(tip)
    made.setProperty("primary", primary)
    made.clicked.connect(lambda _checked: do())
    return made


def icon_button(name: str, words: str, do: Callable[[], object], size: int = 16) -> QToolButton:
    """Return a button that is only a drawing; `words` is its tip and its name for screen readers."""
    made = QToolButton()
    made.setIcon(icon(name))
    made.setIconSize(QSize(size, size))
    made.setToolTip(words)
    made.setAccessibleName(words)
    made.clicked.connect(lambda _checked: do())
    return made


def rule() -> QFrame:
    """Return a thin line between two groups."""
    line = QFrame()
    line.setFixedHeight(1)
    line.setStyleSheet("background: #4a4a4a; border: 0;")
    return line


class Page(QScrollArea):
    """A task's panel: one column that scrolls where the window is low."""

    def __init__(self) -> None:
        super().__init__()
        inside = QWidget()
        self.column = QVBoxLayout(inside)
        self.column.setContentsMargins(EDGE, 12, EDGE, 12)
        self.column.setSpacing(8)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)

    def put(self, *parts: QWidget) -> None:
        """Add parts below what is there."""
        for part in parts:
            self.column.addWidget(part)
