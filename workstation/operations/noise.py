"""Quietens sensor noise, measured in the scan itself, while edges and brushwork stay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from annotated_types import Interval, Unit, doc

from workstation.errors import OperationError
from workstation.operations.operation import Operation, State, Window
from workstation.operations.sampling import spread_blocks
from workstation.scans.source import Pixels, TileSource

if TYPE_CHECKING:
    from workstation.operations.mask import Mask


@dataclass(frozen=True)
class SuppressNoise(Operation):
    """Quieten sensor noise while edges and brushwork stay.

    How strong the noise is at each brightness is measured in the scan, at full resolution.
    """

    name: ClassVar[str] = "suppress-noise"
    tolerance: ClassVar[float] = 1e-3
    """Waves are kept or dropped as they reach a limit: one that just does so here may just not do so there,
    and leave 2e-4 of the range (measured, with noise of 1 %) where alone nothing at all differed."""

    strength: Annotated[
        float,
        Interval(ge=0, le=1),
        Unit(""),
        doc("the share of the noise that is taken out; 0 leaves the scan as it is"),
    ] = 0.8
    expected: Annotated[
        float,
        Interval(ge=0, le=25),
        Unit("%"),
        doc("the noise as a share of full white, where you know it better; 0 measures it in the scan"),
    ] = 0.0

    def halo(self, state: State) -> int:
        """Return how far a pixel's neighbourhood reaches."""
        return 7

    @property
    def share(self) -> float:
        """Say how much of the measured noise there is at the level that is worked on."""
        return 1.0

    def at_scale(self, scale: float) -> Operation:
        """Return the operation for a preview level: noise falls with the pixels that were averaged."""
        return _Preview(self.strength, self.expected, scale)

    def fit(self, source: TileSource, mask: Mask | None) -> State:
        """Measure the noise of each colour channel."""
        from models.noise import measure

        level = source.levels[0]
        colours = 3 if level.channels >= 3 else 1
        blocks = [block.pixels for block in spread_blocks(source)]
        low, high = _range(blocks, level.dtype)
        if self.expected:
            sigma = self.expected / 100 * (high - low)
            curves = [[[low], [sigma]] for _ in range(colours)]
        else:
            found = [measure([block[..., k] for block in blocks], low, high) for k in range(colours)]
            curves = [[list(curve.levels), list(curve.sigmas)] for curve in found]
        return {"low": low, "high": high, "noise": curves}

    def apply(self, window: Window, state: State) -> Pixels:
        """Quieten one block."""
        from models.noise import Curve, quieten

        curves = [
            Curve(tuple(levels), tuple(sigma * self.share for sigma in sigmas))
            for levels, sigmas in state["noise"]
        ]
        calm: Pixels = quieten(window.pixels, curves, state["low"], state["high"], self.strength)
        return calm


@dataclass(frozen=True)
class _Preview(SuppressNoise):
    """Quieten what is left of the noise in a smaller picture."""

    name: ClassVar[str] = ""

    scale: float = 1.0

    @property
    def share(self) -> float:
        """Averaging n pixels leaves one over the root of n of their noise."""
        return self.scale


def _range(blocks: list[Pixels], dtype: np.dtype[Any]) -> tuple[float, float]:
    """Return the least and the greatest sample there can be; for floats, that there is."""
    if np.issubdtype(dtype, np.integer):
        return float(np.iinfo(dtype).min), float(np.iinfo(dtype).max)
    finite = [block[np.isfinite(block)] for block in blocks]
    seen = np.concatenate([part.ravel() for part in finite])
    if not seen.size or seen.min() == seen.max():
        raise OperationError(
            "The picture is of one tone, so there is no noise to measure. Choose another page."
        )
    return float(seen.min()), float(seen.max())
