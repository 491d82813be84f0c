"""The map of colour differences of two layers on the canvas, with its legend."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QColor, QImage, QPainter

from widgets.canvas import Picture
from widgets.comparing import BEFORE
from widgets.lighttable import LightTable
from widgets.pictures import Pictures
from workstation.errors import UsageError
from workstation.scans.source import TileSource

KEY = "difference"
WIDTH, HEIGHT, MARGIN = 260.0, 12.0, 16.0


def difference_picture(table: LightTable, first: str, second: str, pictures: Pictures) -> Picture:
    """Return the map of two layers as a picture; UsageError where they do not lie pixel on pixel."""
    from workstation.comparison.difference import DifferenceSource

    layer = table.layer(first.removesuffix(BEFORE))
    if layer is None:
        raise UsageError("Choose two layers to compare.")
    source = DifferenceSource(_source(table, first), _source(table, second))
    return pictures.map(KEY, source, layer.to_painting)


def draw_legend(painter: QPainter, canvas: QRectF) -> None:
    """Draw the colours with their numbers in the upper left corner."""
    from workstation.comparison.difference import SCALE
    from workstation.comparison.palette import palette

    colours = palette()
    image = QImage(colours.tobytes(), len(colours), 1, 3 * len(colours), QImage.Format.Format_RGB888).copy()
    plate = QRectF(MARGIN, MARGIN, WIDTH + 28, 62)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(18, 18, 18, 205))
    painter.drawRoundedRect(plate, 5, 5)
    bar = QRectF(plate.left() + 14, plate.top() + 26, WIDTH, HEIGHT)
    painter.drawImage(bar, image)
    painter.setPen(QColor("#f0f0f0"))
    head = QRectF(bar.left(), plate.top() + 4, WIDTH, 20)
    painter.drawText(head, Qt.AlignmentFlag.AlignVCenter, "Colour difference ΔE00")
    for part, side in (
        (0, Qt.AlignmentFlag.AlignLeft),
        (0.5, Qt.AlignmentFlag.AlignHCenter),
        (1, Qt.AlignmentFlag.AlignRight),
    ):
        text = f"{SCALE * part:g}" + (" or more" if part == 1 else "")
        painter.drawText(
            QRectF(bar.left(), bar.bottom() + 2, WIDTH, 18), side | Qt.AlignmentFlag.AlignVCenter, text
        )


def _source(table: LightTable, key: str) -> TileSource:
    """Return what a key of the comparison stands for: a layer as it is shown, or as it was scanned."""
    layer = table.layer(key.removesuffix(BEFORE))
    if layer is None:
        raise UsageError("Choose two layers to compare.")
    return layer.scan if key.endswith(BEFORE) else layer.shown
