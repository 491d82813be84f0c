"""What is done once the view is at rest: the tiles around it are fetched, and found damage is told."""

from __future__ import annotations

from PyQt6.QtCore import QObject, QTimer

from widgets.canvas import Canvas
from widgets.damage_list import damage_count
from widgets.levels import LevelArray
from widgets.lighttable import Changing, LightTable, TableLayer
from workstation.scans.cache import TILES
from workstation.scans.prefetch import Prefetch, Sight
from workstation.scans.scan import Scan
from workstation.scans.shown import Shown
from workstation.scans.source import TileSource

CALM_MS = 120
"""How long the view stands still before anything is fetched."""
SOON_S = 0.05
"""How long the window waits for a tile of a layer that is closed."""


class Resting(QObject):
    """Waits for the view to come to rest; every move begins the wait anew and ends what was begun."""

    def __init__(self, canvas: Canvas, table: LightTable) -> None:
        super().__init__()
        self._canvas, self._table = canvas, table
        self.prefetch = Prefetch(TILES.limit // 2)
        self._told: dict[TableLayer, int] = {}
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.setInterval(CALM_MS)
        self._calm.timeout.connect(self._rest)
        canvas.moved.connect(self._wait)
        canvas.loaded.connect(self._wait)
        table.removed.connect(self._removed)

    def shut(self) -> None:
        """Read no more."""
        self._calm.stop()
        self.prefetch.close()

    def _wait(self) -> None:
        self.prefetch.stop()
        self._calm.start()

    def _removed(self, layer: TableLayer) -> None:
        self._told.pop(layer, None)
        self._wait()
        self.prefetch.finish(SOON_S)  # its file is closed next

    def _rest(self) -> None:
        if not self._canvas.complete:
            self._calm.start()
            return
        self.prefetch.around(
            [
                Sight(array.source, array.index, box, cheap(array, array.index + 1))
                for array, box in self._canvas.seen()
                if isinstance(array, LevelArray) and cheap(array, array.index)
            ]
        )
        for layer in self._table.layers:
            damaged = damage_count(layer)
            if damaged != self._told.get(layer, 0):
                self._told[layer] = damaged
                self._table.damage_found.emit(layer)


def cheap(array: LevelArray, level: int) -> bool:
    """Tell whether to read a level costs no more than decoding: nothing is computed ahead."""
    source: TileSource = array.source
    while isinstance(source, Shown | Changing):
        source = source.source if isinstance(source, Shown) else source.inner
    return isinstance(source, Scan) and level in source.stored
