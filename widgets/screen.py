"""Where the canvas's picture reaches the window on a machine without a graphics card.

Qt puts a window with an OpenGL widget together by OpenGL. Where the processor runs that, every change draws
all pixels three times: the picture, the picture into the window, and what lies over it. A Screen fetches the
picture once it is drawn, and paints it as any other widget is painted, in half the time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from PyQt6.QtCore import QCoreApplication, QPointF, Qt
from PyQt6.QtGui import QImage, QOffscreenSurface, QOpenGLContext, QPainter, QPaintEvent, QResizeEvent
from PyQt6.QtOpenGL import QOpenGLVersionFunctionsFactory, QOpenGLVersionProfile
from PyQt6.QtOpenGLWidgets import QOpenGLWidget
from PyQt6.QtWidgets import QWidget

GL_RENDERER = 0x1F01
PROCESSORS = ("llvmpipe", "softpipe", "swiftshader", "gdi generic", "basic render", "software")
"""What names of renderers hold that use no graphics card: Mesa's, Google's, Microsoft's, Apple's."""


class Screen(QWidget):
    """Shows what a hidden OpenGL widget draws; the picture is drawn anew only where `renew` asked for it."""

    def __init__(self, drawing: QOpenGLWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drawing: QOpenGLWidget | None = drawing
        self._picture = QImage()
        self._stale = True
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def renew(self) -> None:
        """Have the picture drawn anew; vispy asks once, and then not again before it has drawn."""
        self._stale = True
        self.update()

    def shut(self) -> None:
        """Let go of the OpenGL widget."""
        self._drawing = None

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Keep the hidden widget as large and as fine as this one: nobody tells a hidden widget."""
        if event is None or self._drawing is None:
            return
        hidden, screen = self._drawing.window(), self.screen()
        if hidden is not None and screen is not None and hidden.screen() is not screen:
            hidden.setScreen(screen)
        self._drawing.resize(event.size())
        QCoreApplication.sendEvent(self._drawing, QResizeEvent(event.size(), event.oldSize()))
        self.renew()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Paint the picture; what lies over it is painted after that."""
        if self._stale and self._drawing is not None:
            self._stale = False  # before it is drawn: drawing may find that it must be drawn again
            self._picture = _opaque(self._drawing.grabFramebuffer())
        painter = QPainter(self)
        painter.drawImage(QPointF(0, 0), self._picture)
        painter.end()


def _opaque(picture: QImage) -> QImage:
    """Return a picture as the window's own pixels are, so that it is painted by copying."""
    if picture.format() in (QImage.Format.Format_ARGB32, QImage.Format.Format_ARGB32_Premultiplied):
        picture.reinterpretAsFormat(QImage.Format.Format_RGB32)  # alpha is 1 throughout
        return picture
    return picture.convertToFormat(QImage.Format.Format_RGB32)


@contextmanager
def some_context() -> Iterator[str]:
    """Have a context of OpenGL current for a while; yield the name of what draws there, or ""."""
    context, surface = QOpenGLContext(), QOffscreenSurface()
    surface.create()
    if not (context.create() and context.makeCurrent(surface)):
        yield ""
        return
    profile = QOpenGLVersionProfile()
    profile.setVersion(2, 0)
    functions: Any = QOpenGLVersionFunctionsFactory.get(profile, context)
    yield str(functions.glGetString(GL_RENDERER)) if functions is not None else ""
    context.doneCurrent()


def drawn_by_processor(renderer: str) -> bool:
    """Tell from the name of what draws whether there is no graphics card."""
    return any(word in renderer.lower() for word in PROCESSORS)
