"""What the catalogue knows, as facts that nobody can change: each is one row at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

Transform: TypeAlias = tuple[float, float, float, float, float, float, float, float, float]
"""Scan pixels (x, y, 1) → millimetres on the painting, a 3 × 3 matrix row by row."""

IDENTITY: Transform = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Painting:
    """The physical object."""

    id: int
    title: str
    artist: str = ""
    accession: str = ""
    height_mm: float | None = None
    width_mm: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class ScanEntry:
    """One page of one picture file, known by the file's SHA-256 wherever it lies."""

    id: int
    painting_id: int | None
    path: Path
    page: int
    sha256: str
    size_bytes: int
    kind: str
    pixels_per_mm: float | None
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class Layer:
    """A scan placed on its painting."""

    id: int
    painting_id: int
    scan_id: int
    name: str
    transform: Transform = IDENTITY
    visible: bool = True
    opacity: float = 1.0
    order: int = 0
    """0 lies at the bottom."""


@dataclass(frozen=True, slots=True)
class StepEntry:
    """One step in the history of a layer; its parent is the step it works on, None the scan itself."""

    id: int
    layer_id: int
    parent_id: int | None
    operation: str
    version: int
    parameters: dict[str, Any]
    mask_sha256: str | None
    created: datetime
    author: str

    def values(self) -> dict[str, Any]:
        """Return the step as `operations.treatment.step_from` takes it."""
        return {
            "operation": self.operation,
            "version": self.version,
            "parameters": self.parameters,
            "mask_sha256": self.mask_sha256,
        }


@dataclass(frozen=True, slots=True)
class Branch:
    """One way through the history of a layer, from the scan to its last step."""

    steps: tuple[StepEntry, ...]
    current: bool
    """Whether undo and redo move on this branch."""

    @property
    def tip(self) -> StepEntry:
        """The last step, which names the branch."""
        return self.steps[-1]


@dataclass(frozen=True, slots=True)
class RecordEntry:
    """What is known of one applied operation: the record itself, and the hashes it is found by."""

    id: int
    layer_id: int
    step_id: int | None
    record: dict[str, Any]
    sha256: str
    """Of the record as canonical JSON."""
    input_sha256: str | None
    output_sha256: str | None
    created: datetime


@dataclass(frozen=True, slots=True)
class ExportEntry:
    """A file that left the workstation through the one door."""

    id: int
    layer_id: int | None
    path: Path
    kind: str
    sha256: str
    credential_path: Path | None
    created: datetime


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody wrote about a painting."""

    id: int
    painting_id: int
    text: str
    author: str
    created: datetime


@dataclass(frozen=True, slots=True)
class Hit:
    """One finding of a search."""

    subject: str
    """painting, scan, layer, step, record, export or note"""
    id: int
    painting_id: int | None
    words: str
    """The text it was found in, cut to what a list can show; the hits stand between « and »."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What came into the catalogue together: from picture files or from a dossier."""

    painting: Painting
    scans: tuple[ScanEntry, ...]
    layers: tuple[Layer, ...]
