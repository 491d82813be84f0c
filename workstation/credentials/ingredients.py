"""Ingredients: a file with a credential, inside or beside it, brings it along; any other enters by its hash.

A credential that we took out ourselves goes in with the result of our own check, which C2PA demands: without
it the library refuses. The hash of the whole file and what the check said are kept with every ingredient.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workstation.credentials.content import Content, Ingredient
from workstation.credentials.formats import sidecar_of
from workstation.credentials.kinds import kind_of
from workstation.credentials.manifest import OWN, label, plain_title
from workstation.credentials.reading import Store, other_kind
from workstation.credentials.verifying import examine
from workstation.files import sha256_of

if TYPE_CHECKING:
    from c2pa import Builder

KEPT_HASH, KEPT_STATE = f"{OWN}.sha256", f"{OWN}.state"
LARGEST_CARRIED = 64 * 1024 * 1024
_RESULTS = ("activeManifest", "ingredientDeltas")


@dataclass(frozen=True, slots=True)
class Prepared:
    """An ingredient that has been looked at: how it is told, and how its credential comes along."""

    told: dict[str, Any]
    path: Path
    stream_as: str | None = None
    """The MIME type under which the library takes the credential out of the file."""
    resources: Mapping[str, bytes] = field(default_factory=dict)
    """The credential, where we took it out."""


def prepare(content: Content, anchors: str) -> list[Prepared]:
    """Check every ingredient's own credential and hash; FileNotFoundError where one is gone."""
    return [_prepare(part, at, anchors) for at, part in enumerate(content.ingredients)]


def add(prepared: list[Prepared], builder: Builder) -> None:
    """Hand over the files whose credentials the library takes out itself."""
    for part in prepared:
        if part.stream_as is not None:
            with part.path.open("rb") as file:
                builder.add_ingredient(part.told, part.stream_as, file)


def _prepare(part: Ingredient, at: int, anchors: str) -> Prepared:
    verdict, store = examine(part.path, sidecar_of(part.path), anchors)
    kind = kind_of(part.path) or other_kind(part.path)
    told = {
        "title": plain_title(part.title),
        "relationship": part.relationship,
        "label": label(at),
        "format": kind_of(part.path) or "application/octet-stream",
        "metadata": {KEPT_HASH: sha256_of(part.path), KEPT_STATE: verdict.state},
    }
    if store is None:
        return Prepared(told, part.path)
    if store.credential is None:
        return Prepared(told, part.path, stream_as=kind)
    if len(store.credential) > LARGEST_CARRIED:
        return Prepared(told, part.path)
    return _carried(told, part.path, store, store.credential)


def _carried(told: dict[str, Any], path: Path, store: Store, credential: bytes) -> Prepared:
    name = f"{told['label']}.c2pa"
    found = store.report.get("validation_results") or {}
    kept = {
        "active_manifest": store.report.get("active_manifest"),
        "manifest_data": {"format": "application/c2pa", "identifier": name},
        "validation_results": {which: found[which] for which in _RESULTS if found.get(which)},
    }
    return Prepared({**told, **kept}, path, resources={name: credential})
