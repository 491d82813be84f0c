"""The coarser levels of flat scans, kept in a folder of the user's own: found, used, listed, cleared.

A scan's own folder is the museum's: nothing is written there. Each page has at most one kept file, a tiled
TIFF that holds the levels which the scan lacks, bit for bit what halving gives. It is used only for the very
file that it was made from. The folder is bounded: what was not used for longest goes first.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from workstation.errors import ScanError, TooLargeError, WriteError
from workstation.files import writing
from workstation.scans.scan import Grid, Scan, Strips
from workstation.scans.source import Damage, Pixels, damage_from
from workstation.scans.tiff import open_tiff
from workstation.settings import cache_folder
from workstation.unfinished import PREFIX, sweep

_VIEW_PIXELS = 1 << 21
LIMIT = 20 << 30
"""Bytes of all kept levels."""
RESERVE = 5 << 30
"""Bytes that stay free on the disk, or a twentieth of a small one."""
COSTLY_PIXELS = 1 << 24
"""A look for which more pixels of the file are gone through is worth keeping levels for."""


@dataclass(frozen=True, slots=True)
class Run:
    """Levels that a file lacks, one after the other: from `first` up to the one before `end`."""

    first: int
    end: int


@dataclass(frozen=True, slots=True)
class About:
    """What stands in a kept file about the scan that it belongs to."""

    path: str
    page: int
    identity: str
    first: int
    damaged: tuple[Damage, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """One kept file, as it is listed."""

    file: Path
    scan: Path
    page: int
    levels: int
    bytes: int
    used: float
    """When it was used last, in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class _Weighed:
    file: Path
    bytes: int
    used: float


class KeptGrid:
    """A level in a kept file; should that be damaged, the level is computed as before."""

    strips: Strips = "none"

    def __init__(self, kept: Scan, index: int, computed: Grid) -> None:
        self._kept, self._index, self._computed = kept, index, computed
        self.level = computed.level

    def read(self, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        """Return a block."""
        block = self._kept.read(self._index, y0, y1, x0, x1)
        if self._kept.damaged:
            _remove(self._kept.path)
            return self._computed.read(y0, y1, x0, x1)
        return block


def run_to_keep(scan: Scan) -> Run | None:
    """Return the missing levels of which one look costs most; None where all are cheap to compute."""
    if scan.identity is None:
        return None
    ends = (*scan.stored[1:], len(scan.levels))
    runs = [Run(base + 1, end) for base, end in zip(scan.stored, ends, strict=True) if end > base + 1]
    dearest = max(runs, key=lambda run: _cost(scan, run), default=None)
    return dearest if dearest is not None and _cost(scan, dearest) > COSTLY_PIXELS else None


def folder() -> Path:
    """Return the folder of all kept levels; it is made where missing."""
    found = cache_folder() / "levels"
    with writing(found):
        found.mkdir(parents=True, exist_ok=True, mode=0o700)
    return found


def place_of_levels(path: Path, page: int) -> Path:
    """Return the kept file of a page, which need not exist."""
    name = hashlib.sha256(f"{path.absolute()}\0{page}".encode(errors="replace")).hexdigest()[:32]
    return folder() / f"{name}.tif"


def use_kept(scan: Scan) -> bool:
    """Let an open scan read its missing levels where they are kept; False where they are not."""
    run = run_to_keep(scan)
    if run is None or scan.identity is None:
        return False
    with suppress(OSError, WriteError):  # whoever has a bad disk, or cannot have a folder, can still look
        scan.identity()  # now, while the file is surely open; it is remembered
        place = place_of_levels(scan.path, scan.page.index)
        return place.is_file() and _use(scan, run, place)
    return False


def lacks_levels(scan: Scan) -> bool:
    """Tell whether `build_levels` would make looking at this scan quicker."""
    run = run_to_keep(scan)
    return run is not None and not isinstance(scan.grid(run.first), KeptGrid)


def describe_kept(about: About) -> str:
    """Return what is written into a kept file about its scan."""
    return json.dumps(asdict(about))


def list_kept() -> list[Kept]:
    """Return all kept levels, those used last first."""
    found = [kept for kept in map(_listed, _files()) if kept is not None]
    return sorted(found, key=lambda kept: kept.used, reverse=True)


def clear_kept(scans: Iterable[Path] | None = None) -> tuple[int, int]:
    """Remove the kept levels of these scans, or all; return how many files and bytes that were."""
    wanted = None if scans is None else {path.absolute() for path in scans}
    gone = _files() if wanted is None else [kept.file for kept in list_kept() if kept.scan in wanted]
    sizes = [file.bytes for file in map(_weighed, gone) if file is not None]
    for file in gone:
        _remove(file)
    sweep(folder())
    return len(sizes), sum(sizes)


def check_room(needed: int, name: str) -> None:
    """Raise TooLargeError where levels of about `needed` bytes have no room, whatever else would go."""
    held = sum(file.bytes for file in map(_weighed, _files()) if file is not None)
    if needed > min(LIMIT, _free() + held):
        raise TooLargeError(
            f"The coarser levels of {name} need about {needed / 1e9:.1f} GB in {folder()}, which has no room "
            "for them."
        )


def make_room(grown: int, name: str) -> None:
    """Remove what was not used for longest until a growing file of so many bytes has room.

    WriteError where all that is not enough.
    """
    files = sorted(filter(None, map(_weighed, _files())), key=lambda file: file.used)
    total = sum(file.bytes for file in files)
    while files and (total + grown > LIMIT or _free() < 0):
        total -= files[0].bytes
        _remove(files.pop(0).file)
    if grown > LIMIT:
        raise TooLargeError(f"The coarser levels of {name} need more than the {LIMIT / 1e9:.0f} GB for all.")
    if _free() < 0:
        raise WriteError(f"The coarser levels of {name} are not kept: the disk of {folder()} is nearly full.")


def _free() -> int:
    """Return how many bytes the disk has above those that stay free."""
    disk = shutil.disk_usage(folder())
    return disk.free - min(RESERVE, disk.total // 20)


def _cost(scan: Scan, run: Run) -> int:
    """Return how many pixels of the finer level one look may need."""
    finer = scan.levels[run.first - 1]
    return min(finer.height * finer.width, _VIEW_PIXELS << (2 * (run.end - run.first)))


def _use(scan: Scan, run: Run, place: Path) -> bool:
    try:
        kept = Scan(place, open_tiff(place, 0))
    except (OSError, ScanError):
        _remove(place)
        return False
    about = _about(kept)
    if not _is_of(kept, about, scan, run):
        kept.close()
        _remove(place)  # of a scan that has changed
        return False
    scan.note(about.damaged if about else ())
    with suppress(OSError):
        os.utime(place)
    grids = {i: KeptGrid(kept, i - run.first, scan.grid(i)) for i in range(run.first, run.end)}
    if not scan.exchange(grids, kept.close):
        kept.close()
    return True


def _is_of(kept: Scan, about: About | None, scan: Scan, run: Run) -> bool:
    if about is None or scan.identity is None or len(kept.levels) < run.end - run.first:
        return False
    sizes = [(level.height, level.width, level.channels, level.dtype) for level in scan.levels]
    held = [(level.height, level.width, level.channels, level.dtype) for level in kept.levels]
    fits = sizes[run.first : run.end] == held[: run.end - run.first]
    return fits and about.first == run.first and about.identity == scan.identity()


def _about(kept: Scan) -> About | None:
    try:
        told: dict[str, Any] = json.loads(kept.metadata.description or "")
        damaged = tuple(damage_from(found) for found in told.pop("damaged"))
        return About(**told, damaged=damaged)
    except (ValueError, TypeError, LookupError, AttributeError):
        return None


def _listed(file: Path) -> Kept | None:
    try:
        with Scan(file, open_tiff(file, 0)) as kept:
            about, facts = _about(kept), file.stat()
            if about is None:
                return None
            levels = len(kept.levels)
            return Kept(file, Path(about.path), about.page, levels, facts.st_size, facts.st_mtime)
    except (OSError, ScanError):
        return None


def _files() -> list[Path]:
    return [file for file in folder().glob("*.tif") if not file.name.startswith(PREFIX)]


def _weighed(file: Path) -> _Weighed | None:
    """Return size and time of a kept file; None where another process has just removed it."""
    try:
        facts = file.stat()
    except OSError:
        return None
    return _Weighed(file, facts.st_size, facts.st_mtime)


def _remove(file: Path) -> None:
    with suppress(OSError):  # another process was first, or Windows has it open
        file.unlink()
