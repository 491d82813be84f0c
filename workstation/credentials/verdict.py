"""What is found about a picture's credential: a state, a plain sentence, and the chain of its ancestors."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

State: TypeAlias = Literal[
    "trusted",
    "unknown-signer",
    "expired",
    "revoked",
    "altered",
    "altered-ancestor",
    "none",
    "damaged",
    "remote",
    "unsupported",
]

WORST_FIRST: tuple[State, ...] = (
    "altered",
    "damaged",
    "altered-ancestor",
    "unsupported",
    "revoked",
    "expired",
    "unknown-signer",
)
"""The states that outweigh "trusted", the gravest first."""


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed one credential, as far as it is known."""

    state: State
    signer: str | None = None
    time: str | None = None
    """When: proved by a time-stamp, or by the signer's own clock."""
    stamped: bool = False
    doubted: bool = False
    """The time comes from a time-stamp by an authority that is not trusted for it."""
    note: str = ""
    """More about the state, as it stands in the sentence."""


@dataclass(frozen=True, slots=True)
class Ancestor:
    """A file that went into this one, at any depth; `state` is what is known of it."""

    title: str
    state: State
    relationship: str
    depth: int
    signer: str | None
    time: str | None
    actions: tuple[str, ...]
    sha256: str | None
    """The hash of the whole file, where the signer kept it."""
    note: str = ""
    """More about the state, as it stands in the sentence."""


@dataclass(frozen=True, slots=True)
class ChangedTile:
    """A tile of a page whose pixels are not those that were signed."""

    page: int
    level: int
    row: int
    column: int
    box: tuple[int, int, int, int]
    """First and end row, first and end column, in pixels of the level, upright."""


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A file of a folder that is not as the folder's signed list tells it."""

    path: str
    """From the folder on, with "/" between its parts."""
    change: Literal["changed", "added", "missing"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement of one file; only "trusted" is good."""

    path: Path
    state: State
    sentence: str
    own: State = "none"
    """The state without regard to the ancestors."""
    signer: str | None = None
    time: str | None = None
    stamped: bool = False
    title: str | None = None
    actions: tuple[str, ...] = ()
    ancestors: tuple[Ancestor, ...] = ()
    embedded: bool = False
    """The credential lies in the file itself, not beside it."""
    changed_tiles: tuple[ChangedTile, ...] = ()
    """Where the picture itself was changed, where its tiles were signed."""
    changed_files: tuple[ChangedFile, ...] = ()
    """What differs in a folder from its signed list; a thousand at most."""
    codes: tuple[str, ...] = ()
    """What the check reported against the file, in C2PA's own words, for experts."""


def as_data(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as `verify --json` prints it."""
    ancestors = [
        {
            "title": part.title,
            "state": part.state,
            "relationship": part.relationship,
            "depth": part.depth,
            "signer": part.signer,
            "time": part.time,
            "actions": list(part.actions),
            "sha256": part.sha256,
            "note": part.note,
        }
        for part in verdict.ancestors
    ]
    return {
        "path": str(verdict.path),
        "state": verdict.state,
        "sentence": verdict.sentence,
        "signer": verdict.signer,
        "time": verdict.time,
        "time_stamped": verdict.stamped,
        "title": verdict.title,
        "actions": list(verdict.actions),
        "ancestors": ancestors,
        "changed_tiles": [asdict(tile) for tile in verdict.changed_tiles],
        "changed_files": [asdict(file) for file in verdict.changed_files],
        "codes": list(verdict.codes),
    }
