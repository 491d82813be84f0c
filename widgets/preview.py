"""Show what an operation would do, on what is on the screen and at the screen's resolution."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from PyQt6.QtCore import QObject, QRect, QTimer

from widgets.canvas import Picture
from widgets.colours import Colours
from widgets.levels import halving_levels
from widgets.lighttable import LightTable, Matrix, TableLayer
from widgets.pictures import as_shown, limits_of
from widgets.restore import RestorePanel
from widgets.running import Newest
from widgets.stage import PREVIEW, Stage
from workstation.errors import UsageError
from workstation.operations.operation import Operation
from workstation.operations.treated import TreatedSource
from workstation.operations.treatment import Step
from workstation.scans.colour import Display
from workstation.scans.hatch import hatched
from workstation.scans.source import Pixels, TileSource

CALM_MS = 60
"""How long the hand must rest before it is worth computing."""
MOST_PIXELS = 6_000_000


@dataclass(frozen=True, slots=True)
class Sight:
    """A block of one level: what of a layer is on the screen."""

    level: int
    block: QRect


@dataclass(frozen=True, slots=True)
class Answer:
    """The pixels of a preview and where they lie."""

    layer: TableLayer
    pixels: Pixels
    to_painting: Matrix
    operation: type[Operation]


class Preview(QObject):
    """Keeps the preview true to form, mask, view and treatment; the newest question wins."""

    def __init__(self, stage: Stage, table: LightTable, panel: RestorePanel, colours: Colours) -> None:
        super().__init__()
        self._colours = colours
        self._stage, self._table, self._panel = stage, table, panel
        self._kept: tuple[Any, TreatedSource] | None = None
        self._number = 0
        self._shown: type[Operation] | None = None
        self.worker = Newest()
        self.worker.answered.connect(self._show)
        self.worker.failed.connect(lambda error: panel.say(str(error)))
        self.worker.busy.connect(lambda busy: panel.say("Working out the preview …" if busy else ""))
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self.refresh)
        panel.changed.connect(self.touch)
        colours.changed.connect(self.touch)
        stage.moved.connect(self.touch)
        table.mask_changed.connect(self._mask_changed)

    def touch(self, *_: object) -> None:
        """Something changed: look again as soon as the hand rests."""
        if self._active() or self._stage.has_preview:
            self._rest.start(CALM_MS)

    def refresh(self) -> None:
        """Ask for the preview anew, or take it away."""
        layer, step = self._table.current, self._panel.step()
        if layer is None or step is None or not self._active():
            self.worker.drop()
            self._stage.preview(layer, None)
            return
        if self._shown is not type(step.operation):
            self._stage.preview(layer, None)  # never show one operation under another's name
        sight = seen(layer, self._stage)
        if sight is not None:
            key = (layer, step.operation, self._number, layer.shown.inner)
            display = self._colours.display
            self.worker.ask(lambda: self._answer(layer, step, sight, key, display))

    def _active(self) -> bool:
        return self._panel.fresh and self._panel.preview.isChecked() and self._panel.isVisible()

    def _mask_changed(self, *_: object) -> None:
        self._number += 1
        self.touch()

    def _answer(self, layer: TableLayer, step: Step, sight: Sight, key: Any, display: Display) -> Answer:
        """Work out the preview; in a thread."""
        source = self._treated(layer.shown.inner, step, key)
        block = sight.block
        if block.width() * block.height() > MOST_PIXELS:
            raise UsageError("This scan has no smaller levels. Zoom in to see a preview.")
        top, left = block.top(), block.left()
        pixels = source.read(sight.level, top, top + block.height(), left, left + block.width())
        shown = hatched(as_shown(pixels, source, display), source, sight.level, top, left)
        scale = float(1 << sight.level)
        place = np.array([[scale, 0, left * scale], [0, scale, top * scale], [0, 0, 1]])
        return Answer(layer, shown, layer.to_painting @ place, type(step.operation))

    def _treated(self, source: TileSource, step: Step, key: Any) -> TreatedSource:
        """Return the source with the step on it; what was fitted is kept while only the view moves."""
        if self._kept is None or self._kept[0] != key:
            state = step.operation.fit(source, step.mask)
            self._kept = (key, TreatedSource(source, step, state))
        return self._kept[1]

    def _show(self, answer: Answer) -> None:
        if answer.layer not in self._table.layers or not self._active():
            return
        self._shown = answer.operation
        limits = limits_of(answer.layer, answer.pixels.dtype, self._colours.display)
        picture = Picture(PREVIEW, [answer.pixels], answer.to_painting, limits)
        self._stage.preview(answer.layer, picture)


def seen(layer: TableLayer, stage: Stage) -> Sight | None:
    """Return what of a layer is on the screen, at the level that suits the screen's resolution."""
    view = stage.canvas.view
    back, can = layer.transform.inverted()
    if not can:
        return None
    part = back.mapRect(view.visible())
    per_px = layer.px_per_unit / (view.zoom * stage.canvas.devicePixelRatioF())
    count = halving_levels(layer.scan)
    level = min(max(int(math.log2(max(per_px, 1e-9))), 0), count - 1)
    full = layer.scan.levels[level]
    scale = 1 << level
    block = QRect(
        math.floor(part.left() / scale),
        math.floor(part.top() / scale),
        math.ceil(part.width() / scale) + 1,
        math.ceil(part.height() / scale) + 1,
    ).intersected(QRect(0, 0, full.width, full.height))
    return None if block.isEmpty() else Sight(level, block)
