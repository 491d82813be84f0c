"""The Examine task: what is known of the current layer, and how its tones are shown."""

from __future__ import annotations

from PyQt6.QtCore import QSignalBlocker, Qt
from PyQt6.QtWidgets import QFormLayout, QGridLayout, QHBoxLayout, QLabel, QSlider, QWidget

from widgets.colours import Colours
from widgets.damage_list import DamageList
from widgets.lighttable import LightTable, TableLayer
from widgets.parts import Page, button, label, rule
from workstation.scans.facts import channels_in_words
from workstation.scans.scan import Scan

GAMMA_STEPS = 100


class ExaminePanel(Page):
    """Facts of the scan, and its tones."""

    def __init__(self, table: LightTable, colours: Colours) -> None:
        super().__init__()
        self._table, self._colours = table, colours
        self._title = label("", "title", wrap=True)
        self._facts = QGridLayout()
        self._facts.setColumnStretch(1, 1)
        self._facts.setHorizontalSpacing(14)
        self._facts.setVerticalSpacing(5)
        self.low, self.high, self.gamma = (QSlider(Qt.Orientation.Horizontal) for _ in range(3))
        self._values = [label("", "number") for _ in range(3)]
        tones = QWidget()
        form = QFormLayout(tones)
        form.setContentsMargins(0, 0, 0, 0)
        names = ("Black", "White", "Gamma")
        for name, slider, value in zip(names, (self.low, self.high, self.gamma), self._values, strict=True):
            slider.setAccessibleName(name)
            slider.setToolTip(name)
            slider.setRange(0, 1000)
            slider.valueChanged.connect(self._slid)
            value.setMinimumWidth(44)
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            form.addRow(name, beside(slider, value))
        self.gamma.setRange(20, 300)
        words = label("How the scan is shown, never what it is.", "quiet", wrap=True)
        full = button("Full range", self._reset, "Show every sample as it is in the file")
        self._toning = (rule(), label("Tones", "head"), words, tones, full)
        self.put(self._title)
        self.column.addLayout(self._facts)
        self.damage = DamageList(table)
        self.put(self.damage, *self._toning)
        self.column.addStretch(1)
        table.current_changed.connect(self.refresh)
        table.look_changed.connect(self._show_tones)
        colours.changed.connect(self.refresh)
        colours.named.connect(self.refresh)
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Show the current layer as it is now."""
        layer = self._table.current
        self._title.setText(layer.name if layer is not None else "Nothing on the table")
        while (item := self._facts.takeAt(0)) is not None:
            part = item.widget()
            if part is not None:
                part.hide()  # it is deleted a moment later
                part.deleteLater()
        for part in self._toning:
            part.setVisible(layer is not None)
        if layer is None:
            return
        for row, (name, value) in enumerate(
            known(layer, self._colours.profile(layer), self._colours.words).items()
        ):
            text = label(value, wrap=True)
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._facts.addWidget(label(name, "quiet"), row, 0, Qt.AlignmentFlag.AlignTop)
            self._facts.addWidget(text, row, 1)
        self._show_tones(layer)

    def _show_tones(self, layer: TableLayer) -> None:
        if layer is not self._table.current:
            return
        black, white = layer.tones
        span, look = white - black, layer.look
        for slider, value in ((self.low, look.low), (self.high, look.high)):
            with QSignalBlocker(slider):
                slider.setValue(round(1000 * (value - black) / span))
        with QSignalBlocker(self.gamma):
            self.gamma.setValue(round(look.gamma * GAMMA_STEPS))
        texts = (f"{look.low:.4g}", f"{look.high:.5g}", f"{look.gamma:.2f}")
        for where, text in zip(self._values, texts, strict=True):
            where.setText(text)

    def _slid(self) -> None:
        layer = self._table.current
        if layer is None:
            return
        black, white = layer.tones
        step = (white - black) / 1000
        low = black + step * min(self.low.value(), 999)
        high = max(black + step * self.high.value(), low + step)
        self._table.look(layer, low=low, high=high, gamma=self.gamma.value() / GAMMA_STEPS)

    def _reset(self) -> None:
        layer = self._table.current
        if layer is not None:
            low, high = layer.tones
            self._table.look(layer, low=low, high=high, gamma=1.0)


def beside(control: QWidget, value: QLabel) -> QWidget:
    """Put a value to the right of its control."""
    both = QWidget()
    row = QHBoxLayout(both)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(control, 1)
    row.addWidget(value)
    return both


def known(layer: TableLayer, profile: str, shown_through: str) -> dict[str, str]:
    """Return what is known of a layer, as a person reads it."""
    level, metadata = layer.scan.levels[0], layer.scan.metadata
    page = layer.scan.page if isinstance(layer.scan, Scan) else None
    found = {
        "Kind": layer.kind,
        "Size": f"{level.width} × {level.height} px",
        "On the painting": f"{layer.extent.width():.1f} × {layer.extent.height():.1f} mm"
        if layer.in_mm
        else "",
        "Resolution": f"{layer.px_per_unit:.4g} px/mm" if layer.in_mm else "not stated in the file",
        "Samples": f"{level.dtype.itemsize * 8} bit, {channels_in_words(level.channels, metadata.extra)}",
        "Levels": str(len(layer.scan.levels)),
        "Stored": page.compression if page else "",
        "Colour profile": profile,
        "Made from": (page and page.made_from) or "",
        "Shown through": shown_through,
        "Artist": metadata.artist or "",
        "Copyright": metadata.copyright or "",
        "Description": (metadata.description or "")[:200],
        "File": str(layer.path) if layer.path is not None else "not from a file",
    }
    return {name: value for name, value in found.items() if value}
