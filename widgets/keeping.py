"""Has the levels that a large flat scan lacks built beside all other work, one scan after the other.

The scan is on the screen meanwhile, its coarser levels as a sketch; when they are kept they take its place.
Where a scan is too large for that, it says so once: what is seen may stay a sketch, and who looks must know.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PyQt6.QtCore import QObject, QTimer

from widgets.jobs import JobsPanel
from widgets.lighttable import LightTable, TableLayer
from widgets.messages import MessageBar
from widgets.running import Running
from workstation.errors import TooLargeError
from workstation.scans.kept import lacks_levels
from workstation.scans.levelling import build_levels
from workstation.scans.scan import Scan

CALM_MS = 600
"""How long the work waits, so that the first picture comes first."""


class Keeping(QObject):
    """Watches the table: begins when a layer comes that needs levels, stops when it goes."""

    def __init__(self, table: LightTable, jobs: JobsPanel, messages: MessageBar) -> None:
        super().__init__()
        self._table, self._jobs, self._messages = table, jobs, messages
        self._waiting: list[TableLayer] = []
        self._layer: TableLayer | None = None
        self._running: Running | None = None
        self._told: set[Path] = set()
        table.added.connect(self._added)
        table.removed.connect(self._removed)

    def stop(self) -> None:
        """Build nothing more for the layers that lie on the table now."""
        self._waiting.clear()
        if self._running is not None:
            self._running.cancel()

    def _added(self, layer: TableLayer) -> None:
        if isinstance(layer.scan, Scan) and lacks_levels(layer.scan):
            self._waiting.append(layer)
            QTimer.singleShot(CALM_MS, self._next)

    def _removed(self, layer: TableLayer) -> None:
        if layer in self._waiting:
            self._waiting.remove(layer)
        if layer is self._layer and self._running is not None:
            self._running.cancel()

    def _next(self) -> None:
        if self._running is not None or not self._waiting:
            return
        layer = self._layer = self._waiting.pop(0)
        scan = layer.scan
        assert isinstance(scan, Scan)
        self._running = self._jobs.start(
            f"Building levels of {layer.name}",
            lambda: build_levels(scan),
            lambda _: self._built(layer),
            partial(self._failed, layer, scan.path),
            stopped=lambda _: self._stopped(layer),
        )
        self._running.ended.connect(self._ended)

    def _built(self, layer: TableLayer) -> None:
        if layer in self._table.layers:
            self._table.retreat(layer)  # what was fitted to the sketch is fitted anew

    def _failed(self, layer: TableLayer, path: Path, error: object) -> None:
        if not isinstance(error, TooLargeError):
            self._messages.tell(error)
        elif path not in self._told:
            self._told.add(path)
            self._messages.say(
                f"There is no room to keep coarser levels of {layer.name}: seen small it may be a sketch; "
                "its details are exact. Written as a pyramid it is exact throughout."
            )

    def _stopped(self, layer: TableLayer) -> None:
        if layer in self._table.layers:
            self._messages.say(
                f"{layer.name} may be seen as a sketch when it is small, until it is opened again."
            )

    def _ended(self, _: object) -> None:
        self._running = self._layer = None
        self._next()
