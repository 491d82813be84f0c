"""What a credential says of a file, in the product's own words, before it becomes a C2PA manifest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

from workstation.operations.operation import Rect
from workstation.scans.tilehashes import TileHashes

Relationship: TypeAlias = Literal["parentOf", "componentOf", "inputTo"]

DIGITAL_SOURCES = frozenset(
    {
        "digitalCapture",
        "digitalCreation",
        "humanEdits",
        "algorithmicallyEnhanced",
        "algorithmicMedia",
        "composite",
        "compositeSynthetic",
        "compositeCapture",
        "compositeWithTrainedAlgorithmicMedia",
        "trainedAlgorithmicMedia",
        "screenCapture",
        "dataDrivenMedia",
    }
)
"""The names of IPTC's vocabulary that we may write; retired ones are left out."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that was done, such as "c2pa.edited"."""

    name: str
    digital_source: str | None = None
    """A name of DIGITAL_SOURCES: how the pixels that this action made came to be."""
    description: str = ""
    agent: str = ""
    """The operation or programme that did it; empty = the workstation."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    regions: tuple[Rect, ...] = ()
    """Where, in pixels of the full resolution; empty = everywhere."""


@dataclass(frozen=True, slots=True)
class Ingredient:
    """A file that went into the new one; one with a credential brings it along."""

    path: Path
    title: str
    relationship: Relationship = "parentOf"


ATTACHED = "application/x-conservation-workstation"
"""With this begins the MIME type of whatever a credential carries for us."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """Data that the credential itself carries, such as a mask, so that it goes wherever the file goes."""

    name: str
    data: bytes
    used_by: tuple[int, ...] = ()
    """The places of the actions that worked with it."""
    format: str = ATTACHED
    """ATTACHED, or a kind of it."""


@dataclass(frozen=True, slots=True)
class Content:
    """All that one credential says; the first action is c2pa.created or c2pa.opened."""

    title: str
    actions: tuple[Action, ...]
    ingredients: tuple[Ingredient, ...] = ()
    records: tuple[Mapping[str, Any], ...] = ()
    """Treatment records as plain JSON values, kept exactly."""
    thumbnail: bytes | None = None
    """A JPEG of at most 512 px, made by us: the automatic ones are far too big."""
    attachments: tuple[Attachment, ...] = ()
    tiles: TileHashes | None = None
    """The hashes of the picture's tiles."""
