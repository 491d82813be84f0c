"""Ingredients: a file with a credential, inside or beside it, brings it along; any other enters by its hash.

A credential that we took out ourselves goes in with the result of our own check, which C2PA demands: without
it the library refuses. The hash of the whole file and what the check said are kept with every ingredient.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workstation.credentials.anchors import AnyTrust
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
_LATER = "0" * 64
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
    is_own: bool = False
    """It is the file that is about to be signed: its hash comes later."""


def prepare(content: Content, anchors: AnyTrust, own: Path | None = None) -> list[Prepared]:
    """Check every ingredient's own credential and hash, but not the hash of the file `own`.

    Raises FileNotFoundError where one is gone.
    """
    return [_prepare(part, at, anchors, own) for at, part in enumerate(content.ingredients)]


def hashed(part: Prepared, sha256: str) -> Prepared:
    """Return an ingredient with its hash, where it is the file that is signed and the hash came later."""
    if not part.is_own:
        return part
    return replace(part, told={**part.told, "metadata": {**part.told["metadata"], KEPT_HASH: sha256}})


def add(prepared: list[Prepared], builder: Builder) -> None:
    """Hand over the files whose credentials the library takes out itself."""
    for part in prepared:
        if part.stream_as is not None:
            with part.path.open("rb") as file:
                builder.add_ingredient(part.told, part.stream_as, file)


def _prepare(part: Ingredient, at: int, anchors: AnyTrust, own: Path | None) -> Prepared:
    verdict, store = examine(part.path, sidecar_of(part.path), anchors)
    is_own = own is not None and own.samefile(part.path)
    kind = kind_of(part.path) or other_kind(part.path)
    told: dict[str, Any] = {
        "title": plain_title(part.title),
        "relationship": part.relationship,
        "label": label(at),
        "format": kind_of(part.path) or "application/octet-stream",
        "metadata": {KEPT_HASH: _LATER if is_own else sha256_of(part.path), KEPT_STATE: verdict.state},
    }
    if store is None:
        return Prepared(told, part.path, is_own=is_own)
    if store.credential is None:
        return Prepared(told, part.path, stream_as=kind, is_own=is_own)
    if len(store.credential) > LARGEST_CARRIED:
        return Prepared(told, part.path, is_own=is_own)
    kept, resources = _carried(told["label"], store, store.credential)
    return Prepared({**told, **kept}, part.path, resources=resources, is_own=is_own)


def _carried(label: str, store: Store, credential: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    name = f"{label}.c2pa"
    found = store.report.get("validation_results") or {}
    kept = {
        "active_manifest": store.report.get("active_manifest"),
        "manifest_data": {"format": "application/c2pa", "identifier": name},
        "validation_results": {which: found[which] for which in _RESULTS if found.get(which)},
    }
    return kept, {name: credential}
