"""What came of a replay, in numbers and in one plain sentence that claims no more than was compared."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from workstation.credentials.verdict import Verdict
from workstation.operations.matching import Match, TileDifference
from workstation.operations.treatment import Treatment
from workstation.scans.source import Damage, Level

State: TypeAlias = Literal["identical", "within-tolerance", "different"]


@dataclass(frozen=True, slots=True)
class Replayed:
    """A recorded treatment that was run again, and how the result compares with it."""

    result: Path
    scan: Path
    page: int
    verdict: Verdict
    treatment: Treatment
    state: State
    level: Level
    """Size and samples of the result."""
    match: Match | None
    """None where the two are not of one size and type."""
    reason: str
    """Why they could not be compared sample by sample, or not everywhere; else empty."""
    tolerance: float
    """In samples of the result; 0 where machine and libraries are the recorded ones."""
    circumstances: tuple[str, ...]
    """What is another here than when the result was made."""
    misfits: tuple[str, ...]
    """What the record says and the replay found otherwise, such as "regions of step 1"."""
    damaged: tuple[Damage, ...]
    """Tiles of the scan that could not be read, now and perhaps then."""
    seconds: float

    @property
    def is_good(self) -> bool:
        """Tell whether the result is what its record says."""
        return self.state != "different" and not self.misfits


def sentence(done: Replayed) -> str:
    """Say what was found."""
    return " ".join((_first(done), *_others(done)))


def _first(done: Replayed) -> str:
    steps = len(done.treatment.steps)
    what = f"The recorded treatment ({steps} step{'' if steps == 1 else 's'}), run again on {done.scan.name},"
    if done.match is None:
        return f"{what} gives another picture: {done.reason}."
    if done.state == "identical":
        return f"{what} gives exactly the pixels of {done.result.name}."
    if not done.match.pixels:
        return f"{what} gives the pixels of {done.result.name} as far as they can be read."
    share = _share(done.match.pixels, done.level.height * done.level.width)
    differ = f"{done.match.pixels:,} px ({share}) differ, by up to {amount(done, done.match.largest)}"
    if done.state == "within-tolerance":
        allowed = f"{amount(done, done.tolerance)} are allowed on another machine"
        return f"{what} gives {done.result.name} within the tolerance: {differ}; {allowed}."
    more = f", more than the {amount(done, done.tolerance)} allowed here" if done.circumstances else ""
    return f"{what} does not give the pixels of {done.result.name}: {differ}{more}."


def _others(done: Replayed) -> list[str]:
    said = []
    if done.match is not None and done.reason:
        said.append(f"{done.reason}.")
    if done.circumstances:
        said.append(f"Other than recorded: {'; '.join(done.circumstances)}.")
    if done.misfits:
        said.append(f"The record does not fit what was found: {', '.join(done.misfits)}.")
    return said


def amount(done: Replayed, difference: float) -> str:
    """Return a difference in words: "3 of 65,535", or as a share of the range for floats."""
    if difference == float("inf"):
        return "a sample that is no number"
    if done.level.dtype.kind == "f":
        return f"{difference:.3g}"
    return f"{difference:,.0f} of {_range(done.level):,}"


def _range(level: Level) -> int:
    import numpy as np

    limits = np.iinfo(level.dtype)
    return int(limits.max) - int(limits.min)


def _share(part: int, whole: int) -> str:
    share = 100 * part / whole
    return f"{share:.2g} %" if share < 10 else f"{share:.0f} %"


def as_data(done: Replayed) -> dict[str, Any]:
    """Return what `replay --json` prints."""
    match = done.match
    return {
        "state": done.state,
        "largest_difference": _number(done, match.largest if match else None),
        "tolerance": _number(done, done.tolerance),
        "sentence": sentence(done),
        "dtype": str(done.level.dtype),
        "pixels": done.level.height * done.level.width,
        "pixels_different": match.pixels if match else None,
        "tiles_different": match.tiles_different if match else None,
        "box": _box(match.box) if match and match.box else None,
        "where": [_tile(done, tile) for tile in match.tiles] if match else [],
        "other_circumstances": list(done.circumstances),
        "record_misfits": list(done.misfits),
        "scan": str(done.scan),
        "page": done.page,
        "steps": [step.operation.name for step in done.treatment.steps],
        "damaged": len(done.damaged),
        "seconds": done.seconds,
    }


def _tile(done: Replayed, tile: TileDifference) -> dict[str, Any]:
    return {
        "row": tile.row,
        "column": tile.column,
        **_box(tile.box),
        "pixels": tile.pixels,
        "largest_difference": _number(done, tile.largest),
    }


def _box(box: tuple[int, int, int, int]) -> dict[str, int]:
    y0, y1, x0, x1 = box
    return {"x": x0, "y": y0, "width": x1 - x0, "height": y1 - y0}


def _number(done: Replayed, value: float | None) -> float | int | None:
    """Return samples as a whole number where they are; infinity becomes null in JSON."""
    if value is None or value == float("inf"):
        return None
    return value if done.level.dtype.kind == "f" else int(value)
