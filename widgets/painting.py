"""Painting into a mask: strokes and outlines in scan pixels, tile by tile, so that size never matters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from PyQt6.QtCore import QPointF, QRect, QRectF
from PyQt6.QtGui import QImage, QPainter, QPainterPath, QPolygonF

from workstation.errors import MaskError
from workstation.operations.mask import TILE, Bits, Mask

MOST_PIXELS = 150_000_000
"""A single stroke or outline may span this many scan pixels: more is a slip of the hand."""


def stroke(mask: Mask, start: QPointF, end: QPointF, radius: float, mark: bool = True) -> QRect:
    """Mark (or unmark) what a round brush covers on its way; returns the rectangle that may have changed."""
    radius = max(radius, 0.5)
    grown = QRectF(start, end).normalized().adjusted(-radius, -radius, radius, radius)
    place = _inside(mask, grown)
    for block in _blocks(place):
        _apply(mask, block, _near(block, start, end, radius), mark)
    return place


def outline(mask: Mask, corners: Sequence[QPointF], mark: bool = True) -> QRect:
    """Mark (or unmark) the inside of a closed line; returns the rectangle that may have changed."""
    path = QPainterPath()
    path.addPolygon(QPolygonF(list(corners)))
    path.closeSubpath()
    place = _inside(mask, path.boundingRect())
    for block in _blocks(place):
        _apply(mask, block, _filled(block, path), mark)
    return place


def _inside(mask: Mask, wanted: QRectF) -> QRect:
    place = wanted.toAlignedRect().intersected(QRect(0, 0, mask.width, mask.height))
    if place.width() * place.height() > MOST_PIXELS:
        raise MaskError("That would mark a very large part of the scan at once. Zoom in and paint there.")
    return place


def _blocks(place: QRect) -> Iterator[QRect]:
    """Cut a rectangle along the mask's tiles, so that each is rewritten once."""
    for top in range(place.top() // TILE * TILE, place.bottom() + 1, TILE):
        for left in range(place.left() // TILE * TILE, place.right() + 1, TILE):
            yield QRect(left, top, TILE, TILE).intersected(place)


def _near(block: QRect, start: QPointF, end: QPointF, radius: float) -> Bits:
    """Return which pixel centres of the block lie within `radius` of the line from start to end."""
    ys = np.arange(block.top(), block.bottom() + 1)[:, None] + 0.5 - start.y()
    xs = np.arange(block.left(), block.right() + 1)[None, :] + 0.5 - start.x()
    dx, dy = end.x() - start.x(), end.y() - start.y()
    length = dx * dx + dy * dy
    along = np.clip((xs * dx + ys * dy) / length, 0, 1) if length else np.zeros((1, 1))
    found: Bits = (xs - along * dx) ** 2 + (ys - along * dy) ** 2 <= radius * radius
    return found


def _filled(block: QRect, path: QPainterPath) -> Bits:
    image = QImage(block.size(), QImage.Format.Format_Grayscale8)
    image.fill(0)
    painter = QPainter(image)
    painter.translate(-block.left(), -block.top())
    painter.fillPath(path, 0xFFFFFFFF)
    painter.end()
    return samples(image) > 127


def samples(image: QImage) -> npt.NDArray[np.uint8]:
    """Return the bytes of a picture of one byte a pixel as an array."""
    data = image.constBits()
    assert data is not None
    data.setsize(image.sizeInBytes())
    flat: npt.NDArray[np.uint8] = np.frombuffer(data.asstring(), np.uint8)
    return flat.reshape(image.height(), image.bytesPerLine())[:, : image.width()]


def _apply(mask: Mask, block: QRect, marked: Bits, mark: bool) -> None:
    if not marked.any():
        return
    change = mask.add if mark else mask.remove
    change(block.top(), block.left(), marked)
