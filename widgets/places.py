"""Places on the painting with words: how one is described and listed."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from widgets.parts import Elided, icon_button, label


@dataclass(frozen=True, slots=True)
class Place:
    """A place on the painting, in millimetres, with what is said there."""

    x: float
    y: float
    title: str
    text: str
    alt: str = ""


class PlaceDialog(QDialog):
    """Asks for the words of a place."""

    done_with = pyqtSignal(object)

    def __init__(self, x: float, y: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._x, self._y = x, y
        self.setWindowTitle("A place with words")
        self.setMinimumWidth(440)
        self.title, self.text, self.alt = QLineEdit(), QPlainTextEdit(), QLineEdit()
        self.text.setMaximumHeight(110)
        self.text.setTabChangesFocus(True)
        form = QFormLayout()
        form.setHorizontalSpacing(14)
        for name, field in (("Title", self.title), ("Text", self.text), ("What is seen", self.alt)):
            field.setAccessibleName(name)
            form.addRow(name, field)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.add = buttons.addButton("Add the place", QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        self._wrong = label("", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 20, 22, 16)
        column.setSpacing(10)
        column.addWidget(label("A place with words", "title"))
        column.addWidget(label(f"{x:.1f} mm from the left, {y:.1f} mm from the top", "quiet"))
        column.addLayout(form)
        column.addWidget(self._wrong)
        column.addWidget(buttons)

    def _accept(self) -> None:
        title, text = self.title.text().strip(), self.text.toPlainText().strip()
        if not title or not text:
            self._wrong.setText("Give the place a title and a text.")
            return
        self.accept()
        self.done_with.emit(Place(self._x, self._y, title, text, self.alt.text().strip()))


class PlaceRow(QWidget):
    """One place of the list."""

    removed = pyqtSignal(object)

    def __init__(self, place: Place) -> None:
        super().__init__()
        words = Elided()
        words.say(f"{place.title}   {place.x:.0f}, {place.y:.0f} mm")
        words.setToolTip(place.text)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(words, 1)
        row.addWidget(icon_button("close", f"Remove {place.title}", lambda: self.removed.emit(place)))
