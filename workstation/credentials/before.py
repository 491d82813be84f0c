"""Knows a TIFF again that was signed since: by the hash that it had before its last credential."""

from __future__ import annotations

import struct
from pathlib import Path

from workstation.credentials.formats import TiffLayout, tiff_layout
from workstation.credentials.kinds import kind_of
from workstation.credentials.tiffs import change_of, entries_of
from workstation.errors import CredentialError
from workstation.jobs import Job
from workstation.streams import Patched, pour


def hash_before(path: Path) -> Job[str | None]:
    """Return the SHA-256 that a signed TIFF had before it was last signed; None where that cannot be told.

    Its pictures are then those of that file: nothing but the copy of one directory and the credential came to
    it, and that copy says the same but for the credential.
    """
    layout = tiff_layout(path) if kind_of(path) == "image/tiff" else None
    if layout is None or not layout.places:
        return None
    try:
        change = change_of(path)
    except CredentialError:
        return None
    if not _says_the_same(path, layout, change.without):
        return None
    before = Patched(change.link, change.without)
    yield from pour(path, [before.update], [(0, change.end)], f"reading {path.name}")
    return before.digest.hexdigest()


def _says_the_same(path: Path, layout: TiffLayout, pointer: bytes) -> bool:
    """Tell whether the copied directory is the former last one with a credential."""
    wide = "Q" if layout.big else "I"
    count = "Q" if layout.big else "H"
    with path.open("rb") as file:
        file.seek(struct.unpack(layout.order + wide, pointer)[0])
        number = file.read(struct.calcsize(count))
        if len(number) < struct.calcsize(count):
            return False
        size = min(struct.unpack(layout.order + count, number)[0], 4096) * layout.width
        former, after = file.read(size), file.read(struct.calcsize(wide))
    same = sorted(entries_of(layout, former)) == sorted(entries_of(layout, layout.entries))
    return not any(after) and same
