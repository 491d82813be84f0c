"""The layers on the table: a row each with picture, name, kind, visibility and opacity; the top one first."""

from __future__ import annotations

from PyQt6.QtCore import QSignalBlocker, QSize, Qt
from PyQt6.QtGui import QAction, QPixmap
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QListWidget, QListWidgetItem, QSlider, QVBoxLayout, QWidget

from widgets.colours import Colours
from widgets.damage_list import count_words, damage_count
from widgets.icons import icon
from widgets.lighttable import LightTable, TableLayer
from widgets.parts import Elided, icon_button, label
from widgets.running import Running, plain
from workstation.scans.colour import Display
from workstation.scans.thumbnail import thumbnail

SIDE = 52
LOW, HIGH = 68, 96
"""Height of a row, and of the current one, which also shows the opacity."""


class LayerRow(QWidget):
    """One layer."""

    def __init__(self, layer: TableLayer, table: LightTable, display: Display) -> None:
        super().__init__()
        self._layer, self._table = layer, table
        self.picture = QLabel()
        self.picture.setFixedSize(SIDE, SIDE)
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.picture.setStyleSheet("background: #262626; border-radius: 2px;")
        self._name, self._facts = Elided("head"), Elided("quiet")
        self.eye = icon_button("eye", f"Show or hide {layer.name}", self._toggle, 18)
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(0, 100)
        self.opacity.setAccessibleName(f"Opacity of {layer.name}")
        self.opacity.setToolTip("Opacity")
        self.opacity.valueChanged.connect(lambda value: table.look(layer, opacity=value / 100))
        self._percent = label("", "number")
        self._percent.setFixedWidth(38)
        self._percent.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._fading = QWidget()
        fading = QHBoxLayout(self._fading)
        fading.setContentsMargins(0, 0, 0, 0)
        fading.addWidget(self.opacity, 1)
        fading.addWidget(self._percent)
        self._arrange()
        self.refresh(False)
        self._work = Running("thumbnail", plain(lambda: thumbnail(layer.scan, 160, through=display)))
        self._work.done.connect(self._show_picture)
        self._work.start()

    def refresh(self, current: bool) -> None:
        """Show the layer as it is now."""
        look = self._layer.look
        self._name.say(self._layer.name)
        self._facts.say(facts(self._layer))
        self.eye.setIcon(icon("eye" if look.visible else "eye-off"))
        with QSignalBlocker(self.opacity):
            self.opacity.setValue(round(look.opacity * 100))
        self._percent.setText(f"{look.opacity:.0%}")
        self._fading.setVisible(current)

    def _arrange(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addStretch(1)
        words.addWidget(self._name)
        words.addWidget(self._facts)
        words.addStretch(1)
        top = QHBoxLayout()
        top.setSpacing(10)
        top.addWidget(self.picture)
        top.addLayout(words, 1)
        top.addWidget(self.eye)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 8, 8)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(self._fading)

    def _toggle(self) -> None:
        self._table.look(self._layer, visible=not self._layer.look.visible)

    def _show_picture(self, packed: bytes) -> None:
        picture = QPixmap()
        picture.loadFromData(packed)
        ratio = self.devicePixelRatioF()
        size = QSize(round(SIDE * ratio), round(SIDE * ratio))
        keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        scaled = picture.scaled(size, keep, smooth)
        scaled.setDevicePixelRatio(ratio)
        self.picture.setPixmap(scaled)


class LayersPanel(QListWidget):
    """The rows; choosing one makes it the current layer."""

    def __init__(self, table: LightTable, colours: Colours) -> None:
        super().__init__()
        self._table, self._colours = table, colours
        self._items: dict[TableLayer, tuple[QListWidgetItem, LayerRow]] = {}
        self.setAccessibleName("Layers")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.setStyleSheet("QListWidget::item { padding: 0; }")
        for words, step in (("Raise the layer", 1), ("Lower the layer", -1)):
            action = QAction(words, self)
            action.triggered.connect(lambda _checked, step=step: self._move(step))
            self.addAction(action)
        self.currentItemChanged.connect(self._chosen)
        table.added.connect(self._added)
        table.removed.connect(self._removed)
        table.order_changed.connect(self._rebuild)
        colours.changed.connect(self._rebuild)
        table.look_changed.connect(lambda _: self.refresh())
        table.current_changed.connect(lambda _: self.refresh())
        table.damage_found.connect(lambda _: self.refresh())

    def row_of(self, layer: TableLayer) -> LayerRow:
        """Return the row of a layer."""
        return self._items[layer][1]

    def refresh(self) -> None:
        """Show all rows as they are now."""
        for layer, (item, row) in self._items.items():
            current = layer is self._table.current
            row.refresh(current)
            item.setSizeHint(QSize(0, HIGH if current else LOW))
            if current:
                with QSignalBlocker(self):
                    self.setCurrentItem(item)

    def _added(self, layer: TableLayer) -> None:
        place = len(self._table.layers) - 1 - self._table.layers.index(layer)
        self._insert(layer, place)
        self.refresh()

    def _insert(self, layer: TableLayer, place: int) -> None:
        item, row = QListWidgetItem(), LayerRow(layer, self._table, self._colours.display)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, layer.name)
        with QSignalBlocker(self):
            self.insertItem(place, item)
        self.setItemWidget(item, row)
        self._items[layer] = (item, row)

    def _removed(self, layer: TableLayer) -> None:
        item, _ = self._items.pop(layer)
        with QSignalBlocker(self):
            self.takeItem(self.row(item))

    def _rebuild(self) -> None:
        with QSignalBlocker(self):
            self.clear()
        self._items.clear()
        for place, layer in enumerate(reversed(self._table.layers)):
            self._insert(layer, place)
        self.refresh()

    def _chosen(self, item: QListWidgetItem | None) -> None:
        for layer, (own, _) in self._items.items():
            if own is item:
                self._table.choose(layer)

    def _move(self, step: int) -> None:
        layer = self._table.current
        if layer is not None:
            place = self._table.layers.index(layer) + step
            if 0 <= place < len(self._table.layers):
                self._table.move(layer, place)


def facts(layer: TableLayer) -> str:
    """Say a layer's kind, size and known damage in one line."""
    level, damage = layer.scan.levels[0], count_words(damage_count(layer))
    return " · ".join(part for part in (layer.kind, f"{level.width} × {level.height} px", damage) if part)
