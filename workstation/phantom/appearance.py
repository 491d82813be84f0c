"""How the panel looks in visible light, infrared, ultraviolet, raking light and X-rays: a block at a time.

Each function takes the panel and a grid of pixels and returns channels × rows × columns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workstation.phantom.brush import Grid
from workstation.phantom.losses import cover
from workstation.phantom.noise import Doubles, Floats, fractal, grid_noise
from workstation.phantom.panel import Panel

GROUND = (0.120, 0.078, 0.040)
"""The toned priming that the painter worked on."""
CHALK = (0.560, 0.470, 0.330)
"""The chalk ground below it, which losses lay bare."""
DIRT = (0.016, 0.012, 0.008)


@dataclass(frozen=True, slots=True)
class Condition:
    """What time has done to the painting, and what the camera adds; all false is the day it was finished."""

    cracks: bool = True
    losses: bool = True
    fading: bool = True
    varnish: bool = True
    noise: bool = True


NEW = Condition(False, False, False, False, False)


def visible(panel: Panel, grid: Grid, condition: Condition) -> Floats:
    """Return linear red, green and blue."""
    strokes = panel.paint.strokes
    canvas = _canvas(GROUND, _wider(grid))
    panel.paint.lay(strokes.aged if condition.fading else strokes.paint, canvas, _wider(grid))
    colour = canvas[:3, 1:-1, 1:-1] * _shading(canvas[3], grid, 0.55)
    colour += np.float32(0.05) * _glint(canvas[3], grid)
    if grid.pitch < 0.2:
        strength = np.float32(0.05 * min(1.0, 0.2 / grid.pitch - 1))
        colour *= 1 + strength * fractal(grid.x, grid.y, 0.09, panel.seed + 301, 3)
    if condition.losses:
        colour = _lose(panel, grid, colour)
    if condition.cracks:
        colour = _crack(panel, grid, colour)
    if condition.varnish:
        share, haze = panel.varnish.passed(grid)
        colour = colour * share + haze
    return colour


def missing(panel: Panel, grid: Grid) -> Floats:
    """Return how much of each pixel is lost paint."""
    return panel.losses.cover(grid)


def cracked(panel: Panel, grid: Grid) -> Floats:
    """Return how much of each pixel is crack; where paint is lost its cracks are lost too."""
    return np.where(missing(panel, grid) > 0, np.float32(0), panel.cracks.cover(grid))


def infrared(panel: Panel, grid: Grid) -> Floats:
    """Return reflected infrared: the drawing shows through most paints, black and lead white hide it."""
    canvas = _canvas((0.80,), grid)
    panel.drawing.lay(panel.drawing.strokes.infrared[:, :1], canvas, grid)
    paint = panel.paint.strokes
    veil = (paint.opacity * paint.infrared[:, 1]).astype(np.float32)
    panel.paint.lay(np.ascontiguousarray(paint.infrared[:, :1]), canvas, grid, veil)
    grey = canvas[:1] * (1 + np.float32(0.03) * fractal(grid.x, grid.y, 60.0, panel.seed + 311, 3))
    lost = missing(panel, grid)
    grey = grey * (1 - lost) + lost * np.float32(0.86)
    seen: Floats = grey * (1 - np.float32(0.55) * cracked(panel, grid))
    return seen


def ultraviolet(panel: Panel, grid: Grid) -> Floats:
    """Return fluorescence: old varnish greenish, bare lead white bluish, retouches dark on top of all."""
    canvas = _canvas((0.02, 0.02, 0.025), grid)
    panel.paint.lay(panel.paint.strokes.glow, canvas, grid)
    lost, split = missing(panel, grid), cracked(panel, grid)
    glow = np.float32(3.6) * canvas[:3] * (1 - lost) + lost * _column((0.50, 0.58, 0.64))
    glow *= 1 - np.float32(0.6) * split
    thick = panel.varnish.thickness(grid)
    cloud = 1 + np.float32(0.26) * fractal(grid.x, grid.y, 34.0, panel.seed + 321, 3)
    veil = np.exp(-np.float32(1.0) * thick)
    seen: Floats = glow * veil + _column((0.135, 0.270, 0.165)) * (thick * cloud)
    touched = panel.retouches.cover(grid) * (1 - panel.varnish.cleaned(grid))
    return seen * (1 - np.float32(0.78) * touched) + _column((0.012, 0.006, 0.022)) * touched


def xray(panel: Panel, grid: Grid) -> Floats:
    """Return the X-ray as a positive: lead white and nails light; wood grain, battens and a join below."""
    canvas = _canvas((0.0,), grid)
    panel.paint.lay(
        panel.paint.strokes.lead[:, None], canvas, grid, panel.paint.strokes.opacity * np.float32(0.8)
    )
    lost = missing(panel, grid)
    lead = canvas[:1] * (1 - lost) * (1 - np.float32(0.7) * cracked(panel, grid))
    dense = np.float32(0.13) + _wood(panel, grid) + np.float32(4.6) * lead - np.float32(0.035) * lost
    seen: Floats = 1 - np.exp(-np.float32(1.6) * np.maximum(dense, 0.01))
    return np.maximum(seen, _nails(panel, grid))


def raking(panel: Panel, grid: Grid, condition: Condition) -> Floats:
    """Return linear red, green and blue under light that grazes the panel from the left."""
    canvas = _canvas(GROUND, _wider(grid))
    panel.paint.lay(panel.paint.strokes.aged, canvas, _wider(grid))
    relief = canvas[3] - np.float32(0.10) * missing(panel, _wider(grid))
    relief -= np.float32(0.16) * cracked(panel, _wider(grid))
    relief += np.float32(0.6) * fractal(_wider(grid).x, _wider(grid).y, 48.0, panel.seed + 331, 2)
    slope = (relief[1:-1, 2:] - relief[1:-1, :-2]) * np.float32(0.5 / grid.pitch)
    light = np.clip(np.float32(0.85) + np.float32(3.4) * slope, 0.03, 3.0)
    colour = _crack(panel, grid, _lose(panel, grid, canvas[:3, 1:-1, 1:-1]))
    share, haze = panel.varnish.passed(grid)
    seen: Floats = (colour * share + haze) * light
    return seen


def _canvas(ground: tuple[float, ...], grid: Grid) -> Floats:
    """Return the primed panel: its colour in every channel and no relief in the last."""
    canvas = np.empty((len(ground) + 1, grid.y.size, grid.x.size), np.float32)
    canvas[:-1] = _column(ground)
    canvas[-1] = 0
    return canvas


def _column(values: tuple[float, ...]) -> Floats:
    return np.array(values, np.float32)[:, None, None]


def _wider(grid: Grid) -> Grid:
    """Return the grid with one more pixel on each side, each where the neighbouring block has it."""
    return Grid(_extended(grid.x, grid.pitch), _extended(grid.y, grid.pitch), grid.pitch)


def _extended(axis: Doubles, pitch: float) -> Doubles:
    first = round(float(axis[0]) / pitch - 0.5)
    return (np.arange(first - 1, first + axis.size + 1) + 0.5) * pitch


def _shading(relief: Floats, grid: Grid, strength: float) -> Floats:
    """Return how the light of the studio, from the upper left, models the relief of the paint."""
    across = (relief[1:-1, 2:] - relief[1:-1, :-2]) * np.float32(0.5 / grid.pitch)
    down = (relief[2:, 1:-1] - relief[:-2, 1:-1]) * np.float32(0.5 / grid.pitch)
    tilt = across * np.float32(0.7) + down * np.float32(0.75)
    shading: Floats = 1 + np.float32(strength) * np.clip(tilt, -0.8, 0.8)
    return shading


def _glint(relief: Floats, grid: Grid) -> Floats:
    glint: Floats = np.clip(_shading(relief, grid, 0.55) - np.float32(1.12), 0, 1)
    return glint


def _lose(panel: Panel, grid: Grid, colour: Floats) -> Floats:
    """Lay the chalk bare: its rim shaded where the paint around stands higher."""
    depth = panel.losses.depth(grid)
    lost = cover(depth, grid.pitch)
    if not lost.any():
        return colour
    rim = np.exp(-np.maximum(depth, 0) * np.float32(1.6))
    wide = _wider(grid)
    deep: Floats = np.minimum(panel.losses.depth(wide), np.float32(2))
    slope = deep[1:-1, 2:] - deep[1:-1, :-2] + deep[2:, 1:-1] - deep[:-2, 1:-1]
    light = 1 - np.float32(0.42) * rim * np.clip(slope * np.float32(0.6 / grid.pitch), -0.7, 1)
    rough = 1 + np.float32(0.10) * fractal(grid.x, grid.y, 1.8, panel.seed + 341, 3)
    stain = grid_noise(grid.x, grid.y, 5.0, panel.seed + 345)
    chalk = _column(CHALK) * (1 + _column((0.05, 0.09, 0.14)) * stain) * (light * rough)
    bare: Floats = colour * (1 - lost) + chalk * lost
    return bare


def _crack(panel: Panel, grid: Grid, colour: Floats) -> Floats:
    deep = 0.78 + 0.17 * float(np.clip(1 - grid.pitch / 0.2, 0, 1))  # the finer, the more of its dark heart
    filled = np.float32(deep) + np.float32(0.16 * (1 - deep) / 0.22) * grid_noise(
        grid.x, grid.y, 7.0, panel.seed + 347
    )
    share = cracked(panel, grid) * filled
    dark: Floats = colour * (1 - share) + _column(DIRT) * share
    return dark


def _wood(panel: Panel, grid: Grid) -> Floats:
    """Return the grain of two boards, the join between them, and two battens behind."""
    level = panel.width >= panel.height
    cells = ((130.0, 1.5), (60.0, 0.6)) if level else ((1.5, 130.0), (0.6, 60.0))
    grain = sum(
        grid_noise(grid.x, grid.y, cell, panel.seed + 351 + i) * w
        for i, (cell, w) in enumerate(zip(cells, (0.022, 0.012), strict=True))
    )
    along, across = (grid.x[None, :], grid.y[:, None]) if level else (grid.y[:, None], grid.x[None, :])
    long, wide = (panel.width, panel.height) if level else (panel.height, panel.width)
    join = -0.075 * np.exp(-(((across - 0.56 * wide - 0.002 * along) / 0.45) ** 2))
    battens = sum(np.clip(16.0 - np.abs(along - place * long), 0, 1) for place in (0.2, 0.8)) * 0.05
    wood: Floats = (grain + join + battens).astype(np.float32)
    return wood


def _nails(panel: Panel, grid: Grid) -> Floats:
    """Return the nails that hold the battens: heads, and shafts seen a little from the side."""
    light = np.zeros((1, grid.y.size, grid.x.size), np.float32)
    draw = np.random.default_rng([panel.seed, 81])
    for place in (0.2, 0.8):
        for part in (0.1, 0.37, 0.63, 0.9):
            middle = np.array([place * panel.width, part * panel.height]) + draw.normal(0, 2.5, 2)
            x, y = (grid.x - middle[0])[None, :], (grid.y - middle[1])[:, None]
            head = np.clip(2.4 + 0.2 * np.sin(np.arctan2(y, x) * 5) - np.hypot(x, y), 0, 0.6) / 0.6
            shaft = (
                np.clip(0.8 - np.abs(y + 0.25 * x), 0, 0.5)
                / 0.5
                * np.clip(x, 0, 1)
                * np.clip(13 - x, 0, 3)
                / 3
            )
            light = np.maximum(
                light, (0.93 * head + 0.80 * np.maximum(shaft - head, 0)).astype(np.float32)[None]
            )
    return light
