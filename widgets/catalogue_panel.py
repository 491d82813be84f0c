"""The catalogue at hand: search, and the paintings found; a double click lays one on the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QToolButton, QVBoxLayout, QWidget

from widgets.parts import label
from widgets.running import Newest

if TYPE_CHECKING:
    from workstation.catalogue.catalogue import Catalogue
    from workstation.catalogue.facts import Painting

REST_MS = 120


class CataloguePanel(QWidget):
    """Paintings that hold every word that was typed."""

    painting_wanted = pyqtSignal(int)

    def __init__(self) -> None:
        super().__init__()
        self._catalogue: Catalogue | None = None
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search the catalogue")
        self.search.setAccessibleName("Search the catalogue")
        self.search.setToolTip("Titles, artists, numbers, notes, file names, records")
        self.search.setClearButtonEnabled(True)
        for clear in self.search.findChildren(QToolButton):
            clear.setAccessibleName("Clear the search")
        self.list = QListWidget()
        self.list.setAccessibleName("Paintings found")
        self.list.itemActivated.connect(self._open)
        self._none = label(EMPTY, "quiet", wrap=True)
        self._none.setContentsMargins(10, 4, 10, 4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        head = QVBoxLayout()
        head.setContentsMargins(10, 8, 10, 0)
        head.setSpacing(7)
        head.addWidget(label("Catalogue", "head"))
        head.addWidget(self.search)
        column.addLayout(head)
        column.addWidget(self._none)
        column.addWidget(self.list, 1)
        column.addStretch(0)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self.refresh)
        self.search.textChanged.connect(lambda _: self._rest.start(REST_MS))
        self._worker = Newest()
        self._worker.answered.connect(self._show)

    def use(self, catalogue: Catalogue) -> None:
        """Look into this catalogue from now on."""
        self._catalogue = catalogue
        self.refresh()

    def refresh(self) -> None:
        """Search again."""
        catalogue, text = self._catalogue, self.search.text().strip()
        if catalogue is not None:
            self._worker.ask(lambda: found(catalogue, text))

    def _show(self, paintings: tuple[Painting, ...]) -> None:
        self.list.clear()
        for painting in paintings:
            more = " · ".join(part for part in (painting.artist, painting.accession) if part)
            item = QListWidgetItem(f"{painting.title}\n{more}" if more else painting.title)
            item.setData(Qt.ItemDataRole.UserRole, painting.id)
            item.setToolTip("Double click lays it on the table")
            item.setSizeHint(QSize(0, 42 if more else 28))
            self.list.addItem(item)
        searching = bool(self.search.text().strip())
        self._none.setText("Nothing in the catalogue holds these words." if searching else EMPTY)
        self._none.setVisible(not paintings)
        self.list.setVisible(bool(paintings))

    def _open(self, item: QListWidgetItem) -> None:
        self.painting_wanted.emit(item.data(Qt.ItemDataRole.UserRole))


EMPTY = "The catalogue is empty. Scans that you open are entered by themselves."


def found(catalogue: Catalogue, text: str) -> tuple[Painting, ...]:
    """Return the paintings that a search leads to, the best first; all where nothing is sought."""
    if not text:
        return catalogue.paintings()
    numbers = dict.fromkeys(hit.painting_id for hit in catalogue.search(text) if hit.painting_id is not None)
    return tuple(catalogue.painting(number) for number in numbers)
