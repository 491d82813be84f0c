"""The connected parts of a mask of any size, found tile by tile with union-find over tile borders.

Marked pixels within REACH px of each other belong to one region, so a fill of one region never reads, through
a stencil of radius REACH - 1 or less, a pixel that another region's fill writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from workstation.operations.mask import TILE, Bits, Mask

REACH = 3
Labels = npt.NDArray[np.int32]
Place = tuple[int, int]
Local = tuple[int, int, int]
"""A part of a region inside one tile: (row, column, label)."""


@dataclass(frozen=True, slots=True)
class Region:
    """One connected part of a mask: its place in the list, bounding box and area in px."""

    index: int
    y0: int
    y1: int
    x0: int
    x1: int
    area: int


class Regions:
    """All regions of a mask, in reading order of their bounding boxes; the mask must stay as it is."""

    def __init__(self, mask: Mask) -> None:
        self.mask = mask
        self._labels = lru_cache(maxsize=64)(self._label_tile)
        parents = self._join()
        self.all, self._index = self._number(parents)
        self._by_tile: dict[Place, set[int]] = {}
        for (row, column, _), index in self._index.items():
            self._by_tile.setdefault((row, column), set()).add(index)

    def touching(self, y0: int, y1: int, x0: int, x1: int) -> tuple[Region, ...]:
        """Return the regions whose bounding box meets the block."""
        near: set[int] = set()
        for row in range(y0 // TILE, (y1 - 1) // TILE + 1):
            for column in range(x0 // TILE, (x1 - 1) // TILE + 1):
                near |= self._by_tile.get((row, column), set())
        found = (self.all[index] for index in sorted(near))
        return tuple(r for r in found if r.y0 < y1 and r.y1 > y0 and r.x0 < x1 and r.x1 > x0)

    def read(self, region: Region, y0: int, y1: int, x0: int, x1: int) -> Bits:
        """Return the block of the mask that belongs to this one region."""
        block = np.zeros((y1 - y0, x1 - x0), bool)
        for row in range(y0 // TILE, (y1 - 1) // TILE + 1):
            for column in range(x0 // TILE, (x1 - 1) // TILE + 1):
                if region.index in self._by_tile.get((row, column), ()):
                    self._copy(region, row, column, block, y0, x0)
        return block & self.mask.read(y0, y1, x0, x1)

    def _copy(self, region: Region, row: int, column: int, block: Bits, y0: int, x0: int) -> None:
        labels = self._labels(row, column)
        wanted = np.zeros(int(labels.max()) + 1, bool)
        for label in range(1, len(wanted)):
            wanted[label] = self._index.get((row, column, label)) == region.index
        top, left = row * TILE, column * TILE
        a, b = max(y0, top), min(y0 + block.shape[0], top + labels.shape[0])
        c, d = max(x0, left), min(x0 + block.shape[1], left + labels.shape[1])
        block[a - y0 : b - y0, c - x0 : d - x0] = wanted[labels[a - top : b - top, c - left : d - left]]

    def _label_tile(self, row: int, column: int) -> Labels:
        """Label the tile's marked pixels, grown by one pixel so that near neighbours touch."""
        from scipy import ndimage

        y0, x0 = row * TILE, column * TILE
        y1, x1 = min(y0 + TILE, self.mask.height), min(x0 + TILE, self.mask.width)
        square = np.ones((3, 3), bool)
        marked = self.mask.read(y0 - 1, y1 + 1, x0 - 1, x1 + 1)
        grown = ndimage.binary_dilation(marked, square)[1:-1, 1:-1]
        labels: Labels = ndimage.label(grown, square, output=np.int32)[0]
        return labels

    def _tiles(self) -> list[Place]:
        """Return the tiles with marked pixels and their neighbours, where growing may have reached."""
        rows, columns = -(-self.mask.height // TILE), -(-self.mask.width // TILE)
        near = {
            (row + dy, column + dx)
            for row, column in self.mask.tiles
            for dy in (-1, 0, 1)
            for dx in (-1, 0, 1)
        }
        return sorted((row, column) for row, column in near if 0 <= row < rows and 0 <= column < columns)

    def _join(self) -> dict[Local, Local]:
        """Return the union-find forest over the parts of all tiles."""
        parents: dict[Local, Local] = {}
        borders: dict[Place, dict[str, Labels]] = {}
        for row, column in self._tiles():
            labels = self._labels(row, column)
            for label in range(1, int(labels.max()) + 1):
                parents[row, column, label] = (row, column, label)
            borders[row, column] = {"bottom": labels[-1].copy(), "right": labels[:, -1].copy()}
            for here, there in self._contacts(row, column, labels, borders):
                parents[_root(parents, here)] = _root(parents, there)
        return parents

    def _contacts(
        self, row: int, column: int, labels: Labels, borders: dict[Place, dict[str, Labels]]
    ) -> Iterator[tuple[Local, Local]]:
        """Yield the pairs of parts that touch across the borders to the tiles seen before."""
        edges = {
            (row, column - 1): (labels[:, 0], "right"),
            (row - 1, column): (labels[0], "bottom"),
        }
        for (r, c), (mine, side) in edges.items():
            if (r, c) in borders:
                for a, b in _touching(mine, borders[r, c][side]):
                    yield (row, column, a), (r, c, b)
        corners = {(row - 1, column - 1): (labels[0, 0], -1), (row - 1, column + 1): (labels[0, -1], 0)}
        for (r, c), (corner, end) in corners.items():
            if (r, c) in borders and corner and borders[r, c]["bottom"][end]:
                yield (row, column, int(corner)), (r, c, int(borders[r, c]["bottom"][end]))

    def _number(self, parents: dict[Local, Local]) -> tuple[tuple[Region, ...], dict[Local, int]]:
        """Measure each region and number them in reading order."""
        boxes: dict[Local, tuple[int, int, int, int, int]] = {}
        for row, column in self.mask.tiles:
            for label, box in self._measure(row, column):
                root = _root(parents, (row, column, label))
                boxes[root] = _joined(boxes[root], box) if root in boxes else box
        order = sorted(boxes, key=lambda root: boxes[root])
        numbers = {root: index for index, root in enumerate(order)}
        regions = tuple(
            Region(index, y0, y1, x0, x1, area)
            for index, (y0, x0, y1, x1, area) in enumerate(boxes[root] for root in order)
        )
        return regions, {
            part: numbers[_root(parents, part)] for part in parents if _root(parents, part) in numbers
        }

    def _measure(self, row: int, column: int) -> Iterator[tuple[int, tuple[int, int, int, int, int]]]:
        """Yield (label, (y0, x0, y1, x1, area)) of the marked pixels of each part of a tile."""
        from scipy import ndimage

        top, left = row * TILE, column * TILE
        labels = self._labels(row, column)
        marked = self.mask.read(top, top + labels.shape[0], left, left + labels.shape[1])
        own = np.where(marked, labels, 0)
        areas = np.bincount(own.ravel())
        for label, box in enumerate(ndimage.find_objects(own), start=1):
            if box is not None:
                y, x = box
                yield label, (top + y.start, left + x.start, top + y.stop, left + x.stop, int(areas[label]))


def _root(parents: dict[Local, Local], part: Local) -> Local:
    while parents[part] != part:
        parents[part] = parents[parents[part]]
        part = parents[part]
    return part


def _touching(mine: Labels, theirs: Labels) -> set[tuple[int, int]]:
    """Return the label pairs that are 8-neighbours across a straight border."""
    pairs: set[tuple[int, int]] = set()
    for shift in (-1, 0, 1):
        a = mine[max(shift, 0) : len(mine) + min(shift, 0)]
        b = theirs[max(-shift, 0) : len(theirs) + min(-shift, 0)]
        both = (a > 0) & (b > 0)
        pairs.update(zip(a[both].tolist(), b[both].tolist(), strict=True))
    return pairs


def _joined(
    a: tuple[int, int, int, int, int], b: tuple[int, int, int, int, int]
) -> tuple[int, int, int, int, int]:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3]), a[4] + b[4]
