"""Unfinished files and folders: named so that nobody takes them for results, removed when their maker dies.

Their maker holds a lock on them. What lies beside a target without a lock was left by a process that was
killed, and the next one that writes there removes it. On a file system without locks nothing is removed.
What somebody may still go on with (see resumable.py) has a name of its own and is removed after a month.
"""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from workstation.portable import claimed, locked, unclaim, unclaim_and_remove

PREFIX = ".workstation-"
RESUMABLE = f"{PREFIX}resumes-"
LOCK = "lock"
KEPT_DAYS = 30
"""What nobody went on with for so long is removed."""
_EMPTY_DAYS = 1 / 24
"""A folder in which nothing lies yet may have been made a moment ago."""
_DIGITS = 16


@contextmanager
def unfinished_file(folder: Path, suffix: str) -> Iterator[Path]:
    """Yield a new empty file in `folder`; it is removed at the end unless it was renamed."""
    with _claimed(folder, suffix, is_folder=False) as path:
        yield path


@contextmanager
def unfinished_folder(folder: Path) -> Iterator[Path]:
    """Yield a new folder in `folder`; it is removed at the end, with all that is in it."""
    with _claimed(folder, "", is_folder=True) as path:
        yield path


def sweep(folder: Path) -> None:
    """Remove what killed processes left unfinished in `folder`; what somebody works on stays."""
    with suppress(OSError), os.scandir(folder) as entries:
        left = [Path(entry.path) for entry in entries if entry.name.startswith(PREFIX)]
        for path in left:
            if path.name.startswith(RESUMABLE):
                _sweep_resumable(path)
            elif _is_ours(path.name) and (handle := claimed(path)) is not None:
                remove(path)
                unclaim(handle)


def _sweep_resumable(folder: Path) -> None:
    with suppress(OSError):
        if _idle_days(folder) > (_EMPTY_DAYS if is_empty(folder) else KEPT_DAYS):
            remove_resumable(folder)


def remove_resumable(folder: Path, *, only_empty: bool = False) -> None:
    """Remove a folder of `resumable` unless somebody works in it."""
    with suppress(OSError):
        if only_empty and not is_empty(folder):
            return
        remove_held(folder, locked(folder / LOCK))


def remove_held(folder: Path, handle: int) -> None:
    """Remove a folder of `resumable` whose lock we hold, and give that back.

    The folder goes last, and only empty: somebody else may begin in it as soon as its lock is gone.
    """
    with suppress(OSError):
        for path in folder.iterdir():
            if path.name != LOCK:
                remove(path)
    unclaim_and_remove(handle, folder / LOCK)
    with suppress(OSError):
        folder.rmdir()


def is_empty(folder: Path) -> bool:
    """Tell whether nothing but its lock is in a folder."""
    return all(path.name == LOCK for path in folder.iterdir())


def _idle_days(folder: Path) -> float:
    times = [path.stat().st_mtime for path in (folder, *folder.iterdir())]
    return (time.time() - max(times)) / 86_400


@contextmanager
def _claimed(folder: Path, suffix: str, *, is_folder: bool) -> Iterator[Path]:
    sweep(folder)
    path, handle = _made(folder, suffix, is_folder)
    try:
        yield path
    finally:
        remove(path)
        if handle is not None:
            unclaim(handle)


def _made(folder: Path, suffix: str, is_folder: bool) -> tuple[Path, int | None]:
    """Make a file or folder and claim it; try again where a sweep came between the two."""
    while True:
        path = folder / f"{PREFIX}{secrets.token_hex(_DIGITS // 2)}{suffix}"
        if is_folder:
            path.mkdir(mode=0o700)
        else:
            path.open("xb").close()
        handle = claimed(path)
        if path.exists():
            return path, handle


def _is_ours(name: str) -> bool:
    digits = name.removeprefix(PREFIX)[:_DIGITS]
    return name.startswith(PREFIX) and len(digits) == _DIGITS and set(digits) <= set("0123456789abcdef")


def remove(path: Path) -> None:
    """Remove a file, or a folder with all that is in it, as far as the system lets us."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)
