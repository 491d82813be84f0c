"""Reads back the treatment records that a credential carries, exactly as they were signed.

It does not judge: ask `verify` first whether the file and its records are what the signer left.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from workstation.credentials.assertions import assertion, kept_apart
from workstation.credentials.judging import Judge
from workstation.credentials.manifest import LARGEST_RECORDS, RECORDS, RECORDS_RESOURCE
from workstation.credentials.reading import opened
from workstation.errors import CredentialError


def records_of(path: Path) -> tuple[dict[str, Any], ...]:
    """Return the records in a file's own credential, none where it tells none; CredentialError if broken."""
    with opened(path) as (reader, report):
        return records_in(path, reader, Judge(report).manifest())


def records_in(path: Path, reader: Any, manifest: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    """Return the records of one manifest of a credential that is open; errors name `path`."""
    told = assertion(manifest, RECORDS)
    if told is None:
        return ()
    if not isinstance(told, dict):
        raise _broken(path)
    if "stored" in told:
        data = kept_apart(reader, manifest, RECORDS_RESOURCE, LARGEST_RECORDS)
        if hashlib.sha256(data).hexdigest() != told.get("sha256"):
            raise _broken(path)
        texts = data.decode(errors="replace")
    else:
        found = told.get("records")
        texts = f"[{','.join(str(text) for text in found)}]" if isinstance(found, list) else ""
    return _parsed(path, texts)


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
