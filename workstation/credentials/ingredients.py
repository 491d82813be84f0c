"""Ingredients: a file with a credential inside brings it along; any other enters by its hash.

The hash, where the credential lies and what a check of it said are kept with every ingredient, since C2PA
itself keeps nothing of a file whose credential lies beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workstation.credentials.content import Content, Ingredient
from workstation.credentials.formats import carried_as, kind_of
from workstation.credentials.manifest import OWN, label, plain_title
from workstation.credentials.verdict import Verdict
from workstation.credentials.verifying import verify
from workstation.files import sha256_of

if TYPE_CHECKING:
    from c2pa import Builder

KEPT_HASH, KEPT_STATE, KEPT_PLACE = f"{OWN}.sha256", f"{OWN}.state", f"{OWN}.credential"


@dataclass(frozen=True, slots=True)
class Prepared:
    """An ingredient that has been looked at: how it is told, and whether its file is handed over."""

    told: dict[str, Any]
    path: Path
    stream_as: str | None
    """The MIME type under which the library takes the file's own credential along."""


def prepare(content: Content, anchors: str) -> list[Prepared]:
    """Check every ingredient's own credential and hash; FileNotFoundError where one is gone."""
    return [_prepare(part, at, anchors) for at, part in enumerate(content.ingredients)]


def add(prepared: list[Prepared], builder: Builder) -> None:
    """Hand over the files whose own credentials are to be kept."""
    for part in prepared:
        if part.stream_as is not None:
            with part.path.open("rb") as file:
                builder.add_ingredient(part.told, part.stream_as, file)


def _prepare(part: Ingredient, at: int, anchors: str) -> Prepared:
    verdict = verify(part.path, anchors)
    kept = {KEPT_HASH: sha256_of(part.path), KEPT_STATE: verdict.state, KEPT_PLACE: _place(verdict)}
    told = {
        "title": plain_title(part.title),
        "relationship": part.relationship,
        "label": label(at),
        "format": kind_of(part.path) or "application/octet-stream",
        "metadata": kept,
    }
    return Prepared(told, part.path, carried_as(part.path) if verdict.embedded else None)


def _place(verdict: Verdict) -> str:
    if verdict.state in ("none", "remote"):
        return verdict.state
    return "inside" if verdict.embedded else "beside"
