"""Where the canvas's picture reaches the window on a machine without a graphics card.

Qt puts a window with an OpenGL widget together by OpenGL. Where the processor runs that, every change draws
all pixels three times: the picture, the picture into the window, and what lies over it. A Screen fetches the
picture once it is drawn, and paints it as any other widget is painted, in half the time.
"""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import QCoreApplication, Qt
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
        """Have the picture drawn anew."""
        self._stale = True
        self.update()

    def shut(self) -> None:
        """Let go of the OpenGL widget."""
        self._drawing = None

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Keep the hidden widget as large as this one: nobody tells a hidden widget."""
        if event is not None and self._drawing is not None:
            self._drawing.resize(event.size())
            QCoreApplication.sendEvent(self._drawing, QResizeEvent(event.size(), event.oldSize()))
            self._stale = True

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Paint the picture; what lies over it is painted after that."""
        if self._stale and self._drawing is not None:
            self._stale = False  # before it is drawn: drawing may find that it must be drawn again
            self._picture = self._drawing.grabFramebuffer()
            self._picture.reinterpretAsFormat(QImage.Format.Format_RGB32)
        painter = QPainter(self)
        painter.drawImage(self.rect(), self._picture)
        painter.end()


def drawn_by_processor() -> bool:
    """Tell whether OpenGL has no graphics card here; False where it does not say."""
    context, surface = QOpenGLContext(), QOffscreenSurface()
    surface.create()
    if not (context.create() and context.makeCurrent(surface)):
        return False
    profile = QOpenGLVersionProfile()
    profile.setVersion(2, 0)
    functions: Any = QOpenGLVersionFunctionsFactory.get(profile, context)
    name = functions.glGetString(GL_RENDERER) if functions is not None else ""
    context.doneCurrent()
    return any(word in str(name).lower() for word in PROCESSORS)
