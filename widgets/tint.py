"""Show a mask over the painting: a tint at the screen's resolution, whatever the size of the scan."""

from __future__ import annotations

import math
from collections import OrderedDict

import numpy as np
import numpy.typing as npt
from PyQt6.QtCore import QRect, QRectF
from PyQt6.QtGui import QImage, QPainter, QTransform

from widgets.theme import MASK
from workstation.operations.mask import TILE, Bits, Mask

FILL, EDGE = 84, 235
"""Opacity of the tint and of its outline, of 255: paint must be seen through it."""
KEPT = 4096
LEVELS = TILE.bit_length()


class MaskTint:
    """Draws a mask; keeps its tiles in coarser steps so that looking from afar costs little."""

    def __init__(self) -> None:
        self._mask: Mask | None = None
        """What is kept is of this one; held, so that no other can take its identity."""
        self._small: OrderedDict[tuple[int, int, int], Bits] = OrderedDict()
        self._drawn: tuple[object, tuple[QImage, QRect]] | None = None

    def forget(self, place: QRect | None = None) -> None:
        """Drop what is kept of the mask, or of one rectangle of it."""
        self._drawn = None
        if place is None:
            self._small.clear()
            return
        for key in [key for key in self._small if _tile(key).intersects(place)]:
            del self._small[key]

    def draw(
        self, painter: QPainter, mask: Mask, to_screen: QTransform, canvas: QRectF, fill: int = FILL
    ) -> None:
        """Draw what of the mask is on the screen; `to_screen` maps scan pixels there."""
        if mask is not self._mask:
            self.forget()
            self._mask = mask
        back, can = to_screen.inverted()
        if not can or not mask.tiles:
            return
        seen = back.mapRect(canvas).toAlignedRect().intersected(QRect(0, 0, mask.width, mask.height))
        scale = math.sqrt(abs(to_screen.determinant()))
        level = max(math.ceil(math.log2(1 / scale)), 0)  # a cell is never less than a screen px
        image = self._image(mask, seen, level, fill)
        if image is None:
            return
        picture, place = image
        painter.save()
        painter.setTransform(to_screen, combine=True)
        painter.drawImage(QRectF(place), picture)
        painter.restore()

    def _image(self, mask: Mask, seen: QRect, level: int, fill: int) -> tuple[QImage, QRect] | None:
        tiles = [tile for tile in mask.tiles if _tile((*tile, 0)).intersects(seen)]
        if not tiles:
            return None
        asked = (tiles, level, fill)
        if self._drawn is None or self._drawn[0] != asked:
            self._drawn = asked, self._painted(mask, tiles, level, fill)
        return self._drawn[1]

    def _painted(
        self, mask: Mask, tiles: list[tuple[int, int]], level: int, fill: int
    ) -> tuple[QImage, QRect]:
        """Return the tiles' cells as a picture, and what it covers of the scan."""
        top, left = min(row for row, _ in tiles), min(column for _, column in tiles)
        bottom, right = max(row for row, _ in tiles) + 1, max(column for _, column in tiles) + 1
        further, level = max(level - LEVELS + 1, 0), min(level, LEVELS - 1)
        side = TILE >> level
        marked = np.zeros(((bottom - top) * side, (right - left) * side), bool)
        for row, column in tiles:
            y, x = (row - top) * side, (column - left) * side
            marked[y : y + side, x : x + side] = self._reduced(mask, row, column, level)
        marked = _coarser(marked, 1 << further)
        size = 1 << level << further
        place = QRect(left * TILE, top * TILE, marked.shape[1] * size, marked.shape[0] * size)
        return _tinted(marked, fill), place

    def _reduced(self, mask: Mask, row: int, column: int, level: int) -> Bits:
        key = (row, column, level)
        if key not in self._small:
            y, x, side = row * TILE, column * TILE, TILE >> level
            tile = mask.read(y, y + TILE, x, x + TILE)
            cells = tile.reshape(side, 1 << level, side, 1 << level)
            self._small[key] = np.asarray(cells.any(axis=(1, 3)))
            if len(self._small) > KEPT:
                self._small.popitem(last=False)
        self._small.move_to_end(key)
        return self._small[key]


def _coarser(marked: Bits, step: int) -> Bits:
    """Return cells of `step` × `step`, marked where any of them was."""
    if step == 1:
        return marked
    height, width = (-(-side // step) * step for side in marked.shape)
    padded = np.zeros((height, width), bool)
    padded[: marked.shape[0], : marked.shape[1]] = marked
    return np.asarray(padded.reshape(height // step, step, width // step, step).any(axis=(1, 3)))


def _tile(key: tuple[int, int, int]) -> QRect:
    return QRect(key[1] * TILE, key[0] * TILE, TILE, TILE)


def _tinted(marked: Bits, fill: int) -> QImage:
    """Return the marked pixels in the mask's colour, their outline stronger than their inside."""
    inside = marked.copy()
    inside[1:] &= marked[:-1]
    inside[:-1] &= marked[1:]
    inside[:, 1:] &= marked[:, :-1]
    inside[:, :-1] &= marked[:, 1:]
    opacity: npt.NDArray[np.uint32] = np.where(marked, np.where(inside, fill, EDGE), 0).astype(np.uint32)
    pixels = opacity << np.uint32(24)
    for shift, part in ((16, MASK.red()), (8, MASK.green()), (0, MASK.blue())):
        pixels |= (opacity * np.uint32(part) // np.uint32(255)) << np.uint32(shift)
    height, width = pixels.shape
    format_ = QImage.Format.Format_ARGB32_Premultiplied
    return QImage(np.ascontiguousarray(pixels).tobytes(), width, height, width * 4, format_).copy()
