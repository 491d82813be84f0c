"""The status bar: what lies under the mouse, how large it is seen, what computes, and the credential."""

from __future__ import annotations

import sys
from html import escape

from PyQt6.QtCore import QPointF, Qt, pyqtSignal
from PyQt6.QtWidgets import QLabel, QStatusBar, QToolButton

from widgets.colours import Colours
from widgets.icons import icon
from widgets.lighttable import LightTable, TableLayer
from widgets.parts import Elided, label
from widgets.running import Newest
from widgets.theme import NEUTRAL
from widgets.view import View

WIDTHS = (190, 160, 170, 170, 200)


class StatusBar(QStatusBar):
    """Position, value, scale, colours, device, credential."""

    credential_wanted = pyqtSignal()

    def __init__(self, table: LightTable, colours: Colours) -> None:
        super().__init__()
        self._table, self._colours = table, colours
        self.position, self.pixel, self.value, self.scale, self.device = (label("", "number") for _ in WIDTHS)
        for part, width in zip(self._parts(), WIDTHS, strict=True):
            part.setMinimumWidth(width)
            part.setContentsMargins(10, 2, 6, 2)
            self.addWidget(part)
        self.colour = Elided("number")
        self.colour.setAccessibleName("Colour profiles of the scan and of the screen")
        self.colour.setMinimumWidth(120)
        self.colour.setContentsMargins(10, 2, 6, 2)
        self.addWidget(self.colour, 1)
        for signal in (table.current_changed, colours.changed, colours.named):
            signal.connect(self.show_colour)
        self.badge = QToolButton()
        self.badge.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.badge.setIcon(icon("shield"))
        self.badge.setAccessibleName("Credential of the current layer")
        self.badge.clicked.connect(self.credential_wanted.emit)
        self.addPermanentWidget(self.badge)
        self.setSizeGripEnabled(False)
        self._reader = Newest()
        self._reader.answered.connect(self.value.setText)
        self._reader.failed.connect(lambda _: self.value.setText(""))
        self.show_badge("No credential looked for", NEUTRAL, "Open a file to see its credential")
        self.refresh_device()

    def point(self, place: QPointF | None) -> None:
        """Say what lies under the mouse; None where it is elsewhere."""
        layer = self._table.current
        if place is None or layer is None:
            self._say_no_value("")
            self.position.setText("")
            return
        unit = " mm" if self._table.in_mm else ""
        self.position.setText(f"x {place.x():.2f}{unit}   y {place.y():.2f}{unit}")
        pixel = layer.to_pixels(place)
        column, row = int(pixel.x() // 1), int(pixel.y() // 1)
        level = layer.scan.levels[0]
        if 0 <= column < level.width and 0 <= row < level.height:
            self.pixel.setText(f"px {column}, {row}")
            self._reader.ask(lambda: sample(layer, row, column))
        else:
            self._say_no_value("beside the scan")

    def _say_no_value(self, instead: str) -> None:
        self._reader.drop()  # what is being read would be said of another place
        self.pixel.setText(instead)
        self.value.setText("")

    def show_scale(self, view: View, ratio: float) -> None:
        """Say how large the current layer is seen."""
        layer = self._table.current
        if layer is None:
            self.scale.setText("")
            return
        percent = 100 * view.zoom * ratio / layer.px_per_unit
        words = f"{percent:.3g} %"
        if self._table.in_mm:
            words += f"   {layer.px_per_unit:.4g} px/mm"
        self.scale.setText(words)

    def show_colour(self, *_: object) -> None:
        """Name the profile of the current layer and what it is shown through."""
        layer = self._table.current
        profile = self._colours.profile(layer) if layer is not None else ""
        words = f"profile {profile} → {self._colours.words}" if profile else ""
        self.colour.say(words)
        self.colour.setAccessibleDescription(words)

    def refresh_device(self) -> None:
        """Say what computes; torch is not loaded to find out."""
        if "torch" not in sys.modules:
            self.device.setText("device: chosen at the first operation")
            return
        from models.device import describe

        self.device.setText(f"device: {describe()}")

    def show_badge(self, words: str, colour: str, tip: str) -> None:
        """Show the state of the current layer's credential."""
        self.badge.setText(f"  {words}")
        self.badge.setToolTip(f"<p>{escape(tip)}</p>")  # names in it come from strangers
        self.badge.setAccessibleDescription(tip)
        self.badge.setStyleSheet(f"QToolButton {{ color: {colour}; }}")

    def _parts(self) -> tuple[QLabel, ...]:
        return (self.position, self.pixel, self.value, self.scale, self.device)


def sample(layer: TableLayer, row: int, column: int) -> str:
    """Return the samples of one scan pixel as they are in the file."""
    pixel = layer.shown.read(0, row, row + 1, column, column + 1)[0, 0]
    words = "  ".join(f"{value:.4g}" if pixel.dtype.kind == "f" else str(value) for value in pixel)
    return f"value {words}"
