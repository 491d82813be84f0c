"""The panel with all that lies on it, from the wood up: made once for a seed and size, then only read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

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
    drawing: Coat
    paint: Coat
    cracks: Cracks
    losses: Spots
    retouches: Spots
    varnish: Varnish


@lru_cache(maxsize=3)
def panel(seed: int, width: float, height: float) -> Panel:
    """Make the panel of a seed; kept, for it takes a few seconds."""
    still_life = study(seed, width, height)
    return Panel(
        seed, width, height,
        drawing=_coat(underdrawing(still_life), width, height),
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
