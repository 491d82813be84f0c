"""Brings the table, the comparison and the preview to the canvas, and the hand's work back to the table."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PyQt6.QtCore import QObject, QPointF, QRectF, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QPainter

from widgets.canvas import Canvas, Cut, Picture
from widgets.colours import Colours
from widgets.comparing import BEFORE, Comparison
from widgets.curtain import Curtain
from widgets.differing import difference_picture, draw_legend
from widgets.lighttable import LightTable, TableLayer
from widgets.overlay import Overlay
from widgets.pictures import Pictures
from widgets.tint import FILL, MaskTint
from widgets.view import View
from workstation.errors import WorkstationError

STEP = 60.0
"""Screen px that an arrow key moves the painting by."""
PREVIEW, DIFFERENCE = "preview", "difference"


class Stage(QObject):
    """What is seen in the middle of the window."""

    moved = pyqtSignal()

    def __init__(
        self,
        canvas: Canvas,
        table: LightTable,
        comparison: Comparison,
        colours: Colours,
        tell: Callable[[str], None],
    ) -> None:
        super().__init__()
        self.canvas, self._table, self._comparison, self._tell = canvas, table, comparison, tell
        self._pictures = Pictures(colours, tell)
        colours.changed.connect(self._recolour)
        self.overlay = Overlay(canvas, lambda: canvas.view, lambda: table.in_mm)
        self.overlay.show()
        self.tint = MaskTint()
        self._preview_of = ""
        self._differing: tuple[str, str] | None = None
        self._blinked = False
        self._fitted = False
        self._blinker = QTimer(self)
        self._blinker.timeout.connect(self._blink)
        self._curtain = Curtain(comparison, self.overlay)
        self.overlay.layers.append(self._draw_mask)
        self.overlay.layers.append(self._curtain.draw)
        self.overlay.layers.append(self._draw_legend)
        self.overlay.grips.append((self._curtain.held_at, self._curtain.pull))
        self._connect()
        for layer in table.layers:
            self._added(layer)

    def fit(self) -> None:
        """Show the whole painting."""
        self._fitted = True
        self.canvas.look(self.canvas.view.fitted(self._table.extent))

    def actual(self) -> None:
        """Show one scan pixel of the current layer on one screen pixel."""
        if self._table.current is not None:
            ratio = self.canvas.devicePixelRatioF()
            self._zoom_to(self._table.current.px_per_unit / ratio)

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Come closer or step back."""
        self._fitted = False
        layer = self._table.current
        self.canvas.look(self.canvas.view.zoomed(factor, at, 1 / layer.px_per_unit if layer else 1))

    def push(self, dx: float, dy: float) -> None:
        """Move the painting by screen px."""
        self._fitted = False
        self.canvas.look(self.canvas.view.panned(dx, dy))

    def go_to(self, place: QPointF) -> None:
        """Put a place of the painting into the middle."""
        self.canvas.look(self.canvas.view.centred(place))

    @property
    def has_preview(self) -> bool:
        """Whether a preview lies over a layer."""
        return bool(self._preview_of)

    def preview(self, layer: TableLayer | None, picture: Picture | None) -> None:
        """Lay a preview over a layer, or take it away."""
        self._preview_of = layer.key if layer is not None and picture is not None else ""
        if picture is None:
            self.canvas.remove(PREVIEW)
        else:
            self.canvas.add(picture)
        self.show()

    def painted(self, layer: TableLayer) -> None:
        """Read a layer's pixels again: its treatment is another one, or its levels are exact now."""
        for key in {layer.key, layer.key + BEFORE, DIFFERENCE} & set(self.canvas.keys):
            self._pictures.forget(key)
            self.canvas.refresh(key)
        self.show()

    def shut(self) -> None:
        """Let go of the canvas."""
        self._blinker.stop()
        self.overlay.setParent(None)
        self.canvas.shut()

    def show(self, *_: object) -> None:
        """Bring the canvas up to date with table and comparison."""
        setting = self._comparison.setting
        self._bring_before((setting.first, setting.second) if setting.mode != "single" else ())
        self._bring_difference()
        self.canvas.arrange(self._order())
        for key in self.canvas.keys:
            visible, opacity = self._seen(key)
            self.canvas.dress(key, visible=visible, opacity=opacity)
            self.canvas.cut(key, self._cut(key))
        if setting.mode == "blink":
            self._blinker.start(setting.period_ms)
        else:
            self._blinker.stop()
        self.overlay.update()

    def _connect(self) -> None:
        self._table.added.connect(self._added)
        self._table.removed.connect(self._removed)
        self._table.look_changed.connect(self._looked)
        self._table.order_changed.connect(self.show)
        self._table.current_changed.connect(self.show)
        self._table.mask_changed.connect(self._masked)
        self._comparison.changed.connect(self.show)
        self._curtain.moved.connect(self._cut_again)
        self.overlay.zoomed.connect(self.zoom)
        self.overlay.pushed.connect(self.push)
        self.overlay.hovered.connect(self._hovered)
        self.overlay.key_pressed.connect(self._keyed)
        self.canvas.moved.connect(self._moved)

    def _moved(self) -> None:
        if self._fitted and self.canvas.view != self.canvas.view.fitted(self._table.extent):
            self.canvas.look(self.canvas.view.fitted(self._table.extent))
            return
        self._cut_again()
        self.overlay.update()
        self.moved.emit()

    def _added(self, layer: TableLayer) -> None:
        self.canvas.add(self._pictures.of(layer.key, layer, layer.shown))
        self._looked(layer)
        if len(self._table.layers) == 1 or self._fitted:
            self.fit()

    def _removed(self, layer: TableLayer) -> None:
        for key in (layer.key, layer.key + BEFORE):
            self._take_away(key)
        if self._preview_of == layer.key:
            self.preview(layer, None)
        self.show()

    def _take_away(self, key: str) -> None:
        self.canvas.remove(key)
        self._pictures.drop(key)

    def _recolour(self) -> None:
        """Show everything through another display; the preview asks for itself."""
        self.preview(None, None)
        for layer in self._table.layers:
            for key, source in ((layer.key, layer.shown), (layer.key + BEFORE, layer.scan)):
                if key in self.canvas.keys and not self._pictures.recolour(key, self.canvas):
                    self.canvas.add(self._pictures.of(key, layer, source))
            self._looked(layer)

    def _tone(self, key: str, layer: TableLayer) -> None:
        self.canvas.tone(key, *self._pictures.limits(layer, self.canvas.dtype(key)), layer.look.gamma)

    def _looked(self, layer: TableLayer) -> None:
        keys: Iterable[str] = (layer.key, layer.key + BEFORE)
        if self._preview_of == layer.key:
            keys = (*keys, PREVIEW)
        for key in keys:
            if key in self.canvas.keys:
                self._tone(key, layer)
        self.show()

    def _bring_before(self, wanted: tuple[str, ...]) -> None:
        """Have the untreated pictures that are compared, and no others."""
        for layer in self._table.layers:
            key = layer.key + BEFORE
            if key in wanted and key not in self.canvas.keys:
                self.canvas.add(self._pictures.of(key, layer, layer.scan))
                self._tone(key, layer)
            elif key not in wanted:
                self._take_away(key)

    def _bring_difference(self) -> None:
        """Have the map of differences while it is wanted, and only then."""
        setting = self._comparison.setting
        wanted = (setting.first, setting.second) if setting.mode == "difference" else None
        if wanted == self._differing:
            return
        self._differing = wanted
        self._take_away(DIFFERENCE)
        if wanted is None:
            return
        try:
            self.canvas.add(difference_picture(self._table, *wanted, self._pictures))
        except WorkstationError as error:
            self._tell(str(error))
            self._comparison.set(mode="single")

    def _order(self) -> list[str]:
        setting = self._comparison.setting
        below: list[str] = []
        for layer in self._table.layers:
            below += [layer.key + BEFORE, layer.key]
            if layer.key == self._preview_of:
                below.append(PREVIEW)
        if setting.mode == "single":
            return below
        below.append(DIFFERENCE)
        top = [key for key in below if self._stands_for(key) == setting.second]
        return [key for key in below if key not in top] + top

    def _stands_for(self, key: str) -> str:
        """Return the key of the layer that a picture belongs to: a preview to its layer."""
        return self._preview_of if key == PREVIEW else key

    def _seen(self, key: str) -> tuple[bool, float]:
        setting, own = self._comparison.setting, self._stands_for(key)
        if setting.mode == "difference":
            return key == DIFFERENCE, 1.0
        if setting.mode == "single":
            layer = self._table.layer(own)
            return (layer.look.visible, layer.look.opacity) if layer else (False, 1.0)
        if own not in (setting.first, setting.second):
            return False, 1.0
        if own == setting.second and setting.mode == "blend":
            return True, setting.mix
        return (not self._blinked if own == setting.second and setting.mode == "blink" else True), 1.0

    def _cut(self, key: str) -> Cut:
        setting = self._comparison.setting
        if self._stands_for(key) != setting.second or setting.mode not in ("curtain", "lens"):
            return Cut()
        return self._curtain.cut()

    def _cut_again(self) -> None:
        if self._comparison.setting.mode in ("curtain", "lens"):
            for key in self.canvas.keys:
                self.canvas.cut(key, self._cut(key))
            self.overlay.update()

    def _blink(self) -> None:
        self._blinked = not self._blinked
        for key in self.canvas.keys:
            visible, opacity = self._seen(key)
            self.canvas.dress(key, visible=visible, opacity=opacity)

    def _hovered(self, place: QPointF | None) -> None:
        if place is not None and self._comparison.setting.mode == "lens":
            self._curtain.follow(self.canvas.view.to_screen().map(place))

    def _keyed(self, event: QKeyEvent) -> None:
        """Move the painting by the arrow keys, where nobody else took them."""
        steps = {
            Qt.Key.Key_Left: (STEP, 0),
            Qt.Key.Key_Right: (-STEP, 0),
            Qt.Key.Key_Up: (0, STEP),
            Qt.Key.Key_Down: (0, -STEP),
        }
        step = steps.get(Qt.Key(event.key()))
        if step is not None and not event.isAccepted():
            self.push(*step)
            event.accept()

    def _masked(self, layer: TableLayer, place: object) -> None:
        self.tint.forget(place if place is not None else None)  # type: ignore[arg-type] # a QRect or None
        self.overlay.update()

    def _draw_mask(self, painter: QPainter, view: View) -> None:
        layer = self._table.current
        if layer is not None:
            to_screen = layer.transform * view.to_screen()
            fill = 0 if self._preview_of == layer.key else FILL  # what is previewed must be seen
            self.tint.draw(painter, layer.mask, to_screen, QRectF(self.overlay.rect()), fill)

    def _draw_legend(self, painter: QPainter, view: View) -> None:
        if self._differing is not None:
            draw_legend(painter, QRectF(self.overlay.rect()))

    def _zoom_to(self, zoom: float) -> None:
        self.zoom(zoom / self.canvas.view.zoom)
