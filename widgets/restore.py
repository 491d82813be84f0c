"""The Restore task: an operation's form, made from its declaration, and its way into the history."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QSignalBlocker, pyqtSignal
from PyQt6.QtGui import QHideEvent, QShowEvent
from PyQt6.QtWidgets import QCheckBox, QComboBox, QVBoxLayout, QWidget

from widgets.fields import Field, Pick, field_for
from widgets.lighttable import LightTable, TableLayer
from widgets.parts import Page, button, label, rule
from workstation.errors import WorkstationError
from workstation.operations.operation import Operation, build, load_all, named, parameters, summary, title
from workstation.operations.treatment import Step


class OperationForm(QWidget):
    """The fields of one operation."""

    changed = pyqtSignal()

    def __init__(self, operation: type[Operation], pick: Pick) -> None:
        super().__init__()
        self.operation = operation
        self.fields: dict[str, Field] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for parameter in parameters(operation):
            field = field_for(parameter, pick)
            field.changed.connect(self.changed.emit)
            self.fields[parameter.name] = field
            column.addWidget(field)

    def built(self) -> Operation:
        """Return the operation as it is set; UsageError where a value does not fit."""
        return build(self.operation.name, {name: field.value() for name, field in self.fields.items()})


class RestorePanel(Page):
    """Choose an operation, see what it would do, and put it into the treatment."""

    changed = pyqtSignal()
    """What would be applied is another one now."""
    applied = pyqtSignal(object)
    render_wanted = pyqtSignal()

    def __init__(self, table: LightTable, pick: Pick, tell: Callable[[object], None]) -> None:
        super().__init__()
        self._table, self._pick, self._tell = table, pick, tell
        self.form: OperationForm | None = None
        self.fresh = True
        """Whether the form says something new: what was just added is not previewed on top of itself."""
        self.chooser = QComboBox()
        self.chooser.setAccessibleName("Operation")
        self.chooser.setToolTip("What to do with the picture")
        self.chooser.currentIndexChanged.connect(self._choose)
        self._summary = label("", "quiet", wrap=True)
        self._place = QVBoxLayout()
        self._mask = label("", "quiet", wrap=True)
        self.preview = QCheckBox("Preview on what is on the screen")
        self.preview.setChecked(True)
        self.preview.setToolTip("Shows the effect while you set it; nothing is changed yet")
        self.preview.toggled.connect(lambda _: self._changed())
        self._state = label("", "quiet", wrap=True)
        self._state.setMinimumHeight(18)
        self.apply_button = button(
            "Add to the treatment",
            self._apply,
            "The scan itself stays as it is; undo takes the step back",
            True,
        )
        self.render_button = button(
            "Render full resolution…", self.render_wanted.emit, "Write the treated picture as a new file"
        )
        self._fill()
        table.current_changed.connect(lambda _: self._changed())
        table.mask_changed.connect(self._masked)
        table.treatment_changed.connect(self._refresh)
        self._list()

    def _fill(self) -> None:
        self.put(label("Operation", "head"), self.chooser, self._summary)
        self.column.addLayout(self._place)
        self.put(rule(), label("Where", "head"), self._mask, rule(), self.preview, self._state)
        self.put(self.apply_button, self.render_button)
        self.column.addStretch(1)

    def _list(self) -> None:
        with QSignalBlocker(self.chooser):
            for name, operation in sorted(load_all().items()):
                self.chooser.addItem(title(operation), name)
        self._choose()

    def showEvent(self, event: QShowEvent | None) -> None:
        """Preview as soon as the panel is looked at."""
        super().showEvent(event)
        self.changed.emit()

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Take the preview away with the panel."""
        super().hideEvent(event)
        self.changed.emit()

    def step(self) -> Step | None:
        """Return what would be applied now, or None where it cannot be."""
        layer = self._table.current
        if layer is None or self.form is None or self._lacks(layer):
            return None
        try:
            operation = self.form.built()
        except WorkstationError as error:
            self._state.setText(str(error))
            return None
        mask = layer.mask.copy() if layer.mask.tiles else None
        return Step(operation, mask)

    def say(self, text: str) -> None:
        """Say how the preview fares."""
        self._state.setText(text)

    def _choose(self) -> None:
        if self.form is not None:
            self.form.setParent(None)
            self.form.deleteLater()
            self.form = None
        self.fresh = True
        name = self.chooser.currentData()
        if name is not None:
            operation = named(name)
            self._summary.setText(summary(operation))
            self.form = OperationForm(operation, self._pick)
            self.form.changed.connect(self._changed)
            self._place.addWidget(self.form)
        self._refresh()

    def _changed(self) -> None:
        self._state.setText("")
        self.fresh = True
        self._refresh()

    def _masked(self, layer: TableLayer, place: object) -> None:
        self.fresh = self.fresh or bool(layer.mask.tiles)
        self._refresh()

    def _refresh(self, *_: object) -> None:
        layer = self._table.current
        self._mask.setText(self._where(layer))
        ready = layer is not None and self.form is not None and not self._lacks(layer)
        self.apply_button.setEnabled(ready)
        self.render_button.setEnabled(layer is not None and bool(layer.history.treatment().steps))
        self.changed.emit()

    def _lacks(self, layer: TableLayer) -> bool:
        """Tell whether the operation needs a mask and there is none."""
        return self.form is not None and self.form.operation.needs_mask and not layer.mask.tiles

    def _where(self, layer: TableLayer | None) -> str:
        if layer is None:
            return "Open a scan first."
        if self._lacks(layer):
            return "Nothing is marked yet. Paint over the damage with the mask brush (B) or the lasso (L)."
        if not layer.mask.tiles:
            return "The whole picture. Paint a mask (B, L) to keep the work to a part of it."
        area = layer.mask.area
        size = f"{area:,} px".replace(",", "\u2009")
        if layer.in_mm:
            size += f" · {area / layer.px_per_unit**2:.4g} mm²"
        return f"Only inside the mask: {size}. Everything outside stays identical."

    def _apply(self) -> None:
        step = self.step()
        if step is not None:
            self.fresh = False
            self.applied.emit(step)
