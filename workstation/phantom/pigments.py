"""What the paints are made of, as far as infrared, ultraviolet, X-ray and the years can tell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workstation.phantom.scene import Scene
from workstation.phantom.shapes import Array

LAKES = ("apple", "grape")
"""Materials whose red is a lake that fades in light."""


@dataclass(frozen=True)
class Matter:
    """The make-up of paints: one row a stroke."""

    lake: Array
    lead: Array
    infrared: Array
    glow: Array


def matter(scene: Scene, thing: Array, colour: Array) -> Matter:
    """Guess the pigments that gave each colour: a painter of this school had few."""
    red, green, blue = colour[:, 0], colour[:, 1], colour[:, 2]
    least, most = colour.min(-1), colour.max(-1)
    names = ["wall", "ledge", *(solid.material for solid in scene.solids), "cloth"]
    has_lake = np.isin(thing, [i for i, name in enumerate(names) if name in LAKES])
    lake = np.where(has_lake, np.clip((red - np.maximum(green, blue)) / (red + 0.02) * 1.4, 0, 1), 0)
    white = np.clip(least / 0.55, 0, 1) ** 0.8
    tin_yellow = np.clip((np.minimum(red, green) - blue) * 1.6, 0, 1) * (1 - lake)
    lead = np.clip(0.04 + 0.95 * white + 0.6 * tin_yellow, 0, 1)
    black = np.clip(1 - most / 0.10, 0, 1) * 0.75
    reflects = 0.30 + 0.62 * np.sqrt(most) * (1 - 0.3 * black) - 0.24 * black + 0.16 * lake
    hides = np.clip(0.10 + 0.55 * black + 0.34 * white, 0, 0.85)
    glow = white[:, None] * [0.10, 0.12, 0.16] + lake[:, None] * [0.10, 0.035, 0.03] + 0.008
    stack = np.stack([np.clip(reflects, 0.05, 0.96), hides], -1)
    return Matter(*(part.astype(np.float32) for part in (lake, lead, stack, glow)))


def faded(colour: Array, lake: Array, x: Array, y: Array, size: tuple[float, float]) -> Array:
    """Return the colours after a century of daylight; the frame's rebate has shaded the panel's rim."""
    rim = np.minimum(np.minimum(x, size[0] - x), np.minimum(y, size[1] - y))
    share = (0.62 * lake * np.clip((rim - 5.0) / 2.5, 0, 1))[:, None]
    value = (colour @ np.array([0.45, 0.40, 0.15], np.float32))[:, None]
    pale = value * [1.42, 1.12, 0.84] + [0.045, 0.030, 0.018]
    aged: Array = (colour * (1 - share) + pale * share).astype(np.float32)
    return aged
