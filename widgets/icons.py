"""Icons from resources/icons: line drawings of one grey, drawn when they are shown, sharp at any size."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from PyQt6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PyQt6.QtSvg import QSvgRenderer

NORMAL, PALE, BRIGHT = "#d4d4d4", "#6c6c6c", "#ffffff"


class _Drawing(QIconEngine):
    """One drawing, in the grey that suits its state."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def paint(self, painter: QPainter | None, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Draw into a rectangle."""
        colour = PALE if mode == QIcon.Mode.Disabled else BRIGHT if state == QIcon.State.On else NORMAL
        if painter is not None:
            _renderer(self._name, colour).render(painter, QRectF(rect))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Draw into a picture of its own."""
        picture = QPixmap(size)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return picture

    def clone(self) -> QIconEngine:
        """Return another engine of the same drawing."""
        return _Drawing(self._name)


def icon(name: str) -> QIcon:
    """Return the icon drawn in resources/icons/`name`.svg, pale where it is disabled."""
    return QIcon(_Drawing(name))


@cache
def _renderer(name: str, colour: str) -> QSvgRenderer:
    drawing = (files("resources") / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    return QSvgRenderer(QByteArray(drawing.replace("currentColor", colour).encode()))
