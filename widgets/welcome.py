"""What the window shows before a painting lies on the table: three ways to begin."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from widgets.icons import icon
from widgets.parts import button, label


class Welcome(QWidget):
    """Open, drop, or look at the demonstration painting; and what was open last."""

    def __init__(
        self, open_files: Callable[[], None], demonstrate: Callable[[], None], reopen: Callable[[Path], None]
    ) -> None:
        super().__init__()
        self._reopen = reopen
        mark = QLabel()
        mark.setPixmap(icon("workstation").pixmap(QSize(48, 48)))
        self.demonstration = button(
            "Open the demonstration painting", demonstrate, "A made-up panel with known damage"
        )
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addWidget(button("Open scans…", open_files, "TIFF of any size, JPEG, PNG", primary=True))
        buttons.addWidget(self.demonstration)
        buttons.addStretch(1)
        self._recent = QVBoxLayout()
        self._recent.setSpacing(2)
        inside = QVBoxLayout()
        inside.setSpacing(12)
        for part in (mark, label("Conservation Workstation", "title")):
            inside.addWidget(part)
        words = "Drop the scans of a painting here, or open them. Scans are only read, never written to."
        inside.addWidget(label(words, "quiet"))
        inside.addLayout(buttons)
        inside.addSpacing(8)
        inside.addLayout(self._recent)
        column = QVBoxLayout(self)
        column.addStretch(2)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addLayout(inside)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(3)

    def show_recent(self, paths: list[Path]) -> None:
        """List the files that were open last and are still there."""
        while (item := self._recent.takeAt(0)) is not None:
            part = item.widget()
            if part is not None:
                part.deleteLater()
        if paths:
            self._recent.addWidget(label("Open again", "head"))
        for path in paths:
            self._recent.addWidget(self._link(path))

    def _link(self, path: Path) -> QPushButton:
        link = button(path.name, lambda: self._reopen(path), str(path))
        link.setFlat(True)
        link.setCursor(Qt.CursorShape.PointingHandCursor)
        link.setStyleSheet("text-align: left; background: transparent; border: 0; padding: 3px 0;")
        return link
