"""Whether a scan is whole: every tile of every stored level is decoded, and each damaged one is named."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path

from workstation.jobs import Job, Progress
from workstation.scans.crew import spread
from workstation.scans.opening import open_pages
from workstation.scans.scan import Look, Scan
from workstation.scans.source import Damage

_AT_ONCE, _BYTES_AT_ONCE = 256, 64 << 20
"""So many tiles are decoded between two moments at which the work can be stopped."""


def check_file(path: Path) -> Job[tuple[Damage, ...]]:
    """Decode all pages of a file and return the damaged tiles."""
    found: list[Damage] = []
    for scan in open_pages(path):
        yield from _check(scan, f"Checking page {scan.page.index + 1} of {path.name}")
        found.extend(scan.damaged)
    return tuple(found)


def _check(scan: Scan, what: str) -> Job[None]:
    before, total = 0, sum(grid.steps() for grid in scan.in_file)
    for grid in scan.in_file:
        for some in _batches(grid.looks()):
            spread(lambda look: look.look(), some)
            yield Progress(before + some[-1].step + 1, total, what)
        before += grid.steps()


def _batches(looks: Iterator[Look]) -> Iterator[list[Look]]:
    """Yield looks in batches; a terapixel has too many for one list."""
    for first in looks:
        count = max(1, min(_AT_ONCE, _BYTES_AT_ONCE // max(first.nbytes, 1)))
        yield list(islice(chain([first], looks), count))
