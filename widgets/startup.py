"""Load the canvas behind the window's back: napari takes more than a second to import."""

from __future__ import annotations

import sys
from collections.abc import Callable

from PyQt6.QtCore import QThread

CALM, EAGER = 0.005, 0.001
"""Seconds until Python hands over to another thread: short ones keep the window alive while importing."""


class CanvasLoader(QThread):
    """Imports widgets.canvas and finds the display; `finished` comes when the canvas can be built."""

    def __init__(self, find_display: Callable[[], None]) -> None:
        super().__init__()
        self._find_display = find_display
        self.error: BaseException | None = None
        sys.setswitchinterval(EAGER)
        self.finished.connect(lambda: sys.setswitchinterval(CALM))

    def run(self) -> None:
        """Do the import; what goes wrong is kept for the window to tell."""
        try:
            from widgets.canvas import warm_up

            warm_up()
            self._find_display()
        except Exception as error:  # noqa: BLE001 # shown by the window
            self.error = error
