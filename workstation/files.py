"""Files that are either whole or not there: a temporary neighbour, fsync, rename; and their hashes."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from workstation.errors import WriteError
from workstation.portable import sync_folder

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


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Yield a temporary path beside `target` that becomes `target` when the block ends well.

    On any error or cancellation the temporary file is removed and an old `target` stays as it was.
    Raises WriteError for a full disk, a missing folder or missing rights.
    """
    with writing(target):
        temporary = target.with_name(f".{target.stem}.{secrets.token_hex(4)}{target.suffix}")
        temporary.open("xb").close()
        try:
            yield temporary
            _sync(temporary)
            temporary.replace(target)
            sync_folder(target.parent)
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


@contextmanager
def drafts(target: Path) -> Iterator[Path]:
    """Yield a folder beside `target` for unfinished files; it is removed whatever happens."""
    with writing(target), tempfile.TemporaryDirectory(prefix=".drafts-", dir=target.parent) as folder:
        yield Path(folder)


@contextmanager
def writing(target: Path) -> Iterator[None]:
    """Turn the system's write errors about `target` into one sentence."""
    try:
        yield
    except OSError as error:
        reasons = {
            errno.ENOSPC: "the disk is full",
            errno.EDQUOT: "your quota is used up",
            errno.EACCES: "you may not write there",
            errno.EPERM: "you may not write there",
            errno.EROFS: "the disk is read-only",
            errno.ENOENT: "its folder does not exist",
            errno.ENOTDIR: "its folder is a file",
            errno.EISDIR: "a folder has that name",
            errno.EFBIG: "the file system allows no file of that size",
            errno.ENAMETOOLONG: "its name is too long",
        }
        if error.errno not in reasons:
            raise
        raise WriteError(f"Cannot write {target}: {reasons[error.errno]}. Nothing was changed.") from error


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
