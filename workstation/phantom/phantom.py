"""The phantom as the rest of the house sees it: its layers as tile sources, and the truth about them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from workstation.errors import UsageError
from workstation.operations.operation import Rect
from workstation.phantom import appearance
from workstation.phantom.appearance import NEW, Condition
from workstation.phantom.brush import Grid
from workstation.phantom.noise import Floats
from workstation.phantom.panel import Panel, panel
from workstation.phantom.picture import Picture, View
from workstation.phantom.placement import Placement, Warp, askew, straight
from workstation.phantom.varnish import HAZE, TRANSMISSION
from workstation.scans.source import Metadata

KINDS = ("VIS", "IRR", "UVF", "RAK", "XR")
WIDTH_MM = 400.0
"""The width of the panel unless its resolution says otherwise."""
LONGEST = 2**30


class Phantom:
    """A still life on panel that was never painted, known to the last crack.

    The content is defined in millimetres: more pixels show the same painting finer. Nothing is kept but a
    few megabytes of strokes and cracks; every block is computed when it is read.
    """

    def __init__(
        self, width_px: int = 1600, height_px: int | None = None, seed: int = 7,
        pixels_per_mm: float | None = None, bits: int = 16,
    ) -> None:  # fmt: skip
        height_px = round(width_px * 0.75) if height_px is None else height_px
        _check(width_px, height_px, seed, pixels_per_mm, bits)
        self.width_px, self.height_px, self.seed, self.bits = width_px, height_px, seed, bits
        self.pixels_per_mm = pixels_per_mm or width_px / WIDTH_MM
        self.width_mm, self.height_mm = width_px / self.pixels_per_mm, height_px / self.pixels_per_mm
        self._unit = max(400.0 / self.width_mm, 300.0 / self.height_mm)

    @property
    def _panel(self) -> Panel:
        return panel(self.seed, round(self.width_mm * self._unit, 3), round(self.height_mm * self._unit, 3))

    def layers(self) -> dict[str, Picture]:
        """Return all layers by kind, VIS first."""
        return {kind: self.layer(kind) for kind in KINDS}

    def layer(self, kind: str) -> Picture:
        """Return one layer: VIS (colour), IRR (grey), UVF (colour), RAK (colour) or XR (grey)."""
        if kind not in KINDS:
            raise UsageError(f"The phantom has no layer {kind}. It has {', '.join(KINDS)}.")
        return self.visible() if kind == "VIS" else self._other(kind)

    def visible(self, condition: Condition | None = None) -> Picture:
        """Return the painting in visible light, in the given condition (as it is today unless said)."""
        condition = condition or Condition()

        def view(grid: Grid) -> Floats:
            return appearance.visible(self._panel, grid, condition)

        state = "a phantom" if condition == Condition() else "a phantom, state of known condition"
        return self._along_edges("VIS", view, 3, 0.0035 if condition.noise else 0.0, state)

    def truth(self) -> Truth:
        """Return what is known of the phantom and of no real painting."""
        return Truth(self)

    def placement(self, kind: str) -> Placement:
        """Return where the pixels of a layer lie on the painting."""
        return self.layer(kind).placement

    def _along_edges(self, kind: str, view: View, channels: int, noise: float, words: str) -> Picture:
        return Picture(
            kind, self.width_px, self.height_px, channels, view, straight(self.pixels_per_mm),
            (self.width_mm, self.height_mm), self._metadata(kind, self.pixels_per_mm, words),
            np.dtype(f"u{self.bits // 8}"), encoded, self._unit, noise, self.seed + 1009, straight=True,
        )  # fmt: skip

    def _other(self, kind: str) -> Picture:
        plan = _plans(self.seed, (self.width_mm, self.height_mm))[kind]
        dense = self.pixels_per_mm * plan.finer
        size = round(self.width_mm * dense * plan.margin), round(self.height_mm * dense * plan.margin)
        size = max(size[0], 16), max(size[1], 16)
        placed = askew(
            (self.width_mm, self.height_mm), size, dense, plan.degrees, plan.stretch,
            (0.004 * self.width_mm, -0.003 * self.height_mm), plan.warp,
        )  # fmt: skip
        return Picture(
            kind, *size, plan.channels, self._view(kind), placed, (self.width_mm, self.height_mm),
            self._metadata(kind, dense, "a phantom"), np.dtype("u2"), plan.encode, self._unit, plan.noise,
            self.seed + sum(map(ord, kind)), outside=plan.outside,
        )  # fmt: skip

    def _view(self, kind: str) -> View:
        def view(grid: Grid) -> Floats:
            if kind == "RAK":
                return appearance.raking(self._panel, grid, Condition())
            looks = {"IRR": appearance.infrared, "UVF": appearance.ultraviolet, "XR": appearance.xray}
            return looks[kind](self._panel, grid)

        return view

    def _metadata(self, kind: str, dense: float, words: str) -> Metadata:
        text = f"Still life with a jug, {words} (seed {self.seed}); made by the conservation workstation"
        return Metadata(pixels_per_mm=dense, description=text, page_name=kind)


@dataclass(frozen=True)
class _Plan:
    """How a layer was recorded."""

    channels: int
    finer: float
    degrees: float
    stretch: float
    margin: float
    noise: float
    encode: Any
    outside: float
    warp: Warp | None = None


def _plans(seed: int, size: tuple[float, float]) -> dict[str, _Plan]:
    draw = np.random.default_rng([seed, 91])
    turn = draw.uniform(0.5, 1.4, 4) * np.where(draw.random(4) < 0.5, -1, 1)
    film = Warp(0.0022 * size[0], size, float(draw.uniform(0, 6)))
    return {
        "IRR": _Plan(1, 0.62, turn[0], 1.004, 1.03, 0.012, _grey, 0.02),
        "UVF": _Plan(3, 0.80, turn[1], 0.998, 1.04, 0.008, encoded, 0.001),
        "RAK": _Plan(3, 0.90, 0.4 * turn[2], 1.0, 1.02, 0.006, encoded, 0.002),
        "XR": _Plan(1, 0.50, turn[3], 1.007, 1.05, 0.016, _grey, 0.015, film),
    }


@dataclass(frozen=True)
class Truth:
    """What is known of a phantom: states, masks, varnish, placements; blocks are in pixels of VIS."""

    phantom: Phantom

    @property
    def undamaged(self) -> Picture:
        """The painting on the day it was finished, on the pixels of VIS."""
        return self.phantom.visible(NEW)

    def state(self, condition: Condition) -> Picture:
        """The painting with only some of its troubles; same pixels, same grain."""
        return self.phantom.visible(condition)

    @property
    def cracks(self) -> Picture:
        """The crack mask as a picture of 0 and 255."""
        return self._mask("crack mask", appearance.cracked)

    @property
    def losses(self) -> Picture:
        """The loss mask as a picture of 0 and 255."""
        return self._mask("loss mask", appearance.missing)

    def crack_mask(self, y0: int, y1: int, x0: int, x1: int) -> npt.NDArray[np.bool_]:
        """Return which pixels of a block show a crack."""
        return self.cracks.read(0, y0, y1, x0, x1)[..., 0] > 0

    def loss_mask(self, y0: int, y1: int, x0: int, x1: int) -> npt.NDArray[np.bool_]:
        """Return which pixels of a block have lost paint."""
        return self.losses.read(0, y0, y1, x0, x1)[..., 0] > 0

    def varnish(self, y0: int, y1: int, x0: int, x1: int) -> tuple[Floats, Floats]:
        """Return what share of the light the varnish lets come back, and its haze (h, w, 3 each)."""
        pitch = self.phantom._unit / self.phantom.pixels_per_mm
        grid = Grid((np.arange(x0, x1) + 0.5) * pitch, (np.arange(y0, y1) + 0.5) * pitch, pitch)
        share, haze = self.phantom._panel.varnish.passed(grid)
        return np.moveaxis(share, 0, -1), np.moveaxis(haze, 0, -1)

    @property
    def cleaned_window(self) -> Rect:
        """The rectangle of VIS pixels where the varnish has been taken off entirely."""
        scale = self.phantom.pixels_per_mm / self.phantom._unit
        left, top, right, bottom = (side * scale for side in self.phantom._panel.varnish.window)
        x, y = int(np.ceil(left)), int(np.ceil(top))
        return Rect(x, y, int(right) - x, int(bottom) - y)

    def placement(self, kind: str) -> Placement:
        """Return where the pixels of a layer lie on the painting."""
        return self.phantom.placement(kind)

    def facts(self, kinds: list[str]) -> dict[str, Any]:
        """Return what is known in numbers, as plain JSON values."""
        placed = {kind: self.placement(kind) for kind in kinds}
        return {
            "seed": self.phantom.seed,
            "size_mm": [self.phantom.width_mm, self.phantom.height_mm],
            "pixels_per_mm": self.phantom.pixels_per_mm,
            "cleaned_window": list(self.cleaned_window),
            "varnish": {"transmission": TRANSMISSION, "haze": HAZE},
            "pixels_to_mm": {kind: place.matrix.tolist() for kind, place in placed.items()},
            "warp": {kind: vars(place.warp) for kind, place in placed.items() if place.warp},
        }

    def _mask(self, name: str, look: Any) -> Picture:
        def view(grid: Grid) -> Floats:
            seen: Floats = look(self.phantom._panel, grid)[None]
            return seen

        shown = self.phantom._along_edges(name, view, 1, 0.0, name)
        return replace(shown, dtype=np.dtype("u1"), encode=_marked)


def encoded(light: Floats) -> Floats:
    """Return sRGB samples between 0 and 1 for linear light."""
    light = np.clip(light, 0, 1)
    low = light * np.float32(12.92)
    high = np.float32(1.055) * np.power(light, np.float32(1 / 2.4)) - np.float32(0.055)
    samples: Floats = np.where(light <= np.float32(0.0031308), low, high)
    return samples


def _grey(light: Floats) -> Floats:
    return np.clip(light, 0, 1)


def _marked(share: Floats) -> Floats:
    return (share > 0).astype(np.float32)


def _check(width: int, height: int, seed: int, dense: float | None, bits: int) -> None:
    if not (32 <= width <= LONGEST and 32 <= height <= LONGEST):
        raise UsageError(f"A phantom is 32 to {LONGEST} px wide and high, not {width} × {height}.")
    if max(width / height, height / width) > 3:
        raise UsageError("A phantom is at most three times as long as it is wide; choose other sizes.")
    if dense is not None and not (1e-3 < dense < 1e6):
        raise UsageError(f"A phantom has more than 0.001 pixels per mm and less than a million, not {dense}.")
    if seed < 0 or seed >= 2**31:
        raise UsageError(f"A seed is a whole number from 0 to {2**31 - 1}, not {seed}.")
    if bits not in (8, 16):
        raise UsageError(f"A phantom has 8 or 16 bits a sample, not {bits}.")
