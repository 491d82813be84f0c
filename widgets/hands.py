"""The tools in hand: what each does to the current layer's mask, and to the view."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QPointF, QRectF

from widgets.lighttable import LightTable
from widgets.painting import outline, stroke
from widgets.stage import Stage
from widgets.tools import Brush, Frame, Lasso, Ruler, Tool
from workstation.errors import WorkstationError
from workstation.operations.mask import Mask
from workstation.operations.operation import Rect

GROW = 1.25


class Hands:
    """Gives the stage's overlay the tool that was chosen."""

    def __init__(self, stage: Stage, table: LightTable, tell: Callable[[object], None]) -> None:
        self._stage, self._table, self._tell = stage, table, tell
        self.brush = Brush(lambda a, b: self._paint(a, b, True), self._begin)
        self.eraser = Brush(lambda a, b: self._paint(a, b, False), self._begin)
        self.ruler = Ruler(lambda _: None, lambda: table.in_mm)
        self.lasso = Lasso(self._outline)
        self._tools: dict[str, Tool | None] = {
            "pan": None,
            "measure": self.ruler,
            "brush": self.brush,
            "eraser": self.eraser,
            "lasso": self.lasso,
        }
        self._chosen = "pan"

    def use(self, key: str) -> None:
        """Take a tool in hand."""
        self._chosen = key
        self._stage.overlay.use(self._tools[key])

    def resize(self, larger: bool) -> None:
        """Make brush and eraser larger or smaller."""
        for brush in (self.brush, self.eraser):
            brush.resize(GROW if larger else 1 / GROW)
        self._stage.overlay.update()

    def clear(self) -> None:
        """Empty the mask of the current layer."""
        layer = self._table.current
        if layer is not None and layer.mask.tiles:
            self._table.set_mask(layer, Mask(layer.mask.height, layer.mask.width))

    def pick(self, then: Callable[[Rect], None]) -> None:
        """Let the user drag a rectangle on the painting, then go on with the tool in hand."""

        def done(place: QRectF) -> None:
            self.use(self._chosen)
            rect = self._in_pixels(place)
            if rect is not None:
                then(rect)

        self._stage.overlay.use(Frame(done))
        self._stage.overlay.setFocus()

    def point(self, then: Callable[[float, float], None]) -> None:
        """Let the user frame a place on the painting; its middle is handed over in millimetres."""

        def done(place: QRectF) -> None:
            self.use(self._chosen)
            then(place.center().x(), place.center().y())

        self._stage.overlay.use(Frame(done))
        self._stage.overlay.setFocus()

    def _begin(self) -> None:
        if self._table.current is not None:
            self._table.begin_stroke(self._table.current)

    def _paint(self, start: QPointF, end: QPointF, mark: bool) -> None:
        layer = self._table.current
        if layer is None:
            return
        radius = self.brush.diameter / 2 / self._stage.canvas.view.zoom * layer.px_per_unit
        try:
            place = stroke(layer.mask, layer.to_pixels(start), layer.to_pixels(end), radius, mark)
        except WorkstationError as error:
            self._tell(error)
            return
        self._table.stroked(layer, place)

    def _outline(self, corners: list[QPointF]) -> None:
        layer = self._table.current
        if layer is None:
            return
        self._table.begin_stroke(layer)
        try:
            place = outline(layer.mask, [layer.to_pixels(corner) for corner in corners])
        except WorkstationError as error:
            self._tell(error)
            return
        self._table.stroked(layer, place)

    def _in_pixels(self, place: QRectF) -> Rect | None:
        layer = self._table.current
        if layer is None:
            return None
        back, _ = layer.transform.inverted()
        level = layer.scan.levels[0]
        inside = back.mapRect(place).intersected(QRectF(0, 0, level.width, level.height)).toAlignedRect()
        if inside.width() < 1 or inside.height() < 1:
            return None
        return Rect(inside.left(), inside.top(), inside.width(), inside.height())
