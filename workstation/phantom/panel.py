"""The panel with all that lies on it, from the wood up: made once for a seed and size, then only read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from threading import RLock

import numpy as np

from workstation.phantom.brush import Boxes, Grid, boxes_of, lay, waves
from workstation.phantom.craquelure import Cracks, crack
from workstation.phantom.losses import Spots, spots
from workstation.phantom.noise import Floats, Ints
from workstation.phantom.strokes import Strokes, paint
from workstation.phantom.study import study
from workstation.phantom.underdrawing import underdrawing
from workstation.phantom.varnish import Varnish, varnish


@dataclass(frozen=True)
class Coat:
    """Strokes made ready to be laid: sorted into waves that do not touch."""

    strokes: Strokes
    boxes: Boxes
    wave: Ints

    def lay(self, load: Floats, canvas: Floats, grid: Grid, opacity: Floats | None = None) -> None:
        """Lay the strokes with what they carry over a canvas of channels and relief, in place."""
        strokes = self.strokes if opacity is None else replace(self.strokes, opacity=opacity)
        lay(strokes, self.boxes, self.wave, load, canvas, grid)


@dataclass(frozen=True)
class Panel:
    """Everything there is to know about one phantom, in millimetres."""

    seed: int
    width: float
    height: float
    paint: Coat
    cracks: Cracks
    losses: Spots
    retouches: Spots
    varnish: Varnish

    @property
    def drawing(self) -> Coat:
        """The drawing below the paint: made when first looked at, for only infrared shows it."""
        with MAKING:
            return _drawing(self.seed, self.width, self.height)


MAKING = RLock()
"""Held while a panel is made, so that threads that read their first tiles together make it once."""


def panel(seed: int, width: float, height: float) -> Panel:
    """Return the panel of a seed; the last few are kept, for making one takes half a second."""
    with MAKING:
        return _panel(seed, width, height)


@lru_cache(maxsize=3)
def _drawing(seed: int, width: float, height: float) -> Coat:
    return _coat(underdrawing(study(seed, width, height)), width, height)


@lru_cache(maxsize=3)
def _panel(seed: int, width: float, height: float) -> Panel:
    still_life = study(seed, width, height)
    return Panel(
        seed, width, height,
        paint=_coat(paint(still_life), width, height),
        cracks=crack(seed, width, height),
        losses=spots(seed, width, height, 15, (2.0, 8.5)),
        retouches=spots(seed + 5, width, height, 9, (3.0, 9.0)),
        varnish=varnish(seed, width, height),
    )  # fmt: skip


def _coat(strokes: Strokes, width: float, height: float) -> Coat:
    wave = waves(boxes_of(strokes), width, height)
    order = np.argsort(wave, kind="stable")
    strokes = strokes.chosen(order)
    return Coat(strokes, boxes_of(strokes), wave[order])
