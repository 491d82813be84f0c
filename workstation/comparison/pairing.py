"""Which two pictures can be compared, at which resolutions, and what is measured between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from workstation.errors import UsageError
from workstation.scans.source import TileSource

Measure: TypeAlias = Literal["colour", "lightness"]
"""CIEDE2000 of the colours; or, where one of the two is grey, of their lightness alone."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """What two pictures have in common."""

    levels: int
    """How many resolutions, from the full one on, both have in the same size."""
    measure: Measure


def pair(a: TileSource, b: TileSource) -> Pairing:
    """Return what two pictures have in common; UsageError where they do not lie pixel on pixel."""
    first, second = a.levels[0], b.levels[0]
    if (first.width, first.height) != (second.width, second.height):
        raise UsageError(
            f"The pictures are {first.width} × {first.height} px and {second.width} × {second.height} px; "
            "a comparison needs the same size. Register one to the other first."
        )
    for level in (first, second):
        if level.channels > 4:
            raise UsageError(f"A picture of {level.channels} channels cannot be compared; grey and RGB can.")
    common = 0
    for one, other in zip(a.levels, b.levels, strict=False):
        if (one.width, one.height) != (other.width, other.height):
            break
        common += 1
    return Pairing(common, "lightness" if min(first.channels, second.channels) < 3 else "colour")
