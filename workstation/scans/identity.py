"""By what a scan and the programme are known again when work on them is to go on: cheap to find out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from workstation.errors import ChangedError, ScanError
from workstation.portable import ReadOnlyFile
from workstation.scans.fingerprint import sampled
from workstation.versions import versions

_SAMPLES = 64
"""At most 4 MiB are read of any file."""


def work_on(scan: Path, page: int, **decisions: Any) -> dict[str, Any]:
    """Return, as JSON values, all that decides what comes of work on a page of a scan."""
    return {**_identity(scan), "page": page, "versions": versions("tifffile"), **decisions}


def check_unchanged(scan: Path, work: Mapping[str, Any]) -> None:
    """Raise ChangedError where a scan is no longer the one that `work_on` has seen."""
    now = _identity(scan)
    if any(work[name] != value for name, value in now.items()):
        raise _changed(scan)


def check_still(file: ReadOnlyFile) -> None:
    """Raise ChangedError where a file is no longer what it was when it was opened."""
    if not file.is_unchanged():
        raise _changed(file.path)


def _changed(scan: Path) -> ChangedError:
    return ChangedError(f"{scan} was changed while it was read. Start again, once nobody changes it.")


def _identity(scan: Path) -> dict[str, Any]:
    sample = hashlib.sha256()
    with closing(ReadOnlyFile(scan)) as file:
        try:
            for piece in sampled(file, _SAMPLES):
                sample.update(piece)
        except OSError as error:
            raise ScanError(f"{scan} could not be read: {error.strerror}. Try it again later.") from error
    return {
        "scan": str(scan.resolve()),
        "bytes": file.size,
        "changed": file.modified_ns,
        "sample": sample.hexdigest(),
    }
