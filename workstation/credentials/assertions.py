"""Takes single statements and data out of a manifest that the library has read; it judges nothing."""

from __future__ import annotations

import io
from contextlib import suppress
from typing import Any

from workstation.credentials.content import ATTACHED
from workstation.credentials.manifest import RECORDS_RESOURCE
from workstation.credentials.tiletree import TILES_RESOURCE


def assertion(manifest: dict[str, Any], label: str) -> Any:
    """Return what a manifest says under a label, None where it says nothing."""
    parts = manifest.get("assertions") or []
    return next((part.get("data") for part in parts if part.get("label") == label), None)


def kept_apart(reader: Any, manifest: dict[str, Any], name: str, most: int) -> bytes:
    """Return data that a credential keeps as that of an ingredient of this name; none = empty."""
    parts = [part for part in manifest.get("ingredients") or [] if part.get("title") == name]
    return b"".join(_data_of(reader, part, most) for part in parts[:1])


def is_kept_apart(part: dict[str, Any]) -> bool:
    """Tell whether an ingredient is no file that went in, but data of ours that the credential keeps."""
    is_ours = part.get("title") in (RECORDS_RESOURCE, TILES_RESOURCE) or is_attached(part)
    return is_ours and "data" in part and not part.get("active_manifest")


def is_attached(part: dict[str, Any]) -> bool:
    """Tell whether an ingredient is data that the credential carries for whoever works with the file."""
    return str(part.get("format")).startswith(ATTACHED)


def _data_of(reader: Any, part: dict[str, Any], most: int) -> bytes:
    """Return the data of an ingredient, cut off where there is more than `most` bytes of it."""
    from c2pa import C2paError

    told, buffer = part.get("data"), io.BytesIO()
    name = told.get("identifier") if isinstance(told, dict) else None
    with suppress(C2paError):  # then the hash does not fit
        reader.resource_to_stream(name if isinstance(name, str) else "", buffer)
    return buffer.getvalue()[: most + 1]
