"""Files that are either whole or not there: a temporary neighbour, fsync, rename; and their hashes."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from workstation.errors import UsageError, WorkstationError, WriteError
from workstation.portable import sync_folder
from workstation.unfinished import PREFIX, unfinished_file, unfinished_folder

FileKind = Literal[
    "scan",
    "mask",
    "restored",
    "change-map",
    "difference",
    "overlay",
    "bundle",
    "report",
    "credential",
    "certificate",
    "pyramid",
    "phantom",
    "dossier",
    "record",
]


@dataclass(frozen=True, slots=True)
class FileMade:
    """One file that a command wrote, as `--json` lists it."""

    path: Path
    kind: FileKind
    sha256: str


def made(path: Path, kind: FileKind) -> FileMade:
    """Describe a file that has just been written."""
    return FileMade(path, kind, sha256_of(path))


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hex digits, read in blocks of 1 MiB."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_targets(targets: Iterable[Path], *, replace: bool = False, keep: Iterable[Path] = ()) -> None:
    """Raise an error unless every target can be written and nothing is lost by it.

    A file that exists is only replaced where the user says so, and one of `keep`, the files that the work
    reads, never.
    """
    kept = tuple(keep)
    for target in targets:
        with writing(target):
            _check_target(target, replace, kept)


def _check_target(target: Path, replace: bool, kept: tuple[Path, ...]) -> None:
    try:
        target.lstat()
    except FileNotFoundError:
        target.parent.stat()
        return
    if target.is_dir():
        raise UsageError(f"{target} is a folder; the name of a file is needed.")
    if any(_is_same(target, path) for path in kept):
        raise UsageError(f"{target} is read here itself and is never changed. Name another file.")
    if target.exists() and not target.is_file():
        raise UsageError(f"{target} is not a file but a pipe or device. Name another file.")
    if not replace:
        raise UsageError(f"{target} exists already. Name another file, or add --replace.")


def _is_same(target: Path, path: Path) -> bool:
    return target.exists() and path.exists() and target.samefile(path)


@contextmanager
def together(replace: bool) -> Iterator[list[FileMade]]:
    """Yield a list for the files of one piece of work; where a later one fails, the earlier ones go too.

    With `replace` they stay: what they replaced is gone, and a new file is better than none.
    """
    made_so_far: list[FileMade] = []
    try:
        yield made_so_far
    except BaseException:
        for file in made_so_far if not replace else []:
            file.path.unlink(missing_ok=True)
        raise


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Yield a temporary path beside `target` that becomes `target` when the block ends well.

    On any error or cancellation the temporary file is removed and an old `target` stays as it was.
    Raises WriteError for a full disk, a missing folder or missing rights.
    """
    with writing(target), unfinished_file(target.parent, target.suffix) as temporary:
        yield temporary
        _sync(temporary)
        temporary.replace(target)
        sync_folder(target.parent)


@contextmanager
def drafts(target: Path) -> Iterator[Path]:
    """Yield a folder beside `target` for unfinished files; it is removed whatever happens."""
    with writing(target), unfinished_folder(target.parent) as folder:
        yield folder


@contextmanager
def writing(target: Path) -> Iterator[None]:
    """Turn the system's write errors about `target` into one sentence."""
    try:
        yield
    except OSError as error:
        reason = REASONS.get(error.errno or 0)
        is_draft = any(part.startswith(PREFIX) for part in target.parts)  # whoever asked for it has the name
        if reason is None or is_draft or not _is_about(error, target):
            raise
        raise WriteError(f"Cannot write {target}: {reason}. Nothing was changed.") from error


REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your quota is used up",
    errno.EACCES: "you may not write there",
    errno.EPERM: "you may not write there",
    errno.EROFS: "the disk is read-only",
    errno.EIO: "the disk reports an error",
    errno.ENOENT: "its folder does not exist",
    errno.ENOTDIR: "its folder is a file",
    errno.EISDIR: "a folder has that name",
    errno.EEXIST: "a file has that name",
    errno.EFBIG: "the file system allows no file of that size",
    errno.ENAMETOOLONG: "its name is too long",
    errno.ELOOP: "its folder is a link that leads round in a circle",
}
"""What the system's error numbers mean for somebody who wants to write a file."""


def unusable(error: OSError) -> WorkstationError | None:
    """Say in one sentence why a file that somebody named cannot be used; None where no file is to blame."""
    name = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes | os.PathLike) else None
    if name is None:
        return WriteError("The disk is full.") if error.errno == errno.ENOSPC else None
    sentences = {
        errno.ENOENT: f"There is no file {name}.",
        errno.ENOTDIR: f"There is no file {name}: a part of its path is no folder.",
        errno.EISDIR: f"{name} is a folder; a file is needed.",
        errno.EACCES: f"You have no right to use {name}.",
        errno.EPERM: f"You have no right to use {name}.",
        errno.ENAMETOOLONG: f"There is no file {name}: the name is too long.",
    }
    return UsageError(sentences.get(error.errno or 0, f"{name} cannot be used: {error.strerror}."))


def _is_about(error: OSError, target: Path) -> bool:
    """Tell whether a write error belongs to `target`, not to a file that is only read meanwhile."""
    only_writing = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)
    if error.errno in only_writing or not isinstance(error.filename, str | os.PathLike):
        return True
    place, own = Path(error.filename).absolute(), target.absolute()
    if own.is_relative_to(place):
        return True
    return place.is_relative_to(own.parent) and place.relative_to(own.parent).parts[0].startswith(PREFIX)


def write_bytes(target: Path, data: bytes) -> None:
    """Write a small file atomically."""
    with replacing(target) as temporary:
        temporary.write_bytes(data)


def write_text(target: Path, text: str) -> None:
    """Write a small UTF-8 file atomically."""
    write_bytes(target, text.encode())


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
