"""Long work that goes on where it was stopped: its drafts lie in a folder whose name follows from the work.

The name is a hash of all that decides the result, so that other work, or the same on changed files, never
takes the drafts over. Whoever works in the folder holds its lock. It goes when the work is done; what was
killed or stopped leaves it, and whoever starts the same again goes on there. unfinished.py sweeps what nobody
goes on with.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from workstation.errors import CancelledError, ChangedError, OperationError, UsageError, WorkstationError
from workstation.files import drafts, writing
from workstation.portable import locked, unclaim
from workstation.unfinished import LOCK, RESUMABLE, is_empty, remove_held, remove_resumable, sweep

WORTH_SECONDS = 60.0
"""Work of less than this is not kept when somebody stops it: it would only be clutter."""
KEPT = "What is done is kept: start the same again to go on from there."
_STOPPED = (CancelledError, KeyboardInterrupt, GeneratorExit)
_WORTHLESS = (OperationError, ChangedError)
"""What says that the drafts are wrong, or of a scan that is no more; nothing else costs what was done."""


@contextmanager
def resumable(target: Path, work: Mapping[str, Any]) -> Iterator[Path]:
    """Yield the folder beside `target` for the drafts of a piece of work, with what an earlier run left.

    `work` names all that decides the result, as JSON values. The folder is removed when the block ends well,
    and where what was done is not worth keeping; else the error says that it was kept. Raises UsageError
    where another process is at the same work. Without locks the folder is a new one that is always removed.
    """
    folder = target.parent / f"{_prefix(target)}{_digest(json.dumps(work, sort_keys=True), 24)}"
    began, handle, goes_on = time.monotonic(), None, False
    try:
        with writing(target):
            sweep(target.parent)
            handle = _taken(folder, target)
            if handle is None:
                with drafts(target) as new:
                    yield new
                return
            goes_on = not is_empty(folder)
            yield folder
    except BaseException as error:
        if handle is None:
            remove_resumable(folder, only_empty=True)
            raise
        is_long = goes_on or time.monotonic() - began >= WORTH_SECONDS
        if not is_long or isinstance(error, _WORTHLESS) or _is_nothing(folder):
            remove_held(folder, handle)
            raise
        unclaim(handle)
        if (told := _told(error)) is not None:
            raise told from error
        raise
    else:
        remove_held(folder, handle)
        _remove_all(target)


def _is_nothing(folder: Path) -> bool:
    try:
        return is_empty(folder)
    except OSError:
        return False


def _told(error: BaseException) -> WorkstationError | None:
    """Return the error that says what was kept; None where the error is none of ours."""
    if isinstance(error, _STOPPED):
        return CancelledError(f"Stopped. {KEPT}")
    return type(error)(f"{error} {KEPT}") if isinstance(error, WorkstationError) else None


def _taken(folder: Path, target: Path) -> int | None:
    """Make the folder where it is not there, and lock it; None where the file system knows no locks."""
    while True:
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        try:
            handle = locked(folder / LOCK)
        except BlockingIOError:
            raise UsageError(
                f"{target} is being written by another process just now. Wait for it, or name another file."
            ) from None
        except FileNotFoundError:  # whoever was at it has just removed the folder
            continue
        except OSError:
            with suppress(OSError):
                (folder / LOCK).unlink()
                folder.rmdir()
            return None
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(handle), (folder / LOCK).stat()):
                return handle
        unclaim(handle)


def _remove_all(target: Path) -> None:
    """Remove what other work left that wanted to write this target, which now is there."""
    for other in target.parent.glob(f"{_prefix(target)}*"):
        remove_resumable(other)


def _prefix(target: Path) -> str:
    return f"{RESUMABLE}{_digest(target.name, 8)}-"


def _digest(text: str, digits: int) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:digits]
