"""Whether a scan is whole: every tile of every stored level is decoded, and each damaged one is named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from workstation.jobs import Job, Progress
from workstation.scans.opening import open_pages
from workstation.scans.scan import Scan
from workstation.scans.source import Damage

_BLOCK = 2048


def check_file(path: Path) -> Job[tuple[Damage, ...]]:
    """Decode all pages of a file and return the damaged tiles."""
    found: list[Damage] = []
    for scan in open_pages(path):
        yield from _check(scan, f"Checking page {scan.page.index + 1} of {path.name}")
        found.extend(scan.damaged)
    return tuple(found)


def _check(scan: Scan, what: str) -> Job[None]:
    sizes = [(scan.levels[level].height, scan.levels[level].width) for level in scan.stored]
    total = sum(-(-height // _BLOCK) * -(-width // _BLOCK) for height, width in sizes)
    for done, (level, y0, x0) in enumerate(_blocks(scan), 1):
        size = scan.levels[level]
        scan.read(level, y0, min(y0 + _BLOCK, size.height), x0, min(x0 + _BLOCK, size.width))
        yield Progress(done, total, what)


def _blocks(scan: Scan) -> Iterator[tuple[int, int, int]]:
    """Yield level, row and column of every block; a terapixel has too many for a list."""
    for level in scan.stored:
        for y0 in range(0, scan.levels[level].height, _BLOCK):
            for x0 in range(0, scan.levels[level].width, _BLOCK):
                yield level, y0, x0
