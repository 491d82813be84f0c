from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import QPointF

from tests.widgets.conftest import Bench
from widgets.levels import arrays_of
from widgets.lighttable import TableLayer, place_of
from widgets.view import View
from workstation.scans.source import Level, Metadata, Pixels


class Marked:
    """A pyramid of any size in which one pixel, and those around it, are white at every level."""

    def __init__(self, height: int, width: int, y: int, x: int, around: int = 0) -> None:
        sizes, self.place, self.around = [], (y, x), around
        while True:
            sizes.append(Level(height, width, 1, np.dtype(np.uint8), (64, 64)))
            if max(height, width) <= 64:
                break
            height, width = -(-height // 2), -(-width // 2)
        self.levels = tuple(sizes)
        self.metadata, self.damaged = Metadata(pixels_per_mm=2.0), ()

    def read(self, level: int, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        block = np.zeros((y1 - y0, x1 - x0, 1), np.uint8)
        row, column = (side >> level for side in self.place)
        top, left = max(row - self.around - y0, 0), max(column - self.around - x0, 0)
        block[top : max(row + self.around + 1 - y0, 0), left : max(column + self.around + 1 - x0, 0)] = 255
        return block

    def close(self) -> None:
        """Nothing to give back."""


@given(st.integers(1, 5000), st.integers(1, 5000), st.floats(0, 0.999), st.floats(0, 0.999))
def test_on_any_size_a_marked_pixel_lies_inside_its_coarser_ones_as_the_canvas_scales_them(
    height: int, width: int, y: float, x: float
) -> None:
    place = (int(y * height), int(x * width))
    arrays = arrays_of(Marked(height, width, *place), lambda _: None)
    for array in arrays:
        rows, columns = np.nonzero(array[:, :])
        for axis, found in ((0, rows), (1, columns)):
            step = arrays[0].shape[axis] / array.shape[axis]  # how napari places a level
            assert found[0] * step <= place[axis] < (found[0] + 1) * step


@pytest.mark.parametrize("size", [(2999, 4001), (1025, 2047)])
def test_a_marked_pixel_of_an_odd_scan_stays_where_it_is_at_every_zoom(
    bench: Bench, size: tuple[int, int]
) -> None:
    mark = (size[0] // 2 + 3, size[1] // 2 - 5)
    source = Marked(*size, *mark, around=3)
    bench.window.table.add(TableLayer("odd", "Odd", "VIS", source, place_of(source)[0]))
    canvas, levels = bench.window.stage.canvas, set()
    canvas.smooth(False)
    bench.do("actual")

    def is_there() -> bool:
        rows, columns = np.nonzero(bench.seen()[..., 0] > 100)
        if not canvas.complete or not len(rows):
            return False
        step = 1 << canvas.seen()[0][0].index
        y, x = (((side // step) + 0.5) * step / 2 for side in mark)  # two pixels a millimetre
        spot = canvas.view.to_screen().map(QPointF(x, y))
        found = (rows.min() + rows.max() + 1) / 2, (columns.min() + columns.max() + 1) / 2
        return bool(abs(found[0] - spot.y()) <= 1 and abs(found[1] - spot.x()) <= 1)

    for zoom in (4.0, 1.0, 0.5, 0.26, 0.13):
        canvas.look(View(x=size[1] / 4, y=size[0] / 4, zoom=2 * zoom))
        bench.wait(is_there)
        levels.add(canvas.seen()[0][0].index)
    assert len(levels) >= 3, "several levels were seen"
