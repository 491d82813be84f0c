"""Runs the treatment that a credential records again, and compares it with the result, tile by tile.

Nothing is written: what the treatment gives is compared as it is computed, in constant memory.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workstation.credentials.recalling import Recalled
from workstation.errors import CredentialError, OperationError, WorkstationError
from workstation.jobs import Job, Progress
from workstation.operations.finding import check_scan, find_scan
from workstation.operations.matching import Match, match
from workstation.operations.operation import State as Facts
from workstation.operations.record import Circumstances, record_of
from workstation.operations.recorded import Recorded, read_records
from workstation.operations.regions import Regions
from workstation.operations.render import treated
from workstation.operations.replayed import Replayed, State
from workstation.operations.restoring import treatment_of
from workstation.operations.tolerance import circumstances, tolerance
from workstation.operations.treatment import Treatment
from workstation.scans.identity import Witness
from workstation.scans.opening import Scan, open_scan
from workstation.scans.source import Level, TileSource, refuse_passing

COMPARED = ("seed", "regions", "area_px", "area_mm2", "share", "state")
"""What of a record is found anew by a replay."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user names for a replay; the credential and the catalogue know the rest."""

    result: Path
    scan: Path | None = None
    page: int | None = None
    """Of the scan, where another than the recorded one is to be tried."""
    masks: tuple[Path, ...] = ()
    """Masks that lie beside the result because its credential could not carry them."""


def replay(
    asked: Asked, recalled: Recalled, known: Callable[[str], Iterable[Path]] = lambda sha256: ()
) -> Job[Replayed]:
    """Replay what `recalled`, which was read from `asked.result`, records.

    `known` tells where files of a SHA-256 may lie. Raises CredentialError for a record that cannot be
    replayed, ScanMissingError where the scan is not found, ScanError for another one.
    """
    started = time.monotonic()
    recorded = recorded_in(asked.result, recalled)
    recalled.untouched()
    path, unchanged = yield from _scan(asked, recalled, recorded, known)
    page = recorded.input_page if asked.page is None else asked.page
    with open_scan(path, page) as scan, open_scan(asked.result) as result:
        size = scan.levels[0]
        treatment = yield from treatment_of(recorded, recalled.attachments or {}, asked.masks, size)
        yield Progress(0, 1, "reading the scan")
        again, facts = _treated(scan, treatment)
        reason, found = _other_shape(result.levels[0], again.levels[0]), None
        if not reason:
            found = yield from match(result, again, lambda: _refuse_passing(scan, result))
        unchanged()
        recalled.untouched()
        around = circumstances(recorded)
        span = max(found.high - found.low, 0.0) if found else 0.0
        limit = tolerance(treatment, result.levels[0], span) if around else 0.0
        return Replayed(
            result=asked.result,
            scan=path,
            page=page,
            verdict=recalled.verdict,
            treatment=treatment,
            state=_state(found, result, around, limit),
            level=result.levels[0],
            match=found,
            reason=reason or _unreadable(result),
            tolerance=limit,
            circumstances=around,
            misfits=_misfits(recorded, scan, treatment, facts, is_same_machine=not around)
            + _wrong_hash(recorded, found),
            damaged=scan.damaged,
            seconds=time.monotonic() - started,
        )


def recorded_in(result: Path, recalled: Recalled) -> Recorded:
    """Return what a credential records; CredentialError where that is nothing, or cannot be replayed."""
    if not recalled.records:
        has_credential = recalled.attachments is not None
        why = "Its credential tells no treatment." if has_credential else recalled.verdict.sentence
        raise CredentialError(f"{result} has no record that could be replayed. {why}")
    return read_records(recalled.records)


def _scan(
    asked: Asked, recalled: Recalled, recorded: Recorded, known: Callable[[str], Iterable[Path]]
) -> Job[tuple[Path, Witness]]:
    wanted = recorded.input_sha256
    if asked.scan is None:
        return (yield from find_scan(asked.result, recalled.parent, wanted, known(wanted)))
    return asked.scan, (yield from check_scan(asked.scan, wanted, asked.result))


def _treated(scan: Scan, treatment: Treatment) -> tuple[TileSource, tuple[Facts, ...]]:
    try:
        return treated(scan, treatment)
    except WorkstationError as error:
        told = f"The recorded treatment cannot be run on {scan.path.name}: {error}"
        raise OperationError(told) from error


def _refuse_passing(scan: Scan, result: Scan) -> None:
    refuse_passing(scan.damaged)
    refuse_passing(result.damaged)


def _other_shape(result: Level, again: Level) -> str:
    """Say why the two cannot be compared sample by sample; nothing where they can."""
    size, other = (f"{level.width} × {level.height} px" for level in (result, again))
    if size != other:
        return f"the result is {size}, the replay {other}"
    kind, another = (f"{level.channels} × {level.dtype}" for level in (result, again))
    return "" if kind == another else f"the result has {kind} a pixel, the replay {another}"


def _unreadable(result: Scan) -> str:
    count = result.damage_count
    return f"{count} damaged tile{'' if count == 1 else 's'} of the result could not be read" if count else ""


def _state(found: Match | None, result: Scan, around: tuple[str, ...], limit: float) -> State:
    if found is None or result.damage_count:
        return "different"
    if not found.pixels:
        return "identical"
    return "within-tolerance" if around and found.largest <= limit else "different"


def _misfits(
    recorded: Recorded, scan: Scan, treatment: Treatment, facts: tuple[Facts, ...], *, is_same_machine: bool
) -> tuple[str, ...]:
    """Name what a record says otherwise than it is found; what was measured only on the same machine."""
    level, scale = scan.levels[0], scan.metadata.pixels_per_mm
    around = Circumstances("", 0, level.height * level.width, scale, "", "", "")
    compared = [name for name in COMPARED if name != "state" or is_same_machine]
    wrong: list[str] = []
    for number, (told, step, state) in enumerate(zip(recorded.steps, treatment.steps, facts, strict=True), 1):
        regions = Regions(step.mask).all if step.mask else ()
        anew = json.loads(json.dumps(record_of(step, state, around, None, regions).as_json()))
        wrong += [f"{name} of step {number}" for name in compared if not _agree(told.told, anew, name)]
    return tuple(wrong)


def _agree(told: Any, anew: Any, name: str) -> bool:
    return type(told.get(name)) is type(anew[name]) and bool(told.get(name) == anew[name])


def _wrong_hash(recorded: Recorded, found: Match | None) -> tuple[str, ...]:
    wanted = recorded.output_sha256
    return ("hash of the result's pixels",) if found and wanted not in (None, found.hashes[0]) else ()
