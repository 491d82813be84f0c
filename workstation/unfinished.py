"""Unfinished files and folders: named so that nobody takes them for results, removed when their maker dies.

Their maker holds a lock on them. What lies beside a target without a lock was left by a process that was
killed, and the next one that writes there removes it. On a file system without locks nothing is removed.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from workstation.portable import claimed, unclaim

PREFIX = ".workstation-"
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
        left = [Path(entry.path) for entry in entries if _is_ours(entry.name)]
        for path in left:
            handle = claimed(path)
            if handle is not None:
                _remove(path)
                unclaim(handle)


@contextmanager
def _claimed(folder: Path, suffix: str, *, is_folder: bool) -> Iterator[Path]:
    sweep(folder)
    path, handle = _made(folder, suffix, is_folder)
    try:
        yield path
    finally:
        _remove(path)
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


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)
