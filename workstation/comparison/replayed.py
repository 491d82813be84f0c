"""Where a replay differs from the result it was made of, as a map of colour differences with its legend."""

from __future__ import annotations

from pathlib import Path

from workstation.comparison.difference import SCALE, DifferenceSource
from workstation.comparison.exporting import Compared, check_map, export_difference
from workstation.comparison.statistics import statistics
from workstation.credentials.certificates import Studio
from workstation.files import FileMade
from workstation.jobs import Job
from workstation.operations.replayed import Replayed
from workstation.operations.replaying import Asked, replayed_pair
from workstation.scans.source import TileSource

FINEST = 0.1


def difference_of(done: Replayed, result: TileSource, again: TileSource) -> DifferenceSource:
    """Return the differences in false colours; what is the same is left out and drawn in one grey.

    The last colour stands for less where the differences are small: they are to be seen, whatever their size.
    """
    assert done.match is not None
    return DifferenceSource(result, again, _scale(done), done.match.mask)


def export_map(
    done: Replayed, target: Path, studio: Studio, *, replace: bool = False
) -> Job[tuple[FileMade, ...]]:
    """Write the map of a replay that differs, and its legend, both signed."""
    with replayed_pair(done) as (result, again):
        source = difference_of(done, result, again)
        found = yield from statistics(source)
        compared = Compared(done.result, done.scan)
        return (yield from export_difference(source, compared, found, target, studio, replace=replace))


def check_map_of(asked: Asked, target: Path, replace: bool) -> None:
    """Raise an error unless the map of a replay and its legend can be written there."""
    check_map(Compared(asked.result, asked.scan or asked.result), target, replace)


def _scale(done: Replayed) -> float:
    """Return the ΔE00 of the last colour: about that of the largest difference, were it one of grey."""
    assert done.match is not None
    if done.level.dtype.kind == "f":
        span = done.match.high - done.match.low
    else:
        import numpy as np

        span = float(np.iinfo(done.level.dtype).max)
    share = min(done.match.largest / span, 1.0) if span > 0 else 1.0
    return float(f"{min(max(100 * share, FINEST), SCALE):.1g}")
