"""Reads back the treatment records that a credential carries, exactly as they were signed.

It does not judge: ask `verify` first whether the file and its records are what the signer left.
"""

from __future__ import annotations

import hashlib
import io
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from workstation.credentials.judging import Judge
from workstation.credentials.manifest import LARGEST_RECORDS, RECORDS, RECORDS_RESOURCE
from workstation.credentials.reading import opened
from workstation.errors import CredentialError


def records_of(path: Path) -> tuple[dict[str, Any], ...]:
    """Return the records in a file's own credential, none where it tells none; CredentialError if broken."""
    with opened(path) as (reader, report):
        manifest = Judge(report).manifest()
        told = next((part.get("data") for part in named(manifest, RECORDS)), None)
        if told is None:
            return ()
        if not isinstance(told, dict):
            raise _broken(path)
        if "stored" in told:
            data = stored(reader, manifest, RECORDS_RESOURCE)
            if hashlib.sha256(data).hexdigest() != told.get("sha256"):
                raise _broken(path)
            texts = data.decode(errors="replace")
        else:
            found = told.get("records")
            texts = f"[{','.join(str(text) for text in found)}]" if isinstance(found, list) else ""
    return _parsed(path, texts)


def named(manifest: dict[str, Any], label: str) -> list[dict[str, Any]]:
    """Return the assertions of a manifest that have this label."""
    return [part for part in manifest.get("assertions") or [] if part.get("label") == label]


def stored(reader: Any, manifest: dict[str, Any], name: str, most: int = LARGEST_RECORDS) -> bytes:
    """Return data that a credential keeps apart, at most one byte more than `most`; none = empty."""
    from c2pa import C2paError

    parts = [part for part in manifest.get("ingredients") or [] if part.get("title") == name]
    buffer = io.BytesIO()
    for part in parts[:1]:
        with suppress(C2paError):  # then the hash does not fit
            reader.resource_to_stream((part.get("data") or {}).get("identifier") or "", buffer)
    return buffer.getvalue()[: most + 1]


def _parsed(path: Path, text: str) -> tuple[dict[str, Any], ...]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise _broken(path) from None
    if not isinstance(found, list) or not all(isinstance(record, dict) for record in found):
        raise _broken(path)
    return tuple(found)


def _broken(path: Path) -> CredentialError:
    return CredentialError(f"The treatment records in the credential of {path} are not well formed.")
