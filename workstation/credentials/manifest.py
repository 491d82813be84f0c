"""From content to a C2PA manifest of version 2, as the library takes it.

Traps that this module hides: lists of small whole numbers in JSON would be stored as bytes, so records and
nested parameters travel as JSON text; a definition above 1 MiB is refused, so large records go in as data
of an ingredient; a region may carry no role.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from workstation import VERSION
from workstation.credentials.content import DIGITAL_SOURCES, Action, Content
from workstation.credentials.tiletree import TILES_RESOURCE, tell
from workstation.errors import CredentialError
from workstation.operations.operation import Rect
from workstation.scans.tilehashes import TileHashes

PROGRAMME = "Conservation Workstation"
SPECIFICATION = "2.4.0"
OWN = "org.conservation-workstation"
RECORDS, TILES = f"{OWN}.records", f"{OWN}.tiles"
SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
RECORDS_RESOURCE, THUMBNAIL_RESOURCE = "treatment-records.json", "thumbnail.jpg"
MOST_REGIONS = 200
"""Regions written out for each action; the change map holds them all."""
LARGEST_INLINE, LARGEST_RECORDS, LARGEST_DEFINITION = 500_000, 64_000_000, 1_000_000
LARGEST_ATTACHED = 32_000_000
"""All attachments of a credential together."""
LARGEST_THUMBNAIL, THUMBNAIL_EDGE = 200_000, 512


@dataclass(frozen=True, slots=True)
class Definition:
    """What a builder is made from: its JSON and the data that belongs to it."""

    manifest: dict[str, Any]
    resources: Mapping[str, bytes]


def define(content: Content, ingredients: list[dict[str, Any]]) -> Definition:
    """Return the manifest of `content`; CredentialError where the content breaks a rule of C2PA.

    `ingredients` are told as the library takes them, labelled "ingredient-1", "ingredient-2" … in the order
    of `content.ingredients`; those whose file is handed over later are left out.
    """
    _check(content)
    resources: dict[str, bytes] = {}
    manifest: dict[str, Any] = {
        "claim_version": 2,
        "title": plain_title(content.title),
        "claim_generator_info": [
            {"name": PROGRAMME, "version": VERSION, "specVersion": SPECIFICATION},
        ],
        "assertions": [_actions(content)],
        "ingredients": list(ingredients),
    }
    if content.records:
        _add_records(manifest, resources, content)
    if content.tiles is not None:
        _add_tiles(manifest, resources, content.tiles)
    _add_attachments(manifest, resources, content)
    if content.thumbnail is not None:
        resources[THUMBNAIL_RESOURCE] = _checked_thumbnail(content.thumbnail)
        manifest["thumbnail"] = {"format": "image/jpeg", "identifier": THUMBNAIL_RESOURCE}
    manifest = _encodable(manifest)
    if len(json.dumps(manifest)) > LARGEST_DEFINITION:
        raise CredentialError(
            "The credential would be larger than 1 MB. Sign fewer actions or regions at a time."
        )
    return Definition(manifest, resources)


def _encodable(value: Any) -> Any:
    """Return JSON values with "?" for bytes of a file name that are no text: the library refuses them."""
    if isinstance(value, dict):
        return {key: _encodable(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_encodable(part) for part in value]
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def label(index: int) -> str:
    """Return the name under which an ingredient is known inside the definition."""
    return f"ingredient-{index + 1}"


def plain_title(text: str) -> str:
    """Return a title without folders, control characters or excess length."""
    name = text.replace("\\", "/").rstrip("/").rpartition("/")[2]
    shown = " ".join("".join(sign if sign.isprintable() else " " for sign in name).split())
    return shown[:200] or "untitled"


def _actions(content: Content) -> dict[str, Any]:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    used = _uses(content)
    actions = [_action(action, now, used.get(at, [])) for at, action in enumerate(content.actions)]
    data = {"actions": actions, "allActionsIncluded": True}
    return {"label": "c2pa.actions.v2", "created": True, "data": data}


def _action(action: Action, now: str, uses: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "action": action.name,
        "when": now,
        "softwareAgent": {"name": action.agent or PROGRAMME, "version": VERSION},
    }
    if action.digital_source:
        found["digitalSourceType"] = SOURCE_TYPES + action.digital_source
    if action.description:
        found["description"] = action.description
    parameters = {f"{OWN}.{name}": _plain(value) for name, value in action.parameters.items()}
    if uses:
        parameters["ingredientIds"] = uses
    if parameters:
        found["parameters"] = parameters
    if action.regions:
        found["changes"] = [
            _change(action, at, rect) for at, rect in enumerate(action.regions[:MOST_REGIONS])
        ]
        parameters[f"{OWN}.regions"] = len(action.regions)
        found["parameters"] = parameters
    return found


def _change(action: Action, at: int, rect: Rect) -> dict[str, Any]:
    shape = {
        "type": "rectangle",
        "unit": "pixel",
        "origin": {"x": int(rect.x), "y": int(rect.y)},
        "width": int(rect.width),
        "height": int(rect.height),
    }
    return {
        "name": f"region {at + 1}",
        "description": action.description or action.name,
        "region": [{"type": "spatial", "shape": shape}],
    }


def _uses(content: Content) -> dict[int, list[str]]:
    """Tell which action uses which ingredients: opened the parent, placed the components, inputs the rest."""
    of: dict[str, list[str]] = {"parentOf": [], "componentOf": [], "inputTo": []}
    for at, ingredient in enumerate(content.ingredients):
        of[ingredient.relationship].append(label(at))
    found: dict[int, list[str]] = {}
    names = [action.name for action in content.actions]
    if of["parentOf"]:
        found[0] = of["parentOf"]
    placed = [at for at, name in enumerate(names) if name == "c2pa.placed"]
    for number, at in enumerate(placed):
        last = number == len(placed) - 1
        found[at] = of["componentOf"][number:] if last else of["componentOf"][number : number + 1]
    if of["inputTo"]:
        at = (
            0 if names[0] == "c2pa.created" else next((n for n in range(1, len(names)) if n not in placed), 0)
        )
        found[at] = [*found.get(at, []), *of["inputTo"]]
    for number, part in enumerate(content.attachments):
        for at in part.used_by:
            found[at] = [*found.get(at, []), _attached(number)]
    return found


def _add_records(manifest: dict[str, Any], resources: dict[str, bytes], content: Content) -> None:
    texts = [_exact(record) for record in content.records]
    data = ("[" + ",\n".join(texts) + "]").encode()
    if len(data) > LARGEST_RECORDS:
        raise CredentialError("The treatment records are larger than 64 MB. Sign fewer steps at a time.")
    told: dict[str, Any] = {"count": len(texts), "sha256": hashlib.sha256(data).hexdigest()}
    if len(data) <= LARGEST_INLINE:
        told["records"] = texts
    else:
        told["stored"] = RECORDS_RESOURCE
        _keep_apart(manifest, resources, RECORDS_RESOURCE, "application/json", data)
    manifest["assertions"].append({"label": RECORDS, "created": True, "data": told})


def _add_tiles(manifest: dict[str, Any], resources: dict[str, bytes], tiles: TileHashes) -> None:
    told, apart = tell(tiles)
    if apart is not None:
        _keep_apart(manifest, resources, TILES_RESOURCE, "application/octet-stream", apart)
    manifest["assertions"].append({"label": TILES, "created": True, "data": told})


def _add_attachments(manifest: dict[str, Any], resources: dict[str, bytes], content: Content) -> None:
    if sum(len(part.data) for part in content.attachments) > LARGEST_ATTACHED:
        raise CredentialError("What the credential was to carry is larger than 32 MB. Keep it beside it.")
    for at, part in enumerate(content.attachments):
        _keep_apart(manifest, resources, part.name, part.format, part.data, label=_attached(at))


def _attached(index: int) -> str:
    return f"attachment-{index + 1}"


def _keep_apart(
    manifest: dict[str, Any], resources: dict[str, bytes], name: str, kind: str, data: bytes, **more: str
) -> None:
    """Keep large data in the credential: the library takes it only as that of an ingredient."""
    resources[name] = data
    reference = {"format": kind, "identifier": name}
    kept = {"title": name, "format": kind, "relationship": "inputTo", "data": reference}
    manifest["ingredients"].append({**kept, **more})


def _exact(record: Mapping[str, Any]) -> str:
    try:
        return json.dumps(record, sort_keys=True, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise CredentialError(f"A treatment record cannot be kept exactly: {error}.") from error


def _plain(value: object) -> object:
    """Return a value that survives the way through CBOR; containers as JSON text."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _checked_thumbnail(data: bytes) -> bytes:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data), formats=["JPEG"]) as picture:
            edge = max(picture.size)
    except (OSError, ValueError) as error:
        raise CredentialError("The thumbnail is not a JPEG.") from error
    if edge > THUMBNAIL_EDGE or len(data) > LARGEST_THUMBNAIL:
        raise CredentialError(f"The thumbnail is larger than {THUMBNAIL_EDGE} px or 200 kB.")
    return data


def _check(content: Content) -> None:
    names = [action.name for action in content.actions]
    parents = [part for part in content.ingredients if part.relationship == "parentOf"]
    if not names or names[0] not in ("c2pa.created", "c2pa.opened"):
        raise CredentialError("A credential begins with the action c2pa.created or c2pa.opened.")
    if {"c2pa.created", "c2pa.opened"} & set(names[1:]):
        raise CredentialError("Only the first action of a credential may be c2pa.created or c2pa.opened.")
    if len(parents) != (names[0] == "c2pa.opened"):
        raise CredentialError("An opened file has exactly one parent, a created one has none.")
    if names[0] == "c2pa.created" and not content.actions[0].digital_source:
        raise CredentialError("A created file needs a digital source: say how it was made.")
    for action in content.actions:
        if action.digital_source is not None and action.digital_source not in DIGITAL_SOURCES:
            raise CredentialError(
                f"{action.digital_source} is no digital source that IPTC's vocabulary knows."
            )
