"""Profiles of three curves and a matrix, followed in linear light by tables, much faster than Little CMS.

Little CMS is asked for the curves and the matrix, so that nothing is parsed here; whether a profile is of
this kind at all is found out by comparing the outcome with Little CMS on a chart.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from workstation.scans.lcms import Route, deep, light
from workstation.scans.source import Pixels

STEPS = 65_536
TOP = STEPS - 1
BAND = 96
"""Rows converted at once: what they need stays in the processor's cache."""
TOLERANCE = 0.5 / 255
"""How far the tables may lie from Little CMS on the chart, of the whole range."""
Tables = tuple[npt.NDArray[np.generic], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Shaper:
    """Curves to light, a matrix to the display's light, curves from there; one table where all are equal."""

    to_light: Tables
    """By 16-bit samples."""
    eight_to_light: Tables
    matrix: npt.NDArray[np.float32]
    """Row vectors; scaled so that the root of the outcome is a place in the tables of the display."""
    to_samples: Tables
    to_eight: Tables

    def __call__(self, block: Pixels) -> Pixels:
        """Convert (h, w, 3) of 8 or 16 bit; the same depth comes back."""
        eight = block.dtype == np.uint8
        before, after = (self.eight_to_light, self.to_eight) if eight else (self.to_light, self.to_samples)
        out = np.empty(block.shape, block.dtype)
        for top in range(0, block.shape[0], BAND):
            rows = block[top : top + BAND]
            found = _looked_up(before, rows).reshape(-1, 3) @ self.matrix
            np.clip(found, 0, float(TOP) ** 2, out=found)
            np.sqrt(found, out=found)
            found += np.float32(0.5)
            out[top : top + BAND] = _looked_up(after, found.astype(np.uint16).reshape(rows.shape))
        return out


def shaper_of(route: Route) -> Shaper | None:
    """Return the tables of a route; None where its profiles are more than curves and a matrix."""
    if route.proof is not None:
        return None
    curves, source = _light_of(route.source)
    backs, target = _light_of(route.target)
    if abs(np.linalg.det(target)) < 1e-6:
        return None
    matrix = np.asarray((np.linalg.inv(target) @ source).T * float(TOP) ** 2, np.float32)
    places = (np.arange(STEPS) / TOP) ** 2
    samples = tuple(np.interp(places, np.maximum.accumulate(c), np.arange(STEPS)) for c in backs)
    made = Shaper(
        _merged(tuple(curve.astype(np.float32) for curve in curves)),
        _merged(tuple(curve[::257].astype(np.float32) for curve in curves)),
        np.ascontiguousarray(matrix),
        _merged(tuple(np.rint(table).astype(np.uint16) for table in samples)),
        _merged(tuple(np.rint(table / 257).astype(np.uint8) for table in samples)),
    )
    return made if _agrees(made, route) else None


def chart() -> Pixels:
    """Return 16-bit colours from all over the cube, and greys: what a conversion is judged by."""
    steps = np.linspace(0, TOP, 11).astype(np.uint16)
    cube = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(1, -1, 3)
    greys = np.repeat(np.linspace(0, TOP, 256).astype(np.uint16)[None, :, None], 3, axis=2)
    return np.concatenate([cube, greys], axis=1)


def _agrees(shaper: Shaper, route: Route) -> bool:
    block = chart()
    ours, theirs = shaper(block).astype(np.int64), deep(route, block, exact=True).astype(np.int64)
    return bool(np.abs(ours - theirs).max() <= TOLERANCE * TOP)


@lru_cache(maxsize=8)
def _light_of(icc: bytes) -> tuple[tuple[npt.NDArray[np.float64], ...], npt.NDArray[np.float64]]:
    """Return the curve of each channel, and the matrix whose columns are their lights."""
    ramps = np.zeros((3, STEPS, 3), np.uint16)
    for channel in range(3):
        ramps[channel, :, channel] = np.arange(STEPS)
    found = light(icc, ramps)
    found = found - found[:, :1]
    columns = found[:, -1]
    sizes = np.maximum((columns**2).sum(axis=1), 1e-12)
    curves = tuple(found[c] @ columns[c] / sizes[c] for c in range(3))
    return curves, columns.T


def _merged(tables: Tables) -> Tables:
    same = all(np.array_equal(table, tables[0]) for table in tables)
    return tables[:1] if same else tables


def _looked_up(tables: Tables, block: Pixels) -> Pixels:
    if len(tables) == 1:
        return tables[0].take(block)
    out = np.empty(block.shape, tables[0].dtype)
    for channel, table in enumerate(tables):
        out[..., channel] = table.take(block[..., channel])
    return out
