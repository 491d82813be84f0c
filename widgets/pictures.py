"""The layers of the table as pictures for the canvas: in the display's colours, tones in its numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from widgets.canvas import Canvas, Picture
from widgets.colours import Colours
from widgets.levels import arrays_of, full_range
from widgets.lighttable import Matrix, TableLayer
from workstation.scans.colour import Display, conversion, is_plain
from workstation.scans.shown import Shown
from workstation.scans.source import Pixels, TileSource, colours_of


class Pictures:
    """Makes pictures, and keeps what converts their pixels."""

    def __init__(self, colours: Colours, tell: Callable[[str], None]) -> None:
        self._colours, self._tell = colours, tell
        self._shown: dict[str, Shown] = {}

    def of(self, key: str, layer: TableLayer, source: TileSource) -> Picture:
        """Return a source as a picture in the place of a layer."""
        arrays = self._arrays(key, source)
        return Picture(key, arrays, layer.to_painting, self.limits(layer, arrays[0].dtype))

    def map(self, key: str, source: TileSource, to_painting: Matrix) -> Picture:
        """Return a picture in false colours as they are: its legend is drawn in the same, on any display."""
        return Picture(key, arrays_of(source, self._tell), to_painting, (0.0, 255.0))

    def limits(self, layer: TableLayer, shown: np.dtype[Any]) -> tuple[float, float]:
        """Return what is black and what is white of a layer, in the numbers that are shown."""
        return limits_of(layer, shown, self._colours.display)

    def forget(self, key: str) -> None:
        """Convert a picture's pixels anew: they are others now."""
        if key in self._shown:
            self._shown[key].forget()

    def recolour(self, key: str, canvas: Canvas) -> bool:
        """Show a picture through the present display; False where its samples become of another kind."""
        if key not in self._shown or not self._shown[key].see_through(self._colours.display):
            return False
        canvas.refresh(key)
        return True

    def drop(self, key: str) -> None:
        """Give back what was kept of a picture."""
        shown = self._shown.pop(key, None)
        if shown is not None:
            shown.close()

    def _arrays(self, key: str, source: TileSource) -> Any:
        self.drop(key)
        self._shown[key] = Shown(source, self._colours.display)
        return arrays_of(self._shown[key], self._tell)


def limits_of(layer: TableLayer, shown: np.dtype[Any], display: Display) -> tuple[float, float]:
    """Return what is black and what is white of a layer, in the numbers that are shown."""
    black, white = full_range(layer.scan.levels[0].dtype)
    metadata = layer.scan.metadata
    if metadata.white and not is_plain(metadata.icc, display):
        white = float(metadata.white)  # what is converted is spread over the whole range
    low, high = full_range(shown)
    scale = (high - low) / (white - black)
    return low + (layer.look.low - black) * scale, low + (layer.look.high - black) * scale


def as_shown(pixels: Pixels, source: TileSource, display: Display) -> Pixels:
    """Return a block of a source as the canvas shows it: grey, or red, green and blue."""
    icc, samples = source.metadata.icc, colours_of(source)
    if not is_plain(icc, display):
        return conversion(icc, samples, display, source.metadata.white)(pixels[..., :samples])
    return np.ascontiguousarray(pixels[..., 0] if samples == 1 else pixels[..., :samples])
