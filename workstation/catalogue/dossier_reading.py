"""Taking in a dossier that may come from anywhere.

Nothing of the file's names becomes a path here, nothing in it is compressed but the tiles of masks (each of
one known size), and everything is checked before the first row is written.
"""

from __future__ import annotations

import re
import shutil
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from workstation.catalogue.dossier_contents import Contents, read_contents
from workstation.catalogue.dossier_writing import CONTENTS
from workstation.catalogue.facts import Arrival
from workstation.catalogue.untrusted import parse, refused
from workstation.errors import MaskError
from workstation.files import replacing
from workstation.jobs import Job, Progress
from workstation.operations import packing

if TYPE_CHECKING:
    from workstation.catalogue.catalogue import Catalogue

LARGEST_CONTENTS = 256 << 20
LARGEST_DIRECTORY = 16 << 20
MOST_TILES = 1 << 15
"""Marked tiles of one mask: read into memory they take 8 GiB."""
NAME = re.compile("masks/([0-9a-f]{64})[.]mask")


def reading_dossier(catalogue: Catalogue, path: Path) -> Job[Arrival]:
    """Enter the painting of a dossier into the catalogue and return what came."""
    from workstation.catalogue.dossier_entering import enter

    _check_directory(path)
    with _opened(path) as packed:
        entries = _entries(packed, path)
        contents = read_contents(parse(_contents(packed, entries), "its dossier.json"))
        wanted = _wanted(contents, entries)
        for done, sha256 in enumerate(wanted):
            yield Progress(done, len(wanted), "Checking masks")
            _check_mask(packed, entries[f"masks/{sha256}.mask"], sha256)
        for sha256 in wanted:
            _store(catalogue, packed, entries[f"masks/{sha256}.mask"], sha256)
    return enter(catalogue, contents)


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    damaged = (zipfile.BadZipFile, NotImplementedError, RuntimeError, struct.error, EOFError, ValueError)
    try:
        with zipfile.ZipFile(path) as packed:
            yield packed
    except damaged as error:
        raise refused(f"{path.name} is damaged or no dossier") from error


def _check_directory(path: Path) -> None:
    """Look at the end of the file before zipfile reads a list of names of unknown length into memory."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(size - 42, 0))
        end = file.read()
    ours = len(end) == 42 and end[20:24] == b"PK\5\6" and end[:4] != b"PK\6\7"
    if not ours or struct.unpack("<I", end[32:36])[0] > LARGEST_DIRECTORY:
        raise refused(f"{path.name} is damaged or no dossier")


def _entries(packed: zipfile.ZipFile, path: Path) -> dict[str, zipfile.ZipInfo]:
    entries = packed.infolist()
    for entry in entries:
        if entry.orig_filename != CONTENTS and not NAME.fullmatch(entry.orig_filename):
            raise refused("it holds a file that belongs in no dossier")
        if entry.compress_type != zipfile.ZIP_STORED or entry.file_size != entry.compress_size:
            raise refused("its files are compressed, which those of a dossier never are")
    if len({entry.orig_filename for entry in entries}) != len(entries):
        raise refused("it holds two files of one name")
    if sum(entry.file_size for entry in entries) > path.stat().st_size:
        raise refused("its files overlap")
    return {entry.orig_filename: entry for entry in entries}


def _contents(packed: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo]) -> bytes:
    entry = entries.get(CONTENTS)
    if entry is None:
        raise refused("it has no dossier.json")
    if entry.file_size > LARGEST_CONTENTS:
        raise refused("its dossier.json is too large")
    return packed.read(entry)


def _wanted(contents: Contents, entries: dict[str, zipfile.ZipInfo]) -> tuple[str, ...]:
    wanted = {f"masks/{sha256}.mask" for sha256 in contents.masks}
    there = set(entries) - {CONTENTS}
    if wanted - there:
        raise refused("a mask that it names is not in it")
    if there - wanted:
        raise refused("it holds a mask that no step names")
    return tuple(sorted(contents.masks))


def _check_mask(packed: zipfile.ZipFile, entry: zipfile.ZipInfo, sha256: str) -> None:
    with packed.open(entry) as file:
        try:
            found = packing.check(file, MOST_TILES)
        except MaskError:
            raise refused("one of its masks is damaged or too large") from None
    if found != sha256:
        raise refused("one of its masks is not the one that it claims to be")


def _store(catalogue: Catalogue, packed: zipfile.ZipFile, entry: zipfile.ZipInfo, sha256: str) -> None:
    target = catalogue.mask_path(sha256)
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with replacing(target) as temporary, packed.open(entry) as source, temporary.open("wb") as file:
        shutil.copyfileobj(source, file)
