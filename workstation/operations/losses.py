"""Fills losses and cracks from the sound paint around them, without any learned weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from annotated_types import Interval, Unit, doc

from workstation.errors import OperationError
from workstation.operations.operation import Kind, Operation, State, Window
from workstation.scans.source import Pixels


@dataclass(frozen=True)
class FillLosses(Operation):
    """Fill losses and cracks so that tones and contours run on from the sound paint around them.

    The fill is smooth: it continues what is there and invents no texture.
    """

    name: ClassVar[str] = "fill-losses"
    kind: ClassVar[Kind] = "region"
    needs_mask: ClassVar[bool] = True
    tolerance: ClassVar[float] = 4e-6
    """Twice what the solver leaves: on another machine it may stop a step earlier. 1e-7 was measured."""

    tension: Annotated[
        float,
        Interval(ge=0, le=1),
        Unit(""),
        doc("0 bends the fill like a thin plate (may overshoot in wide losses), 1 stretches it like a skin"),
    ] = 0.75
    follow: Annotated[
        float,
        Interval(ge=0, le=1),
        Unit(""),
        doc("how strongly contours are carried on through the damage; 0 blends alike from all sides"),
    ] = 1.0

    def halo(self, state: State) -> int:
        """Return the margin of sound paint from which the fill learns tones and directions."""
        return 32

    def apply(self, window: Window, state: State) -> Pixels:
        """Fill one region."""
        from models.fill import fill

        if not window.mask.any():
            return window.pixels.copy()
        if bool(np.all(window.unknown | window.mask)):
            raise OperationError(
                "No sound pixel is left around the marked damage to fill it from. Mark less of the picture."
            )
        filled: Pixels = fill(
            window.pixels, window.mask, window.unknown, tension=self.tension, follow=self.follow
        )
        return filled
