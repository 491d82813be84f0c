"""One field of a form for each kind of parameter, made from the parameter's declaration alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PyQt6.QtCore import QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLineEdit,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from widgets.parts import icon_button, label
from workstation.operations.describe import label as label_of
from workstation.operations.operation import Parameter, Rect

STEPS = 400
"""Positions of a slider over its whole range."""
LARGEST = 1_000_000_000
Pick = Callable[[Callable[[Rect], None]], None]
"""Lets the user drag a rectangle on the painting and hands it over."""


class Field(QWidget):
    """A parameter's name, its control, and its sentence of help."""

    changed = pyqtSignal()

    def __init__(self, parameter: Parameter) -> None:
        super().__init__()
        self.parameter = parameter
        self.head = QHBoxLayout()
        self.head.setSpacing(6)
        name = label(label_of(parameter.name))
        self.head.addWidget(name, 1)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 4, 0, 4)
        self.column.setSpacing(3)
        self.column.addLayout(self.head)
        self.setToolTip(f"{parameter.help} ({parameter.wanted})")

    def value(self) -> Any:
        """Return the value as it is set."""
        raise NotImplementedError

    def set(self, value: Any) -> None:
        """Set the value."""
        raise NotImplementedError

    def named(self, control: QWidget) -> QWidget:
        """Give a control the parameter's name and help for screen readers."""
        control.setAccessibleName(label_of(self.parameter.name))
        control.setAccessibleDescription(self.parameter.help)
        return control

    def help(self) -> None:
        """Put the sentence of help below."""
        if self.parameter.help:
            words = self.parameter.help[:1].upper() + self.parameter.help[1:]
            self.column.addWidget(label(words, "quiet", wrap=True))


class NumberField(Field):
    """A number: a slider over its range and a box for the exact value."""

    def __init__(self, parameter: Parameter) -> None:
        super().__init__(parameter)
        self._whole = parameter.kind is int
        low = parameter.low if parameter.low is not None else -LARGEST
        high = parameter.high if parameter.high is not None else LARGEST
        self.box: QSpinBox | QDoubleSpinBox = QSpinBox() if self._whole else QDoubleSpinBox()
        if isinstance(self.box, QSpinBox):
            self.box.setRange(int(low), int(min(high, 2**31 - 1)))
        else:
            self.box.setDecimals(3 if high - low <= 10 else 2)
            self.box.setRange(low, high)
            self.box.setSingleStep((high - low) / 100 if high - low < LARGEST else 1)
        self.box.setFixedWidth(84)
        self.box.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.box.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        self.box.setSuffix(f" {parameter.unit}" if parameter.unit else "")
        self.head.addWidget(self.named(self.box))
        self.slider: QSlider | None = None
        if parameter.low is not None and parameter.high is not None and high - low <= 100_000:
            self._add_slider()
        self.box.valueChanged.connect(self._typed)
        self.help()
        self.set(parameter.default)

    def value(self) -> Any:
        """Return the number."""
        return self.box.value()

    def set(self, value: Any) -> None:
        """Set the number."""
        self.box.setValue(value)
        self._follow()

    def _add_slider(self) -> None:
        span = self.box.maximum() - self.box.minimum()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, int(span) if self._whole and span <= STEPS else STEPS)
        self.named(self.slider)
        self.slider.valueChanged.connect(self._slid)
        self.column.addWidget(self.slider)

    def _slid(self, position: int) -> None:
        assert self.slider is not None
        low, high = self.box.minimum(), self.box.maximum()
        value = low + (high - low) * position / self.slider.maximum()
        with QSignalBlocker(self.box):
            if isinstance(self.box, QSpinBox):
                self.box.setValue(round(value))
            else:
                self.box.setValue(value)
        self.changed.emit()

    def _typed(self) -> None:
        self._follow()
        self.changed.emit()

    def _follow(self) -> None:
        if self.slider is None:
            return
        low, high = self.box.minimum(), self.box.maximum()
        with QSignalBlocker(self.slider):
            self.slider.setValue(round((self.box.value() - low) / (high - low) * self.slider.maximum()))


class SwitchField(Field):
    """Yes or no."""

    def __init__(self, parameter: Parameter) -> None:
        super().__init__(parameter)
        self.box = QCheckBox()
        self.head.addWidget(self.named(self.box))
        self.box.toggled.connect(lambda _: self.changed.emit())
        self.help()
        self.set(parameter.default)

    def value(self) -> Any:
        """Return whether it is on."""
        return self.box.isChecked()

    def set(self, value: Any) -> None:
        """Switch on or off."""
        self.box.setChecked(bool(value))


class ChoiceField(Field):
    """One of several words."""

    def __init__(self, parameter: Parameter) -> None:
        super().__init__(parameter)
        self.box = QComboBox()
        for choice in parameter.choices:
            self.box.addItem(label_of(choice.replace("-", "_")), choice)
        self.head.addWidget(self.named(self.box))
        self.box.currentIndexChanged.connect(lambda _: self.changed.emit())
        self.help()
        self.set(parameter.default)

    def value(self) -> Any:
        """Return the chosen word."""
        return self.box.currentData()

    def set(self, value: Any) -> None:
        """Choose a word."""
        self.box.setCurrentIndex(self.box.findData(value))


class TextField(Field):
    """A text."""

    def __init__(self, parameter: Parameter) -> None:
        super().__init__(parameter)
        self.line = QLineEdit()
        self.column.addWidget(self.named(self.line))
        self.line.editingFinished.connect(self.changed.emit)
        self.help()
        self.set(parameter.default)

    def value(self) -> Any:
        """Return the text."""
        return self.line.text()

    def set(self, value: Any) -> None:
        """Set the text."""
        self.line.setText(str(value))


class RectField(Field):
    """A rectangle that is dragged on the painting."""

    def __init__(self, parameter: Parameter, pick: Pick) -> None:
        super().__init__(parameter)
        self._rect = Rect(0, 0, 0, 0)
        self._words = label("", "number")
        self.mark = icon_button("pick", "Mark it on the painting", lambda: pick(self._picked), 18)
        self.clear = icon_button("close", "Forget the rectangle", lambda: self._picked(Rect(0, 0, 0, 0)))
        for part in (self._words, self.mark, self.clear):
            self.head.addWidget(part)
        self.help()
        self.set(parameter.default)

    def value(self) -> Any:
        """Return the rectangle in scan pixels."""
        return self._rect

    def set(self, value: Any) -> None:
        """Set the rectangle."""
        self._rect = Rect(*value)
        marked = bool(self._rect.width and self._rect.height)
        self._words.setText(f"{self._rect.width} × {self._rect.height} px" if marked else "not marked")
        self.clear.setVisible(marked)

    def _picked(self, rect: Rect) -> None:
        self.set(rect)
        self.changed.emit()


def field_for(parameter: Parameter, pick: Pick) -> Field:
    """Return the field that suits a parameter."""
    if parameter.choices:
        return ChoiceField(parameter)
    if parameter.kind is Rect:
        return RectField(parameter, pick)
    if parameter.kind is bool:
        return SwitchField(parameter)
    return NumberField(parameter) if parameter.kind in (int, float) else TextField(parameter)
