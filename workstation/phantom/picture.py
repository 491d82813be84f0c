"""A picture of the panel as a tile source: placed, sampled, toned and grainy, computed where it is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from workstation.phantom.brush import Grid
from workstation.phantom.noise import Doubles, Floats, grain
from workstation.phantom.placement import Placement
from workstation.scans.source import Damage, Level, Metadata, Pixels, check_block

PATCH = (256, 512)
"""Rows and columns computed at a time, whatever the block asked for."""
DENSE = 1.0
"""Below so many pixels a millimetre the panel is computed finer and averaged."""
View: TypeAlias = Callable[[Grid], Floats]
"""Computes channels × rows × columns of the panel on a grid of its millimetres."""


@dataclass(frozen=True)
class Picture:
    """What one camera or film recorded of the panel."""

    kind: str
    width: int
    height: int
    channels: int
    view: View
    placement: Placement
    panel_size: tuple[float, float]
    metadata: Metadata
    dtype: np.dtype[Any]
    encode: Callable[[Floats], Floats]
    """From light to samples between 0 and 1."""
    unit: float = 1.0
    """Millimetres of the composition to one of the panel."""
    noise: float = 0.0
    seed: int = 0
    straight: bool = False
    """Whether rows and columns run along the panel's edges, so that no resampling is needed."""
    outside: float = 0.0
    damaged: tuple[Damage, ...] = field(default=(), init=False)

    @cached_property
    def levels(self) -> tuple[Level, ...]:
        """The resolutions, each half of the one before, down to what fits a small window."""
        found = [Level(self.height, self.width, self.channels, self.dtype, (512, 512))]
        while max(found[-1].height, found[-1].width) > 512:
            last = found[-1]
            found.append(
                Level(-(-last.height // 2), -(-last.width // 2), self.channels, self.dtype, (512, 512))
            )
        return tuple(found)

    def read(self, level: int, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        """Compute the block."""
        check_block(self.levels[level], y0, y1, x0, x1)
        block = np.empty((y1 - y0, x1 - x0, self.channels), self.dtype)
        for top in range(y0, y1, PATCH[0]):
            for left in range(x0, x1, PATCH[1]):
                bottom, right = min(top + PATCH[0], y1), min(left + PATCH[1], x1)
                block[top - y0 : bottom - y0, left - x0 : right - x0] = self._patch(
                    level, top, bottom, left, right
                )
        return block

    def close(self) -> None:
        """Nothing to give back."""

    def _patch(self, level: int, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        light = self._straight(level, y0, y1, x0, x1) if self.straight else self._askew(level, y0, y1, x0, x1)
        samples = np.ascontiguousarray(np.moveaxis(self.encode(light), 0, -1))
        if self.noise:
            specks = grain(np.arange(x0, x1), np.arange(y0, y1), self.seed + 131 * level, self.channels)
            samples += np.float32(self.noise / 2**level) * specks
        if self.dtype.kind == "b":
            return np.asarray(samples > 0)
        most = np.float32(np.iinfo(self.dtype).max)
        return (np.clip(samples, 0, 1) * most + np.float32(0.5)).astype(self.dtype)

    def _pitch(self, level: int) -> float:
        """Return millimetres of the composition from pixel to pixel."""
        pitch: float = float(np.hypot(*self.placement.matrix[:2, 1])) * 2**level * self.unit
        return pitch

    def _straight(self, level: int, y0: int, y1: int, x0: int, x1: int) -> Floats:
        return aligned(self.view, (y0, y1), (x0, x1), self._pitch(level))

    def _askew(self, level: int, y0: int, y1: int, x0: int, x1: int) -> Floats:
        """Compute the panel on a grid along its edges and sample that where the pixels lie."""
        scale = 2.0**level
        column = ((np.arange(x0, x1) + 0.5) * scale - 0.5)[None, :]
        row = ((np.arange(y0, y1) + 0.5) * scale - 0.5)[:, None]
        x, y = (np.ascontiguousarray(axis) for axis in self.placement.mm(column, row))
        pitch = self._pitch(level)
        u, v = x * (self.unit / pitch) - 0.5, y * (self.unit / pitch) - 0.5
        most_u, most_v = (np.ceil(size * self.unit / pitch) + 2 for size in self.panel_size)
        u, v = np.clip(u, -3, most_u), np.clip(v, -3, most_v)
        left, top = int(np.floor(u.min())), int(np.floor(v.min()))
        plane = aligned(
            self.view, (top, int(np.floor(v.max())) + 2), (left, int(np.floor(u.max())) + 2), pitch
        )
        light = _sampled(plane, u - left, v - top)
        edge = np.minimum(np.minimum(x, self.panel_size[0] - x), np.minimum(y, self.panel_size[1] - y))
        inside = np.clip(edge * (self.unit / pitch) + 0.5, 0, 1).astype(np.float32)
        seen: Floats = light * inside + np.float32(self.outside) * (1 - inside)
        return seen


def aligned(view: View, rows: tuple[int, int], columns: tuple[int, int], pitch: float) -> Floats:
    """Compute pixels of a grid along the panel's edges; coarse pixels are averages of finer ones."""
    finer = 1
    while pitch / finer > 1 / DENSE:
        finer *= 2
    step = max(1, PATCH[0] // finer), max(1, PATCH[1] // finer)
    bands = []
    for top in range(*rows, step[0]):
        bottom = min(top + step[0], rows[1])
        parts = [
            _averaged(view, (top, bottom), (left, min(left + step[1], columns[1])), pitch, finer)
            for left in range(*columns, step[1])
        ]
        bands.append(np.concatenate(parts, axis=2))
    return np.concatenate(bands, axis=1)


def _averaged(
    view: View, rows: tuple[int, int], columns: tuple[int, int], pitch: float, finer: int
) -> Floats:
    x, y = (
        (np.arange(first * finer, last * finer) + 0.5) * (pitch / finer) for first, last in (columns, rows)
    )
    light = view(Grid(x, y, pitch / finer))
    if finer == 1:
        return light
    total = np.zeros((light.shape[0], light.shape[1] // finer, light.shape[2] // finer), np.float32)
    for down in range(finer):
        for across in range(finer):
            total += light[:, down::finer, across::finer]
    return total * np.float32(1 / finer**2)


def _sampled(plane: Floats, u: Doubles, v: Doubles) -> Floats:
    """Sample channels × rows × columns between its pixels."""
    left, top = np.floor(u), np.floor(v)
    fu, fv = (u - left).astype(np.float32), (v - top).astype(np.float32)
    width = plane.shape[2]
    corner = top.astype(np.intp) * width + left.astype(np.intp)
    light = np.empty((plane.shape[0], *u.shape), np.float32)
    for channel, flat in enumerate(plane.reshape(plane.shape[0], -1)):
        upper = flat.take(corner) * (1 - fu) + flat.take(corner + 1) * fu
        lower = flat.take(corner + width) * (1 - fu) + flat.take(corner + width + 1) * fu
        light[channel] = upper * (1 - fv) + lower * fv
    return light
