"""A window under a real X server: the offscreen platform draws black pictures without saying so."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from widgets.lighttable import TableLayer, place_of
from widgets.theme import dress
from workstation.scans.source import ArraySource, Metadata, Pixels

LIMIT_S = 60.0


class Bench(SimpleNamespace):
    """A window with what a test does to it."""

    window: Any

    def wait(self, until: Callable[[], object]) -> None:
        """Let the window live until something is true."""
        end = time.monotonic() + LIMIT_S
        while not until():
            assert time.monotonic() < end, "waited too long"
            QApplication.processEvents()
            time.sleep(0.002)

    def settle(self) -> None:
        """Let the window finish what it is at."""
        window = self.window
        for _ in range(3):
            QApplication.processEvents()
        self.wait(lambda: window.colours.idle)
        self.wait(lambda: window.preview is None or window.preview.worker.idle)
        QApplication.processEvents()

    def lay(self, pixels: Pixels, name: str = "VIS", pixels_per_mm: float | None = 2.0) -> TableLayer:
        """Lay a picture from memory on the table."""
        source = ArraySource(pixels, Metadata(pixels_per_mm=pixels_per_mm))
        place, in_mm = place_of(source)
        layer = TableLayer(self.window.desk.new_key(), name, name, source, place, in_mm)
        self.window.table.add(layer)
        self.settle()
        return layer

    def open(self, path: Path) -> TableLayer:
        """Open a file and wait until it is on the table and in the catalogue."""
        window, before = self.window, len(self.window.table.layers)
        window.open([path])
        self.wait(lambda: len(window.table.layers) > before)
        self.wait(lambda: window.table.current.catalogue_id is not None and not window.jobs.running)
        layer: TableLayer = window.table.current
        return layer

    def do(self, key: str) -> None:
        """Trigger an action of the table."""
        action = self.window.actions_by_key[key]
        assert action.isEnabled(), key
        action.trigger()
        QApplication.processEvents()

    def drag(self, *points: tuple[float, float]) -> None:
        """Drag the mouse over the canvas, points as parts of its width and height."""
        overlay = self.window.stage.overlay
        places = [QPoint(round(x * overlay.width()), round(y * overlay.height())) for x, y in points]
        QTest.mousePress(overlay, Qt.MouseButton.LeftButton, pos=places[0])
        for place in places[1:]:
            QTest.mouseMove(overlay, place)
            QApplication.processEvents()
        QTest.mouseRelease(overlay, Qt.MouseButton.LeftButton, pos=places[-1])
        QApplication.processEvents()

    def seen(self) -> Pixels:
        """Return what the graphics card drew: (height, width, 3)."""
        self.settle()
        image = self.window.stage.canvas.framebuffer()
        image = image.convertToFormat(image.Format.Format_RGB888)
        data = image.constBits()
        data.setsize(image.sizeInBytes())
        rows = np.frombuffer(data.asstring(), np.uint8).reshape(image.height(), image.bytesPerLine())
        return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()

    def at(self, x: float, y: float) -> list[int]:
        """Return the colour drawn at a part of the canvas's width and height."""
        seen = self.seen()
        return [int(v) for v in seen[int(y * (seen.shape[0] - 1)), int(x * (seen.shape[1] - 1))]]


@pytest.fixture
def bench(qapp: QApplication, own_home: Path) -> Iterator[Bench]:
    """Show the main window with its canvas; close it and prove that the canvas is gone."""
    from napari.qt import QtViewer

    from widgets.window import MainWindow
    from workstation.catalogue.catalogue import open_catalogue

    dress(qapp)
    window = MainWindow(open_catalogue)
    window.resize(1200, 760)
    window.show()
    window.load_canvas()
    stage = Bench(window=window)
    del window
    stage.wait(lambda: stage.window.stage is not None and stage.window.desk.catalogue is not None)
    yield stage
    stage.window.close()
    stage.window.deleteLater()
    stage.window = None
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    qapp.processEvents()
    gc.collect()
    left = list(QtViewer._instances)
    QtViewer._instances.clear()
    assert not left, f"{len(left)} canvases were not given back: a signal or a closure holds them"


@pytest.fixture
def red() -> Pixels:
    """A red picture of 120 × 160 px."""
    return flat((200, 20, 20))


@pytest.fixture
def blue() -> Pixels:
    """A blue picture of the same size."""
    return flat((20, 20, 200))


def flat(colour: tuple[int, int, int]) -> Pixels:
    """Return a picture of one colour."""
    return np.full((120, 160, 3), colour, np.uint8)


def write_picture(path: Path, pixels: Pixels) -> Path:
    """Write a small TIFF."""
    import tifffile

    tifffile.imwrite(path, pixels, photometric="rgb", tile=(64, 64), resolution=(508, 508), resolutionunit=2)
    return path


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep npe2's 42 deprecations, which are none of ours, out of the report."""
    for item in items:
        item.add_marker(pytest.mark.filterwarnings("ignore::pydantic.PydanticDeprecatedSince20"))
