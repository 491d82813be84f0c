"""Where a replay differs from the result it was made of, as a map of colour differences with its legend."""

from __future__ import annotations

from contextlib import ExitStack, closing
from pathlib import Path

from workstation.comparison.difference import SCALE, DifferenceSource
from workstation.comparison.exporting import Compared, check_map, check_png, export_difference, is_png
from workstation.comparison.statistics import statistics
from workstation.credentials.certificates import Studio
from workstation.files import FileMade
from workstation.jobs import Job
from workstation.operations.render import treated
from workstation.operations.replayed import Replayed
from workstation.operations.replaying import Asked
from workstation.scans.opening import open_scan
from workstation.scans.source import TileSource

FINEST = 0.1
"""ΔE00 of the last colour at least: it stands for less where differences are small, so that they are seen."""


class ReplayMap(DifferenceSource):
    """The differences in false colours; what is the same is left out and drawn in one grey."""

    def __init__(self, done: Replayed, result: TileSource, scan: TileSource) -> None:
        assert done.match is not None
        super().__init__(result, treated(scan, done.treatment)[0], _scale(done), done.match.mask)
        self._scan = scan

    def close(self) -> None:
        """Close result and scan."""
        super().close()
        self._scan.close()


def open_map(done: Replayed) -> ReplayMap:
    """Open the map of a replay that differs, to look at it; whoever opens it closes it.

    Raises UsageError where colours cannot be compared, as of pictures with many channels.
    """
    with ExitStack() as stack:
        result = stack.enter_context(open_scan(done.result))
        scan = stack.enter_context(open_scan(done.scan, done.page))
        found = ReplayMap(done, result, scan)
        stack.pop_all()
        return found


def export_map(
    done: Replayed, target: Path, studio: Studio, *, replace: bool = False
) -> Job[tuple[FileMade, ...]]:
    """Write the map of a replay that differs, and its legend, both signed."""
    with closing(open_map(done)) as source:
        found = yield from statistics(source)
        compared = Compared(done.result, done.scan)
        return (yield from export_difference(source, compared, found, target, studio, replace=replace))


def check_map_of(asked: Asked, target: Path, replace: bool) -> None:
    """Raise an error unless the map of a replay and its legend can be written there."""
    check_map(Compared(asked.result, asked.scan or asked.result), target, replace)
    if is_png(target):
        with open_scan(asked.result) as result:
            check_png(target, result.levels[0])


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
