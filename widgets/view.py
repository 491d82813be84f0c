"""Where the canvas looks: the arithmetic between millimetres and the screen, without a window."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PyQt6.QtCore import QPointF, QRectF
from PyQt6.QtGui import QTransform

MARGIN = 0.94
"""How much of the canvas a fitted picture fills."""
NEAREST, FARTHEST = 256.0, 1e-6


@dataclass(frozen=True, slots=True)
class View:
    """The place in the middle of the canvas and the scale: logical screen px per unit of the painting."""

    x: float = 0.0
    y: float = 0.0
    zoom: float = 1.0
    width: int = 1
    height: int = 1

    def to_screen(self) -> QTransform:
        """Return the transform from millimetres to the canvas."""
        middle = QTransform.fromTranslate(self.width / 2, self.height / 2)
        return (
            QTransform.fromTranslate(-self.x, -self.y) * QTransform.fromScale(self.zoom, self.zoom) * middle
        )

    def to_painting(self, point: QPointF) -> QPointF:
        """Return the place on the painting under a point of the canvas."""
        return QPointF(
            self.x + (point.x() - self.width / 2) / self.zoom,
            self.y + (point.y() - self.height / 2) / self.zoom,
        )

    def visible(self) -> QRectF:
        """Return the part of the painting's plane that is on the screen."""
        width, height = self.width / self.zoom, self.height / self.zoom
        return QRectF(self.x - width / 2, self.y - height / 2, width, height)

    def zoomed(self, factor: float, at: QPointF | None = None, per_px: float = 1.0) -> View:
        """Return the view with another scale; what lies under `at` stays there."""
        zoom = min(max(self.zoom * factor, FARTHEST / per_px), NEAREST / per_px)
        anchor = QPointF(self.width / 2, self.height / 2) if at is None else at  # a null point is falsy
        fixed = self.to_painting(anchor)
        return replace(
            self,
            zoom=zoom,
            x=fixed.x() - (anchor.x() - self.width / 2) / zoom,
            y=fixed.y() - (anchor.y() - self.height / 2) / zoom,
        )

    def panned(self, dx: float, dy: float) -> View:
        """Return the view after the picture was pushed by (dx, dy) screen px."""
        return replace(self, x=self.x - dx / self.zoom, y=self.y - dy / self.zoom)

    def centred(self, place: QPointF) -> View:
        """Return the view with `place` in the middle."""
        return replace(self, x=place.x(), y=place.y())

    def fitted(self, extent: QRectF) -> View:
        """Return the view that shows all of `extent`."""
        if extent.isEmpty():
            return self
        zoom = MARGIN * min(self.width / extent.width(), self.height / extent.height())
        return replace(self, zoom=zoom, x=extent.center().x(), y=extent.center().y())


def nice_length(most: float) -> float:
    """Return the largest 1, 2 or 5 times a power of ten that is at most `most`."""
    power = 1.0
    while power > most:
        power /= 10
    while power * 10 <= most:
        power *= 10
    return max(step * power for step in (1, 2, 5) if step * power <= most)


def length_text(length: float, in_mm: bool) -> str:
    """Say a length as a person reads it: µm, mm or m, or px where the scale is not known."""
    if not in_mm:
        return f"{length:,.0f} px".replace(",", "\u2009")
    if length < 0.9995:
        return f"{length * 1000:.4g} µm"
    return f"{length:.4g} mm" if length < 1000 else f"{length / 1000:.4g} m"
