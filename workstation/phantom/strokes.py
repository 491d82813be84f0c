"""The paint, stroke by stroke: where the brush was set down, which way it went and what it carried."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from workstation.phantom.pigments import faded, matter
from workstation.phantom.shapes import Array
from workstation.phantom.study import FINE, Study

BRUSHES = 24


@dataclass(frozen=True)
class Strokes:
    """Brush strokes in the order they were painted; every field has one entry a stroke (mm, radians)."""

    x: Array
    y: Array
    angle: Array
    half_length: Array
    half_width: Array
    bend: Array
    """How far the path leaves its tangent: v = bend × u²."""
    opacity: Array
    body: Array
    """How thick the paint lies."""
    dryness: Array
    brush: Array
    """Which brush, and so which pattern of hairs."""
    paint: Array
    """(n, 3) colour as painted, linear light."""
    aged: Array
    """(n, 3) the same after its lake has faded."""
    infrared: Array
    """(n, 2) reflectance in the infrared, and how much it hides there."""
    lead: Array
    """How much X-ray the paint stops, from its lead."""
    glow: Array
    """(n, 3) its own fluorescence under ultraviolet."""

    def __len__(self) -> int:
        return len(self.x)

    def chosen(self, which: npt.NDArray[Any]) -> Strokes:
        """Return some of the strokes, in the order of `which`."""
        return Strokes(**{field.name: getattr(self, field.name)[which] for field in fields(self)})


def joined(parts: list[Strokes]) -> Strokes:
    """Return the strokes of all parts, one part painted after the other."""
    names = [field.name for field in fields(Strokes)]
    return Strokes(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


@dataclass(frozen=True)
class Pass:
    """One going over the whole panel with one size of brush."""

    width: float
    length: float
    step: float
    needed: float
    """How much the painting must still differ from what is seen before a stroke is set (0 = always)."""
    opacity: float
    unsteady: float


PASSES = (
    Pass(11.0, 40.0, 8.0, 0.0, 0.96, 0.16),
    Pass(5.6, 21.0, 4.8, 0.012, 0.92, 0.12),
    Pass(3.0, 12.0, 2.6, 0.020, 0.90, 0.08),
    Pass(1.5, 7.0, 1.4, 0.028, 0.92, 0.05),
    Pass(0.8, 4.0, 0.80, 0.045, 0.94, 0.03),
)


def paint(study: Study) -> Strokes:
    """Paint the study from broad to fine; each pass works only where the one before left something to say."""
    before = study.blurred(9.0)
    parts = []
    for number, layer in enumerate(PASSES):
        wanted = study.softened(layer.width * 0.14)
        parts.append(_pass(study, layer, number, before, wanted))
        before = study.blurred(layer.width * 0.30)
    return joined(parts)


def _pass(study: Study, layer: Pass, number: int, before: Array, wanted: Array) -> Strokes:
    draw = np.random.default_rng([study.scene.seed, 100 + number])
    x, y = _places(study, layer, draw)
    missing = np.abs(np.sqrt(study.at(wanted, x, y)) - np.sqrt(study.at(before, x, y))).max(-1)
    chosen = missing * draw.uniform(0.7, 1.3, x.size) >= layer.needed
    x, y = x[chosen], y[chosen]
    angle = study.at(study.direction, x, y) + draw.normal(0, layer.unsteady, x.size)
    half_length, bend, x, y = _path(study, x, y, angle, layer, draw)
    strokes = _loaded(study, wanted, x, y, layer, draw)
    strokes = replace(strokes, angle=angle, half_length=half_length, bend=bend)
    light = strokes.paint.max(-1)
    return strokes.chosen(np.argsort(draw.uniform(0, 1, x.size) + 1.2 * light, kind="stable"))


def _places(study: Study, layer: Pass, draw: np.random.Generator) -> tuple[Array, Array]:
    width, height = study.size
    columns, rows = np.meshgrid(
        np.arange(0, width + layer.step, layer.step), np.arange(0, height + layer.step, layer.step)
    )
    x = columns.ravel() + draw.uniform(-0.5, 0.5, columns.size) * layer.step
    y = rows.ravel() + draw.uniform(-0.5, 0.5, rows.size) * layer.step
    return np.clip(x, 0, width - 1e-3), np.clip(y, 0, height - 1e-3)


def _path(
    study: Study, x: Array, y: Array, angle: Array, layer: Pass, draw: np.random.Generator
) -> tuple[Array, Array, Array, Array]:
    """Follow the direction both ways until the thing ends; return half length, bend and the middle."""
    own = study.at(study.thing, x, y)
    whole = layer.length * draw.uniform(0.36, 0.62, x.size)
    reach = [_free(study, own, x, y, angle + way, whole, layer.width) for way in (0.0, np.pi)]
    shift = (reach[0] - reach[1]) / 2
    half = np.maximum((reach[0] + reach[1]) / 2, layer.width * 0.35)
    ahead = study.at(study.direction, x + np.cos(angle) * half * 0.7, y + np.sin(angle) * half * 0.7)
    turn = 0.5 * np.angle(np.exp(2j * (ahead - study.at(study.direction, x, y))))
    bend = np.clip(turn, -0.55, 0.55) / (1.4 * np.maximum(half, 1e-3))
    return half, bend, x + np.cos(angle) * shift, y + np.sin(angle) * shift


def _free(study: Study, own: Array, x: Array, y: Array, angle: Array, whole: Array, width: float) -> Array:
    """Return how far the brush can go before it would leave its thing."""
    free, going = np.zeros_like(x), np.ones(x.size, bool)
    for step in range(1, 9):
        far = whole * step / 8
        there = study.at(study.thing, x + np.cos(angle) * far, y + np.sin(angle) * far)
        going &= (there == own) | ((own == 0) & (width > 8))
        free = np.where(going, far, free)
    return free


def _loaded(
    study: Study, wanted: Array, x: Array, y: Array, layer: Pass, draw: np.random.Generator
) -> Strokes:
    """Load the brush with the colour seen at its place, a little differently each time."""
    seen = study.at(wanted, x, y)
    value = 1 + draw.normal(0, 0.045, (x.size, 1)) + draw.normal(0, 0.018, (x.size, 3))
    colour = np.clip(seen * value, 0.001, 0.95).astype(np.float32)
    thing = study.at(study.thing, x, y)
    light = np.sqrt(colour.max(-1))
    zero = np.zeros(x.size, np.float32)
    thin = np.where((thing == 0) & (layer.width < 8), 0.7, 1.0) * layer.opacity
    stuff = matter(study.scene, thing, colour)
    body = (0.012 + 0.055 * light**2) * layer.width**0.45 * draw.uniform(0.7, 1.3, x.size)
    return Strokes(
        x=x, y=y, angle=zero, half_length=zero, bend=zero, body=body.astype(np.float32),
        half_width=(0.5 * layer.width * draw.uniform(0.75, 1.2, x.size)).astype(np.float32),
        opacity=(thin * draw.uniform(0.9, 1.0, x.size)).astype(np.float32),
        dryness=(draw.uniform(0.1, 0.75, x.size) * (0.5 + 0.5 * light)).astype(np.float32),
        brush=draw.integers(0, BRUSHES, x.size),
        paint=colour, aged=faded(colour, stuff.lake, x, y, study.size),
        infrared=stuff.infrared, lead=stuff.lead * body.astype(np.float32), glow=stuff.glow,
    )  # fmt: skip


__all__ = ["BRUSHES", "FINE", "Pass", "Strokes", "joined", "paint"]
