"""Any route from colours to colours as a lattice: Little CMS is asked once for what its nodes become.

Profiles made of tables, and the way by a print, take Little CMS two to four steps for every pixel. Between
the nodes OpenCV interpolates: the slices of the lattice lie one above the other in a flat picture; a look
into one and a look into the next are blended. In the dark the nodes lie closer: there the eye is keener.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from workstation.scans.lcms import Route, deep
from workstation.scans.source import Pixels

NODES = 113
"""Along each side, 17 MB: with them every colour of the chart in the benchmark lies within ΔE00 0.5."""
_TOP = 65_535
_LIFT = 1.0
"""Added to the light of 0 to 1 before its root is taken; the smaller, the closer the nodes in the dark."""
_AT_ONCE = 65_536
"""Pixels: what they need stays in the processor's cache."""
_WIDEST = 16_384
"""OpenCV counts rows and columns with 15 bits."""


@dataclass(frozen=True, slots=True, eq=False)
class Lattice:
    """What a route makes of the colours of a lattice; any number of threads may convert at once."""

    slices: npt.NDArray[np.float32]
    """(red and green, blue, 3), of 16 bits."""

    def __call__(self, block: Pixels) -> Pixels:
        """Convert (h, w, 3) of 8 or 16 bit; the same depth comes back."""
        out = np.empty(block.shape, block.dtype)
        height, width, _ = block.shape
        rows = min(_WIDEST, _AT_ONCE // max(min(width, _WIDEST), 1))
        for y, x in product(range(0, height, rows), range(0, width, _WIDEST)):
            part = slice(y, y + rows), slice(x, x + _WIDEST)
            out[part] = self._converted(np.ascontiguousarray(block[part]))
        return out

    def _converted(self, part: Pixels) -> Pixels:
        import cv2

        cv2.setNumThreads(1)  # whoever calls has threads of its own
        top = np.iinfo(part.dtype).max
        red, green, blue = (_places(channel, top) for channel in cv2.split(part))
        below = np.minimum(np.floor(red), np.float32(NODES - 2))
        red -= below
        below *= np.float32(NODES)
        below += green
        first = cv2.remap(self.slices, blue, below, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        below += np.float32(NODES)
        second = cv2.remap(self.slices, blue, below, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        mixed = cv2.blendLinear(first, second, np.float32(1) - red, red)
        depth = cv2.CV_8U if part.dtype == np.uint8 else cv2.CV_16U
        return np.asarray(cv2.addWeighted(mixed, top / _TOP, mixed, 0, 0, dtype=depth))


def lattice_of(route: Route) -> Lattice:
    """Return a route as a lattice."""
    return Lattice(_nodes(route))


def _places(channel: Pixels, top: int) -> npt.NDArray[np.float32]:
    """Return where samples lie between the nodes: 0 to NODES - 1."""
    scale, first = _scale()
    found = channel.astype(np.float32)
    found *= np.float32(scale**2 / top)
    found += np.float32(first**2)
    np.sqrt(found, out=found)
    found -= np.float32(first)
    return found


def _scale() -> tuple[float, float]:
    scale = (NODES - 1) / (math.sqrt(1 + _LIFT) - math.sqrt(_LIFT))
    return scale, scale * math.sqrt(_LIFT)


def _nodes(route: Route) -> npt.NDArray[np.float32]:
    """Return what becomes of every node: slices of one red, in them rows of one green."""
    scale, first = _scale()
    light = ((np.arange(NODES) + first) / scale) ** 2 - _LIFT
    axis = np.rint(light * _TOP).astype(np.uint16)
    colours = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1)
    found = deep(route, colours.reshape(NODES * NODES, NODES, 3), exact=True)
    return np.ascontiguousarray(found, np.float32)
