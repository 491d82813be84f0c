"""Where a picture was changed after it was signed: the tiles of which the credential holds other hashes."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

from workstation.credentials import engine
from workstation.credentials.assertions import assertion, kept_apart
from workstation.credentials.binding import MISMATCH
from workstation.credentials.formats import LARGEST_CREDENTIAL, sidecar_of, tiff_layout
from workstation.credentials.judging import Judge, means_altered
from workstation.credentials.kinds import kind_of
from workstation.credentials.manifest import TILES
from workstation.credentials.reading import (
    UnreadCredentialError,
    credential_at,
    credential_beside,
    open_reader,
    report_of,
)
from workstation.credentials.tiletree import TILES_RESOURCE, Changes, changes, hear
from workstation.credentials.verdict import Verdict
from workstation.errors import CredentialError, ScanError
from workstation.jobs import Job
from workstation.scans.tilehashes import TileHashes, TooMuchError


def with_changes(verdict: Verdict) -> Job[Verdict]:
    """Return a verdict that names the changed tiles, where the file was altered and its tiles were signed.

    All its pixels are decoded for that, once and in constant memory. Any other verdict comes back as it is:
    where the record itself was altered, what it says of tiles proves nothing.
    """
    altered = {code for code in verdict.codes if means_altered(code)}
    if verdict.own != "altered" or altered != {MISMATCH}:
        return verdict
    try:
        signed = signed_tiles(verdict.path, inside=verdict.embedded)
    except (CredentialError, UnreadCredentialError):
        return verdict
    if signed is None:
        return verdict
    try:
        found = yield from changes(verdict.path, signed)
    except TooMuchError:
        told = "which of its tiles was not looked for, as it unpacks to far more than it has bytes"
        return replace(verdict, sentence=f"{verdict.sentence[:-1]}; {told}.")
    except ScanError:
        return replace(verdict, sentence=f"{verdict.sentence[:-1]}, and its pixels can no longer be read.")
    return replace(verdict, changed_tiles=found.tiles, sentence=f"{verdict.sentence[:-1]}: {_told(found)}.")


def signed_tiles(path: Path, *, inside: bool) -> TileHashes | None:
    """Return the tiles of which a TIFF's credential tells, None where it tells of none; it judges nothing.

    Raises CredentialError or UnreadCredentialError where the credential is not well formed.
    """
    credential = _credential(path, inside)
    if credential is None:
        return None
    with open_reader("application/c2pa", io.BytesIO(credential), engine.context("")) as reader:
        manifest = Judge(report_of(reader)).manifest()
        told = assertion(manifest, TILES)
        if not isinstance(told, dict):
            return None
        return hear(told, kept_apart(reader, manifest, TILES_RESOURCE, LARGEST_CREDENTIAL))


def _credential(path: Path, inside: bool) -> bytes | None:
    if not inside:
        return credential_beside(sidecar_of(path))
    layout = tiff_layout(path) if kind_of(path) == "image/tiff" else None
    return credential_at(path, layout.places[-1]) if layout is not None and layout.places else None


def _told(found: Changes) -> str:
    told = []
    if found.tiles:
        have = "has" if len(found.tiles) == 1 else "have"
        told.append(f"{len(found.tiles):,} of its {found.of:,} signed tiles {have} other pixels")
    if found.reshaped:
        pages = ", ".join(str(index + 1) for index in found.reshaped[:5])
        told.append(f"page {pages} no longer has the size and the samples that were signed")
    return " and ".join(told) or (
        "every pixel is as it was signed, so that other parts of the file were changed, "
        "such as its metadata or its coarser levels"
    )
