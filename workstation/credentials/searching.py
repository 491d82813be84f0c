"""Which files of a folder may carry a credential: those of a known suffix, or with a credential beside."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from workstation.credentials.formats import sidecar_of
from workstation.credentials.listing import listing_in
from workstation.errors import UsageError, WorkstationError
from workstation.files import unusable
from workstation.jobs import Job, Progress

SUFFIXES = frozenset(
    (
        *(".tif", ".tiff", ".btf", ".tf8", ".jpg", ".jpeg", ".jpe", ".png", ".webp", ".gif", ".avif"),
        *(".heic", ".heif", ".jxl", ".svg", ".dng", ".pdf", ".c2pa"),
        *(".wav", ".mp3", ".mp4", ".m4a", ".mov", ".avi"),
    )
)
"""What is judged in a folder; any other file only where its credential lies beside it."""
SIDECAR = ".c2pa"


@dataclass
class Found:
    """What is to be judged, and what could not be searched."""

    files: list[Path] = field(default_factory=list)
    refused: list[WorkstationError] = field(default_factory=list)
    has_folder: bool = False


def search(paths: Sequence[Path]) -> Job[Found]:
    """Find the files: those that are named, whatever they are, and in folders what may have a credential.

    A folder with a signed list of its files is judged as one, by that list.

    Folders are searched with all that lies in them. Links in them are not followed, and what is hidden is
    left out. A credential NAME.c2pa stands for NAME; only where that is missing is it listed itself.
    """
    found = Found()
    for path in paths:
        if not path.is_dir() or listing_in(path) is not None:
            found.files.append(path)
            continue
        found.has_folder = True
        before = len(found.files)
        for file in _walk(path, found.refused):
            found.files.append(file)
            yield Progress(0, 0, f"{len(found.files):,} files found")
        if len(found.files) == before:
            found.refused.append(UsageError(f"{path} holds no file that could carry a credential."))
    return found


def _walk(folder: Path, refused: list[WorkstationError]) -> Iterator[Path]:
    """Yield the files of a folder and its subfolders by name."""
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        folders: list[Path] = []
        try:
            with os.scandir(here) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            known = unusable(error)
            if known is None:
                raise
            refused.append(known)
            continue
        names = {entry.name for entry in listed}
        for entry in listed:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                folders.append(Path(entry.path))
            elif entry.is_file(follow_symlinks=False) and _may_carry(entry.name, names):
                yield Path(entry.path)
        waiting += reversed(folders)


def _may_carry(name: str, beside: set[str]) -> bool:
    path = Path(name)
    if path.suffix.lower() == SIDECAR:
        return path.with_suffix("").name not in beside
    return path.suffix.lower() in SUFFIXES or sidecar_of(path).name in beside
