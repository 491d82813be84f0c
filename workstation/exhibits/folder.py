"""The folder of an exhibit: there whole or not at all, in place of nothing but an older exhibit of ours."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from workstation import VERSION
from workstation.errors import ExhibitError
from workstation.files import FileMade, drafts
from workstation.portable import sync_folder

INDEX = "index.json"
FORMAT = "conservation-workstation exhibit"
MOST_BYTES = 1_000_000


def index_of(made: list[FileMade], folder: Path) -> dict[str, Any]:
    """Return the list of a bundle's files with their hashes, as index.json holds it."""
    files = [
        {
            "path": one.path.relative_to(folder).as_posix(),
            "kind": one.kind,
            "bytes": one.path.stat().st_size,
            "sha256": one.sha256,
        }
        for one in made
    ]
    return {
        "format": FORMAT,
        "version": 1,
        "generator": f"Conservation Workstation {VERSION}",
        "files": files,
    }


def check_target(target: Path, replace: bool) -> None:
    """Raise ExhibitError unless `target` is free, or an exhibit of ours that may be replaced."""
    if not target.exists() and not target.is_symlink():
        return
    if target.is_symlink() or not target.is_dir():
        raise ExhibitError(f"{target} is there already and no folder. Name another folder.")
    if not any(target.iterdir()):
        return
    listed = _listed(target)
    if listed is None:
        raise ExhibitError(f"{target} holds other things than an exhibit. Name another folder.")
    if not replace:
        raise ExhibitError(f"{target} holds an exhibit already. Add --replace, or name another folder.")
    foreign = sorted(_files(target) - listed)
    if foreign:
        raise ExhibitError(f"{target} also holds {foreign[0]}, which would be lost. Move it away first.")


@contextmanager
def new_folder(target: Path, replace: bool) -> Iterator[tuple[Path, Path]]:
    """Yield a new folder beside `target` that takes its place when the block ends well, and one for drafts.

    On any error or cancellation both are removed and an old `target` stays as it was.
    """
    target = target.absolute()
    check_target(target, replace)
    mark = secrets.token_hex(4)
    with drafts(target) as place:
        new, sketches, old = place / "new", place / "drafts", target.with_name(f".{target.name}.{mark}.old")
        new.mkdir()
        sketches.mkdir()
        yield new, sketches
        check_target(target, replace)
        _swap(new, target, old)
    shutil.rmtree(old, ignore_errors=True)


def _swap(new: Path, target: Path, old: Path) -> None:
    if target.exists():
        target.rename(old)
    try:
        new.rename(target)
    except BaseException:
        if old.exists():
            old.rename(target)
        raise
    sync_folder(target.parent)


def _listed(folder: Path) -> set[str] | None:
    """Return what the folder's index lists, and the index itself; None where there is none of ours."""
    try:
        with (folder / INDEX).open("rb") as file:
            index = json.loads(file.read(MOST_BYTES))
        if index["format"] != FORMAT:
            return None
        return {str(entry["path"]) for entry in index["files"]} | {INDEX, INDEX + ".c2pa"}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
