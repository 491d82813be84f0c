"""By what a scan and the programme are known again when work on them is to go on: cheap to find out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workstation.errors import ChangedError, ScanError
from workstation.versions import versions

_SAMPLES = 64
_SAMPLE_BYTES = 64 << 10


def work_on(scan: Path, page: int, **decisions: Any) -> dict[str, Any]:
    """Return, as JSON values, all that decides what comes of work on a page of a scan."""
    return {**_identity(scan), "page": page, "versions": versions("tifffile"), **decisions}


def check_unchanged(scan: Path, work: Mapping[str, Any]) -> None:
    """Raise ChangedError where a scan is no longer the one that `work_on` has seen."""
    now = _identity(scan)
    if any(work[name] != value for name, value in now.items()):
        raise ChangedError(f"{scan} was changed while it was read. Start again, once nobody changes it.")


def _identity(scan: Path) -> dict[str, Any]:
    found = scan.stat()
    return {
        "scan": str(scan.resolve()),
        "bytes": found.st_size,
        "changed": found.st_mtime_ns,
        "sample": _sample(scan, found.st_size),
    }


def _sample(path: Path, size: int) -> str:
    """Return a hash of 64 pieces of 64 KiB, head and tail among them: at most 4 MiB are read of any file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        try:
            for number in range(_SAMPLES):
                file.seek(max(size - _SAMPLE_BYTES, 0) * number // (_SAMPLES - 1))
                digest.update(file.read(_SAMPLE_BYTES))
        except OSError as error:
            raise ScanError(f"{path} could not be read: {error.strerror}. Try it again later.") from error
    return digest.hexdigest()
