"""What is left of a pyramid that was stopped: every tile that its journal names is read again and checked.

A block counts as done where all its tiles are as they were written, and what its parent needs of it is there
or the parent is done itself. All others are done again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from workstation.jobs import Job, Progress
from workstation.portable import ReadOnlyFile
from workstation.scans.crew import THREADS, each, new_crew
from workstation.scans.journal import Done, check_of, read_journal
from workstation.scans.places import Place, Places, parent_of
from workstation.scans.quarters import KeptQuarters
from workstation.scans.source import Damage, Pixels
from workstation.scans.tables import Layout, Tiled

_TOGETHER = 64


@dataclass(frozen=True, slots=True)
class Files:
    """A draft and what lies beside it while it grows."""

    draft: Path

    @property
    def journal(self) -> Path:
        """What is done."""
        return self.draft.with_name(f"{self.draft.name}.journal")

    @property
    def quarters(self) -> Path:
        """What waits for its parent."""
        return self.draft.with_name(f"{self.draft.name}.quarters")


@dataclass(slots=True)
class Recalled:
    """What an earlier run has done and left whole."""

    depth: int | None = None
    done: dict[Place, Done] = field(default_factory=dict)
    quarters: dict[Place, Pixels] = field(default_factory=dict)
    """By tile: what its parent, which is not done, gets of it."""
    damage: list[Damage] = field(default_factory=list)

    @property
    def end(self) -> int:
        """Where the last tile ends that is kept."""
        ends = (int((block.tiles["offset"] + block.tiles["count"]).max()) for block in self.done.values())
        end = max(ends, default=0)
        return end + (end & 1)


def recall(files: Files, key: bytes, layout: Layout, levels: list[Tiled]) -> Job[Recalled]:
    """Return what of a pyramid need not be done again; nothing where the journal is of other work."""
    found = _read(files.journal, key, layout, levels)
    if found.depth is None or not found.done:
        return found
    places = Places(levels, layout.tile, found.depth)
    bad = yield from _bad(files.draft, np.concatenate([block.tiles for block in found.done.values()]))
    whole = {
        place: block for place, block in found.done.items() if bad.isdisjoint(block.tiles["offset"].tolist())
    }
    found.done.clear()
    kept = KeptQuarters(files.quarters, layout)
    try:
        for place in sorted(
            whole, reverse=True
        ):  # from the top: whether a quarter is needed depends on above
            _keep(found, whole[place], places, kept)
    finally:
        kept.close()
    return found


def _read(journal: Path, key: bytes, layout: Layout, levels: list[Tiled]) -> Recalled:
    records = read_journal(journal, key)
    depth = next(records, None)
    if not isinstance(depth, int) or not depth < min(len(levels), 3):
        return Recalled()
    found, places = Recalled(depth), Places(levels, layout.tile, depth)
    for record in records:
        if isinstance(record, Damage):
            found.damage.append(record)
        elif isinstance(record, Done):
            if not places.is_block(record.place) or len(record.tiles) != _count(places, record.place):
                break
            found.done[record.place] = record
    return found


def _count(places: Places, place: Place) -> int:
    return sum(
        (rows.stop - rows.start) * (columns.stop - columns.start) for _, rows, columns in places.tiles(place)
    )


def _keep(found: Recalled, block: Done, places: Places, kept: KeptQuarters) -> None:
    last = places.last(block.place)
    if not places.is_top(last) and parent_of(last) not in found.done:
        quarter = kept.get(block, *places.quarter(last))
        if quarter is None:
            return
        found.quarters[last] = quarter
    found.done[block.place] = block


def _bad(draft: Path, tiles: np.ndarray[Any, Any]) -> Job[set[int]]:
    """Return the places in the file where a tile is not as it was written."""
    tiles = np.unique(tiles)
    try:
        file = ReadOnlyFile(draft)
    except FileNotFoundError:
        return set(tiles["offset"].tolist())
    bad: set[int] = set()

    def check(at: int) -> None:
        bad.update(_bad_of(file, tiles[at : at + _TOGETHER]))

    crew = new_crew(THREADS, "check")
    try:
        starts = range(0, len(tiles), _TOGETHER)
        for done, _ in enumerate(each(crew, THREADS, check, starts), 1):
            yield Progress(done, len(starts), "checking what is there")
    finally:
        crew.shutdown(wait=True, cancel_futures=True)
        file.close()
    return bad


def _bad_of(file: ReadOnlyFile, tiles: np.ndarray[Any, Any]) -> list[int]:
    return [
        offset
        for offset, count, check in tiles.tolist()
        if offset + count > file.size or check_of(file.read_at(offset, count)) != check
    ]
