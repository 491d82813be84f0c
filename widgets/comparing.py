"""Two layers against each other: which, how, and the bar that says so."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

from PyQt6.QtCore import QObject, QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from widgets.icons import icon
from widgets.lighttable import LightTable, TableLayer

Mode = Literal["single", "curtain", "lens", "blink", "blend", "difference"]
MODES: tuple[Mode, ...] = get_args(Mode)
BEFORE = ":before"
"""Marks the key of a layer as it was before its treatment."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What is compared, and how."""

    mode: Mode = "single"
    first: str = ""
    second: str = ""
    position: float = 0.5
    """Of the curtain, as a part of the canvas."""
    upright: bool = True
    radius: float = 140.0
    """Of the lens, in screen px."""
    mix: float = 0.5
    period_ms: int = 700


class Comparison(QObject):
    """Holds the setting and keeps it sensible while layers come and go."""

    changed = pyqtSignal()

    def __init__(self, table: LightTable) -> None:
        super().__init__()
        self._table = table
        self.setting = Setting()
        table.added.connect(self._mend)
        table.removed.connect(self._mend)
        table.treatment_changed.connect(self._mend)

    def set(self, **changes: object) -> None:
        """Change the setting."""
        changed = replace(self.setting, **changes)  # type: ignore[arg-type] # the fields' own types
        if changed != self.setting:
            self.setting = changed
            self.changed.emit()

    def choose(self, mode: Mode) -> None:
        """Choose how to compare; two layers are found where none are chosen yet."""
        self._mend()
        self.set(mode=mode)

    def swap(self) -> None:
        """Let left be right."""
        self.set(first=self.setting.second, second=self.setting.first)

    @property
    def possible(self) -> bool:
        """Whether there are two things to compare."""
        return len(self.keys) > 1

    @property
    def keys(self) -> dict[str, str]:
        """What can be compared, by key: every layer, and before its treatment every treated one."""
        found: dict[str, str] = {}
        for layer in self._table.layers:
            if is_treated(layer):
                found[layer.key + BEFORE] = f"{layer.name} (untreated)"
                found[layer.key] = f"{layer.name} (treated)"
            else:
                found[layer.key] = layer.name
        return found

    def _mend(self, *_: object) -> None:
        keys = list(self.keys)
        first, second = self.setting.first, self.setting.second
        if first not in keys:
            first = keys[0] if keys else ""
        if second not in keys and first + BEFORE in keys:
            first, second = first + BEFORE, first
        if second not in keys or second == first:
            second = next((key for key in keys if key != first), "")
        mode: Mode = self.setting.mode if len(keys) > 1 else "single"
        self.set(first=first, second=second, mode=mode)


def is_treated(layer: TableLayer) -> bool:
    """Tell whether a layer is seen otherwise than it was scanned."""
    return bool(layer.history.treatment().steps)


class CompareBar(QWidget):
    """A strip above the canvas: the two layers and what the chosen way of comparing lets one set."""

    def __init__(self, comparison: Comparison, table: LightTable) -> None:
        super().__init__()
        self._comparison = comparison
        self.first = self._combo("Left or lower layer", "first")
        self.second = self._combo("Right or upper layer", "second")
        self._name = QLabel()
        self._name.setProperty("role", "head")
        swap = QToolButton()
        swap.setIcon(icon("swap"))
        swap.setToolTip("Swap the two layers (X)")
        swap.setAccessibleName("Swap the two layers")
        swap.clicked.connect(comparison.swap)
        self._turn = QToolButton()
        self._turn.setText("Turn")
        self._turn.setToolTip("Curtain from the side or from above")
        self._turn.clicked.connect(lambda: comparison.set(upright=not comparison.setting.upright))
        self._label, self.slider = QLabel(), QSlider(Qt.Orientation.Horizontal)
        self.slider.setMaximumWidth(180)
        self.slider.valueChanged.connect(self._slid)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 5, 12, 5)
        row.setSpacing(8)
        for part in (self._name, self.first, swap, self.second, self._turn, self._label, self.slider):
            row.addWidget(part)
        row.addStretch(1)
        comparison.changed.connect(self.refresh)
        for signal in (table.added, table.removed, table.treatment_changed):
            signal.connect(self.refresh)
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Show the setting as it is now."""
        setting = self._comparison.setting
        self.setVisible(setting.mode != "single")
        self._name.setText(setting.mode.capitalize())
        for combo, chosen in ((self.first, setting.first), (self.second, setting.second)):
            _offer(combo, self._comparison.keys, chosen)
        self._turn.setVisible(setting.mode == "curtain")
        words = {"blink": "Every", "blend": "Upper layer", "lens": "Size"}
        has_slider = setting.mode in words
        self._label.setVisible(has_slider)
        self.slider.setVisible(has_slider)
        if has_slider:
            self._show_slider(words[setting.mode])

    def _show_slider(self, word: str) -> None:
        setting = self._comparison.setting
        low, high, value, text = {
            "blink": (150, 2000, setting.period_ms, f"{word} {setting.period_ms / 1000:.2g} s"),
            "blend": (0, 100, round(setting.mix * 100), f"{word} {setting.mix:.0%}"),
            "lens": (40, 400, round(setting.radius), f"{word} {setting.radius * 2:.0f} px"),
        }[setting.mode]
        with QSignalBlocker(self.slider):
            self.slider.setRange(low, high)
            self.slider.setValue(value)
        self.slider.setAccessibleName(word)
        self._label.setText(text)

    def _slid(self, value: int) -> None:
        mode = self._comparison.setting.mode
        if mode == "blink":
            self._comparison.set(period_ms=value)
        elif mode == "blend":
            self._comparison.set(mix=value / 100)
        elif mode == "lens":
            self._comparison.set(radius=float(value))

    def _combo(self, name: str, field: str) -> QComboBox:
        combo = QComboBox()
        combo.setAccessibleName(name)
        combo.setToolTip(name)
        combo.setMinimumWidth(150)
        combo.activated.connect(lambda _: self._comparison.set(**{field: combo.currentData()}))
        return combo


def _offer(combo: QComboBox, keys: dict[str, str], chosen: str) -> None:
    """List what can be compared, anew only where that changed: the curtain's every step comes here."""
    with QSignalBlocker(combo):
        listed = {combo.itemData(place): combo.itemText(place) for place in range(combo.count())}
        if listed != keys:
            combo.clear()
            for key, name in keys.items():
                combo.addItem(name, key)
        combo.setCurrentIndex(combo.findData(chosen))
