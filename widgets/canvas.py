"""The picture in the middle of the window: napari draws, everything else is ours.

With drawing.py the only file that knows napari and vispy and their private names (PRIVATE). Importing it
costs more than a second: the window does it in a thread (widgets/startup.py).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

os.environ["NAPARI_CONFIG"] = ""  # another programme's settings are none of ours
os.environ["NAPARI_ASYNC"] = "1"  # read pixels in a thread, not in the window's

import numpy as np
import numpy.typing as npt
from napari._vispy.utils.gl import get_gl_extensions, get_max_texture_sizes
from napari.components import ViewerModel
from napari.layers import Image
from napari.qt import QtViewer
from PyQt6.QtCore import QCoreApplication, QEvent, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QImage, QResizeEvent
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from widgets.drawing import Cutter, FlatPicture, Mode
from widgets.screen import Screen, drawn_by_processor, some_context
from widgets.view import View
from workstation.scans.source import Box

_FINER = QEvent.Type.DevicePixelRatioChange
PRIVATE = ("_scene_canvas", "_layer_node", "_image_node", "_tiledimage_node", "_layer_slicer",
           "_level_materializer", "_update_thumbnail")  # fmt: skip
"""Names of napari 0.9.2 that may change without notice; tests/widgets/test_canvas.py uses each of them."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Which part of the screen a layer may cover: beyond a line, or inside a circle; in canvas px."""

    mode: Mode = "off"
    x: float = 0.0
    y: float = 0.0
    upright: bool = True
    radius: float = 0.0


@dataclass(frozen=True, slots=True)
class Picture:
    """What the canvas shows: arrays of falling resolution and their place on the painting."""

    key: str
    arrays: Sequence[Any]
    to_painting: npt.NDArray[np.float64]
    """Pixel corners (x, y, 1) → millimetres, 3 × 3."""
    limits: tuple[float, float]


class Canvas(QWidget):
    """Pictures laid over each other on the painting's plane, seen through a View."""

    moved = pyqtSignal()
    loaded = pyqtSignal()
    """Pixels that a picture asked for have come."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = ViewerModel()
        self._viewer = QtViewer(self._model)
        self._viewer.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._images: dict[str, Image] = {}
        self._cutters: dict[str, list[Cutter]] = {}
        self._cuts: dict[str, tuple[Cut, int, float]] = {}
        """Of each picture its cut, and the height and scale of the screen that it was set for."""
        self._view = View()
        self._smooth = True
        self.surface = self._surface()
        self.surface.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.surface.installEventFilter(self)

    def add(self, picture: Picture) -> None:
        """Show a picture on top of the others, in place of one of the same key."""
        self.remove(picture.key)
        image = FlatPicture(
            list(picture.arrays) if len(picture.arrays) > 1 else picture.arrays[0],
            multiscale=len(picture.arrays) > 1,
            rgb=len(picture.arrays[0].shape) == 3,
            affine=_affine(picture.to_painting),
            contrast_limits=picture.limits,
            interpolation2d="linear" if self._smooth else "nearest",
            name=picture.key,
        )
        image.ratio = self._ratio
        image._level_materializer = None  # it would read the coarsest level here, once, for good
        image.events.set_data.connect(self._told)
        self._model.add_layer(image)
        self._images[picture.key] = image
        cut = self._cuts.pop(picture.key, None)
        if cut is not None:
            self.cut(picture.key, cut[0])
        self._aim()  # the first layer moves napari's camera

    def remove(self, key: str) -> None:
        """Take a picture away; nothing happens where it is not there."""
        image = self._images.pop(key, None)
        self._cutters.pop(key, None)
        if image is not None:
            image.events.set_data.disconnect(self._told)
            self._own_context()
            self._model.layers.remove(image)

    def arrange(self, keys: Sequence[str]) -> None:
        """Stack the pictures in this order, the first at the bottom."""
        for place, key in enumerate(key for key in keys if key in self._images):
            here = self._model.layers.index(self._images[key])
            if here != place:
                self._model.layers.move(here, place)

    def dress(self, key: str, *, visible: bool, opacity: float) -> None:
        """Set how a picture is seen."""
        image = self._images[key]
        if image.visible != visible:  # setting it reads the pixels again, changed or not
            image.visible = visible
        if image.opacity != opacity:
            image.opacity = opacity

    def tone(self, key: str, low: float, high: float, gamma: float) -> None:
        """Set which samples are black and white, and the curve between; the scan itself stays."""
        image = self._images[key]
        if tuple(image.contrast_limits) != (low, high):
            image.contrast_limits = (low, high)
        if image.gamma != gamma:
            image.gamma = gamma

    def smooth(self, smooth: bool) -> None:
        """Show pixels between their samples, or as the squares that they are."""
        self._smooth = smooth
        for image in self._images.values():
            image.interpolation2d = "linear" if smooth else "nearest"

    def cut(self, key: str, cut: Cut) -> None:
        """Let a picture cover only a part of the screen."""
        ratio = self._ratio
        if self._cuts.get(key) == (cut, self._view.height, ratio):
            return
        self._cuts[key] = (cut, self._view.height, ratio)
        origin = (cut.x * ratio, (self._view.height - cut.y) * ratio)
        normal = (1.0, 0.0) if cut.upright else (0.0, -1.0)
        if cut.mode != "off" and key in self._images and key not in self._cutters:
            self._cutters[key] = self._new_cutters(key)
        for cutter in self._cutters.get(key, ()):
            cutter.set(cut.mode, origin, normal, cut.radius * ratio)
        self._viewer.canvas._scene_canvas.update()

    def dtype(self, key: str) -> np.dtype[Any]:
        """Return the type of a picture's samples."""
        dtype: np.dtype[Any] = np.dtype(self._images[key].dtype)
        return dtype

    @property
    def keys(self) -> tuple[str, ...]:
        """The pictures shown, from the bottom to the top."""
        return tuple(layer.name for layer in self._model.layers)

    @property
    def view(self) -> View:
        """Where the canvas looks."""
        return self._view

    @property
    def complete(self) -> bool:
        """Whether all pixels asked for have come; for hidden pictures none are asked for."""
        return all(image.loaded for image in self._images.values() if image.visible)

    def seen(self) -> list[tuple[Any, Box]]:
        """Return what is shown now: of each visible picture the array and the part of it that was read."""
        found = []
        for image in self._images.values():
            if image.visible and image.multiscale:
                (y0, x0), (y1, x1) = image.corner_pixels.tolist()
                found.append((image.data[image.data_level], (y0, y1 + 1, x0, x1 + 1)))
        return found

    def look(self, view: View) -> None:
        """Look elsewhere."""
        self._view = replace(view, width=self.surface.width(), height=self.surface.height())
        self._aim()
        self.moved.emit()

    def surround(self, colour: str) -> None:
        """Set the neutral grey around the painting."""
        self._model.canvas.background_color_override = colour

    def framebuffer(self) -> QImage:
        """Return what is on the screen, once all pixels asked for have come."""
        self._model._layer_slicer.wait_until_idle(timeout=10)
        QCoreApplication.sendPostedEvents()  # what was read arrives as an event
        image: QImage = self._viewer.canvas.screenshot()
        return image

    def refresh(self, key: str) -> None:
        """Read a picture's pixels again."""
        self._images[key].refresh()

    def shut(self) -> None:
        """Let go of all pictures and of the screen; the canvas is not used after that."""
        self.surface.removeEventFilter(self)
        if isinstance(self.surface, Screen):
            self.surface.shut()
        for key in list(self._images):
            self.remove(key)
        self._viewer.close()  # it deletes itself; nothing of ours may hold it any longer
        del self._viewer, self._model, self.surface

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Keep the view's size that of the screen, and the pictures as fine."""
        if watched is self.surface and isinstance(event, QResizeEvent):
            self._view = replace(self._view, width=event.size().width(), height=event.size().height())
            for image in self._images.values():
                image.ratio = self._ratio
            self.moved.emit()
        elif watched is self.surface and event is not None and event.type() == _FINER:
            size = self.surface.size()  # vispy would not be told that these are other pixels now
            QCoreApplication.postEvent(self.surface, QResizeEvent(size, size))
        return super().eventFilter(watched, event)

    def _own_context(self) -> None:
        """Make the canvas's GL context current.

        napari gives a removed layer's textures and buffers back at once, in whichever context is current: in
        that of the window, which composes the widgets, Mesa crashes at the next draw.
        """
        self._viewer.canvas._scene_canvas.set_current()

    @property
    def _ratio(self) -> float:
        """Pixels that are drawn for one of the window's."""
        return float(self._viewer.canvas.native.devicePixelRatioF())

    def _surface(self) -> QWidget:
        """Put what shows the picture into this widget, and return it.

        napari's own window around it stays hidden and apart: keys, gestures and dropped files are ours.
        """
        drawing: Any = self._viewer.canvas.native
        with some_context() as renderer:
            get_gl_extensions()  # napari asks these once for all, in whichever context is current
            get_max_texture_sizes()
            by_processor = drawn_by_processor(renderer)
        surface: QWidget = drawing
        if by_processor:
            drawing.grabFramebuffer()  # makes its own context
            surface = Screen(drawing, self)
            drawing.update = surface.renew  # whom vispy asks, from Python, to draw again
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(surface)
        return surface

    def _told(self) -> None:
        self.loaded.emit()

    def _aim(self) -> None:
        camera = self._model.scene.camera
        camera.center = (0.0, self._view.y, self._view.x)
        camera.zoom = self._view.zoom

    def _new_cutters(self, key: str) -> list[Cutter]:
        """Put a cutter on every node that may draw the layer: plain, or in tiles beyond the texture limit."""
        visual = self._viewer.canvas.layer_to_visual[self._images[key]]
        node: Any = visual._layer_node
        cutters = []
        for drawn in {id(n): n for n in (visual.node, node._image_node, node._tiledimage_node)}.values():
            cutters.append(Cutter())
            drawn.attach(cutters[-1])
        return cutters


def warm_up() -> None:
    """Load what napari leaves for later, so that the first picture does not wait for it."""
    import pint

    registry: Any = pint.get_application_registry  # untyped
    _ = registry().meter


def _affine(to_painting: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Turn (x, y) of pixel corners into napari's (row, column) of pixel centres."""
    scale = to_painting / to_painting[2, 2]
    swap = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    half = np.array([[1.0, 0.0, 0.5], [0.0, 1.0, 0.5], [0.0, 0.0, 1.0]])
    return np.asarray(swap @ scale @ half @ swap)
