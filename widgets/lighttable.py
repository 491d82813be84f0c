"""The layers that lie on the table: what they are, how they are looked at, masked and treated."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from PyQt6.QtCore import QObject, QPointF, QRect, QRectF, pyqtSignal
from PyQt6.QtGui import QTransform

from widgets.history import History, SessionHistory
from widgets.levels import full_range
from workstation.operations.mask import Mask
from workstation.scans.hatch import damage_seen
from workstation.scans.source import Box, Damage, Level, Metadata, Pixels, TileSource

Role = Literal["scan", "demonstration", "restored", "difference"]
Matrix = npt.NDArray[np.float64]
UNDO_STROKES = 200


@dataclass(frozen=True, slots=True)
class Look:
    """How a layer is seen; the scan itself never changes."""

    visible: bool = True
    opacity: float = 1.0
    low: float = 0.0
    high: float = 255.0
    gamma: float = 1.0


class Changing:
    """A tile source whose pixels come from another one that can be exchanged: the scan as treated so far."""

    def __init__(self, inner: TileSource) -> None:
        self.inner = inner

    @property
    def levels(self) -> tuple[Level, ...]:
        """The resolutions; the same whatever lies inside."""
        return self.inner.levels

    @property
    def metadata(self) -> Metadata:
        """What travels with the pixels."""
        return self.inner.metadata

    @property
    def damaged(self) -> tuple[Damage, ...]:
        """The tiles found damaged so far."""
        return self.inner.damaged

    def damage_seen(self, level: int, block: Box) -> set[Box]:
        """Return where a block of a level shows damage, in that level's pixels."""
        return damage_seen(self.inner, level, block)

    def read(self, level: int, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        """Return the block as it is treated now."""
        return self.inner.read(level, y0, y1, x0, x1)

    def close(self) -> None:
        """Close what lies inside."""
        self.inner.close()


@dataclass(eq=False)
class TableLayer:
    """One layer on the table."""

    key: str
    name: str
    kind: str
    scan: TileSource
    to_painting: Matrix
    """Pixel corners (x, y, 1) → millimetres."""
    in_mm: bool = True
    path: Path | None = None
    page: int = 0
    role: Role = "scan"
    history: History = field(default_factory=SessionHistory)
    catalogue_id: int | None = None

    def __post_init__(self) -> None:
        level = self.scan.levels[0]
        low, high = self.tones
        self.look = Look(low=low, high=high)
        self.mask = Mask(level.height, level.width)
        self.strokes: list[Mask] = []
        self.unstroked: list[Mask] = []
        self.shown = Changing(self.scan)

    @property
    def tones(self) -> tuple[float, float]:
        """What is black and what is white of the scan: the ends of its samples, whatever their type holds."""
        black, white = full_range(self.scan.levels[0].dtype)
        return black, float(self.scan.metadata.white or white)

    @property
    def transform(self) -> QTransform:
        """The layer's place as Qt's matrix: scan pixels → millimetres."""
        m = self.to_painting
        return QTransform(*(float(m[row, column]) for column in range(3) for row in range(3)))

    @property
    def extent(self) -> QRectF:
        """What the layer covers of the painting's plane, in millimetres."""
        level = self.scan.levels[0]
        return self.transform.mapRect(QRectF(0, 0, level.width, level.height))

    @property
    def px_per_unit(self) -> float:
        """How many scan pixels lie on one millimetre."""
        return float(1 / np.sqrt(abs(np.linalg.det(self.to_painting[:2, :2]))))

    def forget_strokes(self) -> None:
        """Begin with an empty mask: the old one belongs to a step now."""
        self.mask = Mask(self.mask.height, self.mask.width)
        self.strokes.clear()
        self.unstroked.clear()

    def to_pixels(self, place: QPointF) -> QPointF:
        """Return the scan pixel at a place of the painting."""
        back, _ = self.transform.inverted()
        return back.map(place)


class LightTable(QObject):
    """The layers in their order, the current one, and every change of them as a signal."""

    added = pyqtSignal(object)
    removed = pyqtSignal(object)
    current_changed = pyqtSignal(object)
    look_changed = pyqtSignal(object)
    order_changed = pyqtSignal()
    mask_changed = pyqtSignal(object, object)
    """A layer, and the rectangle of scan pixels that changed (None: anywhere)."""
    treatment_changed = pyqtSignal(object)
    damage_found = pyqtSignal(object)
    """A layer of which more tiles are known to be damaged than before."""
    place_wanted = pyqtSignal(object)
    """A part of the painting, as a QRectF, that somebody wants to see."""

    def __init__(self) -> None:
        super().__init__()
        self.layers: list[TableLayer] = []
        """From the bottom to the top."""
        self.current: TableLayer | None = None

    def add(self, layer: TableLayer, place: int | None = None) -> None:
        """Lay a layer on top, or at a height; one without a scale is made as wide as the painting."""
        if self.layers and not layer.in_mm and self.in_mm:
            width = self.layers[0].extent.width() / layer.scan.levels[0].width
            layer.to_painting = np.diag([width, width, 1.0])
        on_top = place is None or place >= len(self.layers)
        self.layers.insert(len(self.layers) if place is None else place, layer)
        self.added.emit(layer)
        if on_top:
            self.choose(layer)

    def remove(self, layer: TableLayer) -> None:
        """Take a layer off; its file stays."""
        self.layers.remove(layer)
        self.removed.emit(layer)
        if self.current is layer:
            self.choose(self.layers[-1] if self.layers else None)
        layer.scan.close()

    def choose(self, layer: TableLayer | None) -> None:
        """Make a layer the current one: tools, forms and status are about it."""
        if layer is not self.current:
            self.current = layer
            self.current_changed.emit(layer)

    def move(self, layer: TableLayer, place: int) -> None:
        """Put a layer at another height; 0 is the bottom."""
        self.layers.remove(layer)
        self.layers.insert(place, layer)
        self.order_changed.emit()

    def look(self, layer: TableLayer, **changes: float | bool) -> None:
        """Change how a layer is seen."""
        layer.look = replace(layer.look, **changes)  # type: ignore[arg-type] # the fields' own types
        self.look_changed.emit(layer)

    def layer(self, key: str) -> TableLayer | None:
        """Return the layer of that key."""
        return next((layer for layer in self.layers if layer.key == key), None)

    @property
    def in_mm(self) -> bool:
        """Whether lengths are known in millimetres: the lowest layer decides."""
        return bool(self.layers) and self.layers[0].in_mm

    @property
    def extent(self) -> QRectF:
        """What the layers that are seen cover together; all of them where none is."""
        whole = QRectF()
        for layer in [layer for layer in self.layers if layer.look.visible] or self.layers:
            whole = whole.united(layer.extent)
        return whole

    def begin_stroke(self, layer: TableLayer) -> None:
        """Remember the mask as it is: one step of undo, which shares its tiles."""
        layer.strokes.append(layer.mask.copy())
        del layer.strokes[:-UNDO_STROKES]
        layer.unstroked.clear()

    def stroked(self, layer: TableLayer, place: QRect) -> None:
        """Tell that the mask changed in a rectangle."""
        self.mask_changed.emit(layer, place)

    def set_mask(self, layer: TableLayer, mask: Mask) -> None:
        """Put another mask in place; undo brings the old one back."""
        self.begin_stroke(layer)
        layer.mask = mask
        self.mask_changed.emit(layer, None)

    def undo(self, layer: TableLayer) -> bool:
        """Take back the last stroke, or else the last step of the treatment."""
        if layer.strokes:
            layer.unstroked.append(layer.mask)
            layer.mask = layer.strokes.pop()
            self.mask_changed.emit(layer, None)
            return True
        return layer.history.undo() and self._treated(layer)

    def redo(self, layer: TableLayer) -> bool:
        """Bring back what was taken back last."""
        if layer.unstroked:
            layer.strokes.append(layer.mask)
            layer.mask = layer.unstroked.pop()
            self.mask_changed.emit(layer, None)
            return True
        return layer.history.redo() and self._treated(layer)

    def retreat(self, layer: TableLayer) -> None:
        """Tell that the treatment of a layer is another one now."""
        self._treated(layer)

    def _treated(self, layer: TableLayer) -> bool:
        self.treatment_changed.emit(layer)
        return True


def place_of(source: TileSource) -> tuple[Matrix, bool]:
    """Return where a scan lies when nothing else is known: its own resolution decides, if it states one."""
    scale = source.metadata.pixels_per_mm
    size = 1 / scale if scale else 1.0
    return np.diag([size, size, 1.0]), bool(scale)
