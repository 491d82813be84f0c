"""The Exhibit task: layers, words and places become one signed bundle for phones, kiosks and the web."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QVBoxLayout, QWidget

from widgets.lighttable import LightTable, TableLayer
from widgets.parts import Page, button, label, rule
from widgets.places import Place, PlaceDialog, PlaceRow
from workstation.errors import ExhibitError

if TYPE_CHECKING:
    from workstation.exhibits.spec import Exhibit, Hotspot, Overlay

LANGUAGE = "en"
Pick = Callable[[Callable[[float, float], None]], None]
"""Lets the user point at a place and hands over its millimetres."""


class OverlayRow(QWidget):
    """A layer that may be laid over the painting, and what it shows in words."""

    def __init__(self, layer: TableLayer) -> None:
        super().__init__()
        self.layer = layer
        self.box = QCheckBox(layer.name)
        self.words = QLineEdit()
        self.words.setPlaceholderText("What it shows, for those who cannot see it")
        self.words.setAccessibleName(f"What {layer.name} shows")
        self.words.setVisible(False)
        self.box.toggled.connect(self.words.setVisible)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.box)
        column.addWidget(self.words)


class ExhibitPanel(Page):
    """Describes an exhibit with what lies on the table, and has it built."""

    wanted = pyqtSignal(object)
    """The Exhibit to build."""

    def __init__(self, table: LightTable, pick: Pick, tell: Callable[[object], None]) -> None:
        super().__init__()
        self._table, self._pick, self._tell = table, pick, tell
        self.title, self.alt, self.rights = (
            _line("Title"),
            _line("What the painting shows"),
            _line("Copyright"),
        )
        self.alt.setToolTip("For those who cannot see it")
        self.base = QComboBox()
        self.base.setAccessibleName("Painting")
        self.base.setToolTip("The layer that the visitor sees first")
        self.base.activated.connect(lambda _: self.refresh())
        self.rows: list[OverlayRow] = []
        self.places: list[Place] = []
        self._overlays, self._spots = QVBoxLayout(), QVBoxLayout()
        self._overlays.setSpacing(6)
        self._spots.setSpacing(4)
        self._state = label("", "quiet", wrap=True)
        self.build_button = button(
            "Build the exhibit…", self._build, "A GLB in metres with signed textures, words and places", True
        )
        self._fill()
        for signal in (table.added, table.removed):
            signal.connect(self._relist)
        self._relist()

    def exhibit(self) -> Exhibit:
        """Return the exhibit as it is described; ExhibitError names what is missing."""
        from workstation.exhibits.spec import Exhibit, Picture

        layer = self._base_layer()
        if layer is None or layer.path is None:
            raise ExhibitError(
                "An exhibit needs a layer with a file. Open a scan or render a treatment first."
            )
        if not layer.in_mm:
            raise ExhibitError("An exhibit needs the painting's true size. This scan states no resolution.")
        if not self.title.text().strip() or not self.alt.text().strip():
            raise ExhibitError("An exhibit needs a title, and words for those who cannot see the painting.")
        return Exhibit(
            title={LANGUAGE: self.title.text().strip()},
            alt={LANGUAGE: self.alt.text().strip()},
            languages=(LANGUAGE,),
            width_mm=layer.extent.width(),
            height_mm=layer.extent.height(),
            picture=Picture(layer.path, layer.page),
            overlays=tuple(self._overlay(row) for row in self.rows if row.box.isChecked()),
            hotspots=tuple(self._hotspot(place, layer) for place in self.places),
            copyright=self.rights.text().strip(),
        )

    def refresh(self) -> None:
        """Offer what can be laid over the chosen painting, and list the places."""
        _empty(self._overlays)
        base = self._base_layer()
        others = [layer for layer in self._table.layers if layer.path and layer is not base]
        self.rows = [OverlayRow(layer) for layer in reversed(others)]
        for row in self.rows:
            self._overlays.addWidget(row)
        if not self.rows:
            self._overlays.addWidget(label("No other layer with a file is on the table.", "quiet", wrap=True))
        self._show_places()
        self.build_button.setEnabled(base is not None)
        self._state.setText("" if base is not None else "Open a scan first.")

    def add_place(self, place: Place) -> None:
        """Add a place with its words."""
        self.places.append(place)
        self._show_places()

    def _fill(self) -> None:
        self.put(label("Words", "head"))
        for line in (self.title, self.alt, self.rights):
            self.put(label(line.accessibleName(), "quiet"), line)
        self.put(rule())
        self.put(label("Painting", "head"), self.base, label("Laid over it", "head"))
        self.column.addLayout(self._overlays)
        self.put(rule(), label("Places with words", "head"))
        self.column.addLayout(self._spots)
        add = button("Add a place…", self._ask_place, "Drag a small frame round it on the painting")
        self.put(add, rule(), self._state, self.build_button)
        self.column.addStretch(1)

    def _relist(self, *_: object) -> None:
        chosen = self.base.currentData()
        self.base.clear()
        for layer in reversed(self._table.layers):
            if layer.path is not None:
                self.base.addItem(layer.name, layer.key)
        self.base.setCurrentIndex(max(self.base.findData(chosen), 0))
        self.refresh()

    def _base_layer(self) -> TableLayer | None:
        return self._table.layer(self.base.currentData() or "")

    def _ask_place(self) -> None:
        self._pick(self._picked)

    def _picked(self, x: float, y: float) -> None:
        dialog = PlaceDialog(x, y, self.window())
        dialog.done_with.connect(self.add_place)
        dialog.open()

    def _show_places(self) -> None:
        _empty(self._spots)
        for place in self.places:
            row = PlaceRow(place)
            row.removed.connect(self._forget)
            self._spots.addWidget(row)
        if not self.places:
            self._spots.addWidget(label("None yet.", "quiet"))

    def _forget(self, place: Place) -> None:
        self.places.remove(place)
        self._show_places()

    def _overlay(self, row: OverlayRow) -> Overlay:
        from workstation.exhibits.spec import Overlay, Picture

        layer, words = row.layer, row.words.text().strip()
        if not words:
            raise ExhibitError(f"Say in words what {layer.name} shows, for those who cannot see it.")
        assert layer.path is not None
        return Overlay(Picture(layer.path, layer.page), {LANGUAGE: layer.name}, {LANGUAGE: words})

    def _hotspot(self, place: Place, base: TableLayer) -> Hotspot:
        from workstation.exhibits.spec import Hotspot

        x, y = place.x - base.extent.left(), place.y - base.extent.top()
        if not (0 <= x <= base.extent.width() and 0 <= y <= base.extent.height()):
            raise ExhibitError(f"The place “{place.title}” lies beside the painting. Remove it or move it.")
        words = {LANGUAGE: place.text}
        return Hotspot(x, y, {LANGUAGE: place.title}, words, {LANGUAGE: place.alt or place.title})

    def _build(self) -> None:
        try:
            self.wanted.emit(self.exhibit())
        except ExhibitError as error:
            self._tell(error)


def _line(name: str) -> QLineEdit:
    line = QLineEdit()
    line.setAccessibleName(name)
    return line


def _empty(column: QVBoxLayout) -> None:
    while (item := column.takeAt(0)) is not None:
        part = item.widget()
        if part is not None:
            part.deleteLater()
