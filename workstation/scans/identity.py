"""By what a scan and the programme are known again when work on them is to go on: cheap to find out."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, TypeAlias

from workstation.errors import ChangedError, ScanError
from workstation.jobs import Job, Progress
from workstation.portable import ReadOnlyFile
from workstation.scans.fingerprint import sampled
from workstation.versions import versions

_SAMPLES = 64
"""At most 4 MiB are read of any file."""
_BLOCK = 8 << 20
Witness: TypeAlias = Callable[[], None]
"""Raises an error once a scan is not as it was when the witness came."""


def hashing(path: Path) -> Job[str]:
    """Hash a file of any size, telling how far it is in MiB."""
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        total = max(os.fstat(file.fileno()).st_size >> 20, 1)
        while block := file.read(_BLOCK):
            digest.update(block)
            yield Progress(min(file.tell() >> 20, total), total, f"Reading {path.name}")
    return digest.hexdigest()


def work_on(scan: Path, page: int, **decisions: Any) -> dict[str, Any]:
    """Return, as JSON values, all that decides what comes of work on a page of a scan."""
    return {**_identity(scan), "page": page, "versions": versions("tifffile"), **decisions}


def check_unchanged(scan: Path, work: Mapping[str, Any]) -> None:
    """Raise ChangedError where a scan is no longer the one that `work_on` has seen."""
    now = _identity(scan)
    if any(work[name] != value for name, value in now.items()):
        raise _changed(scan)


def witness(scan: Path) -> Witness:
    """Return what tells cheaply, again and again, whether anybody has touched a scan from now on.

    It raises ChangedError where the scan is another one, and ScanError where that cannot be told: its bytes
    may have been written anew and its time set back, or only its name or its rights were changed.
    """
    before = _stat(scan)

    def check() -> None:
        now = _stat(scan)
        same = ((now.st_dev, now.st_ino), now.st_size, now.st_mtime_ns)
        if same != ((before.st_dev, before.st_ino), before.st_size, before.st_mtime_ns):
            raise _changed(scan)
        if now.st_ctime_ns != before.st_ctime_ns:  # on Windows the time when it was made
            raise ScanError(f"{scan} was touched while it was read, and may have been another meanwhile.")

    return check


def _stat(scan: Path) -> os.stat_result:
    try:
        return scan.stat()
    except FileNotFoundError:
        raise ChangedError(f"{scan} is no longer there. Start again, once it is.") from None
    except OSError as error:
        raise _unread(scan, error) from error


def _unread(scan: Path, error: OSError) -> ScanError:
    return ScanError(f"{scan} could not be read: {error.strerror}. Try it again later.")


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
            raise _unread(scan, error) from error
    return {
        "scan": str(scan.resolve()),
        "bytes": file.size,
        "changed": file.modified_ns,
        "sample": sample.hexdigest(),
    }
