"""The list of a folder's files, by which one credential covers them all: path, size and SHA-256 of each.

The list lies in the folder and is signed like any other file. Of a list from elsewhere nothing is believed:
not that its paths stay in the folder, nor that they mean one file each on every system. Links are never
followed. (C2PA's own hash of a collection is made by the library for ZIP archives only.)
"""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from workstation import VERSION
from workstation.errors import CredentialError
from workstation.unfinished import PREFIX

CONTENTS = "contents.json"
LISTINGS = (CONTENTS, "index.json")
"""How a list may be called; the second is that of an exhibit."""
FORMAT = "conservation-workstation folder"
FORMATS = (FORMAT, "conservation-workstation exhibit")
MOST_FILES, DEEPEST, LONGEST_PATH = 100_000, 32, 1000
LARGEST_LISTING = 32_000_000
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Listed:
    """One file as the list tells it."""

    path: str
    """From the folder on, with "/" between its parts."""
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that lies in the folder and is no folder."""

    path: str
    kind: Literal["file", "link", "other"]


class ListingError(Exception):
    """A list cannot be used; the text says why."""


def listing_in(folder: Path) -> Path | None:
    """Return the list of a folder's files that has a credential beside it, or None."""
    paths = (folder / name for name in LISTINGS)
    return next((path for path in paths if path.is_file() and _credential(path).is_file()), None)


def found_in(folder: Path, apart: frozenset[str] = frozenset()) -> Iterator[Found]:
    """Yield all that lies in a folder but for `apart`; ListingError beyond the bounds. Follows no link."""
    waiting, count = [(folder, "", 0)], 0
    while waiting:
        place, before, depth = waiting.pop()
        if depth > DEEPEST:
            raise ListingError(f"its folders lie more than {DEEPEST} deep")
        with os.scandir(place) as entries:
            for entry in entries:
                path = before + entry.name
                if entry.is_dir(follow_symlinks=False) and not _is_link(entry):
                    waiting.append((Path(entry.path), f"{path}/", depth + 1))
                    continue
                if path in apart:
                    continue
                if (count := count + 1) > MOST_FILES:
                    raise ListingError(f"it holds more than {MOST_FILES:,} files")
                is_file = entry.is_file(follow_symlinks=False)
                yield Found(path, "link" if _is_link(entry) else "file" if is_file else "other")


def own_names(listing: str) -> frozenset[str]:
    """Return the names that a list cannot tell of: its own, and that of its credential."""
    return frozenset((listing, f"{listing}.c2pa"))


def as_text(files: list[Listed]) -> str:
    """Return a list as it is signed: the same files give the same text."""
    told = [{"path": file.path, "bytes": file.size, "sha256": file.sha256} for file in files]
    told.sort(key=lambda file: str(file["path"]))
    generator = f"Conservation Workstation {VERSION}"
    head = {"format": FORMAT, "version": 1, "generator": generator, "files": told}
    return json.dumps(head, ensure_ascii=False, indent=1) + "\n"


def read_listing(path: Path) -> dict[str, Listed]:
    """Read a list that was signed; ListingError where it is none, too large, or tries a trick."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size > LARGEST_LISTING:
            raise ListingError("its list of files is too large")
        data = file.read(size)
    try:
        told = json.loads(data)
    except (ValueError, RecursionError):
        raise ListingError("its list of files is not well formed") from None
    entries = told.get("files") if isinstance(told, dict) and told.get("format") in FORMATS else None
    if not isinstance(entries, list) or len(entries) > MOST_FILES:
        raise ListingError("its list of files is not well formed")
    files = [_listed(entry) for entry in entries]
    check_paths([file.path for file in files], path.name)
    return {file.path: file for file in files}


def check_paths(paths: list[str], listing: str) -> None:
    """Raise ListingError unless every path means one file within the folder on every system."""
    seen: dict[str, str] = {}
    for path in paths:
        if (why := _trick(path)) is not None:
            raise ListingError(f"the name {ascii(path)[1:-1][:80]} {why}")
        same = unicodedata.normalize("NFC", path).casefold()
        if same in own_names(listing) or same in seen:
            raise ListingError(f"two files would have the name {ascii(path)[1:-1][:80]} on some systems")
        seen[same] = path


def insist_signable(found: list[Found], folder: Path, listing: str) -> None:
    """Raise CredentialError where something in a folder cannot be listed."""
    link = next((one for one in found if one.kind != "file"), None)
    if link is not None:
        raise CredentialError(
            f"{folder / link.path} is a link or device, which cannot be signed. Put a file in its place."
        )
    try:
        check_paths([one.path for one in found], listing)
    except ListingError as error:
        raise CredentialError(f"{folder} cannot be signed as a whole: {error}.") from None


def is_unfinished(path: str) -> bool:
    """Tell whether a file is a draft of ours, which is removed later."""
    return any(part.startswith(PREFIX) for part in PurePosixPath(path).parts)


def _listed(entry: Any) -> Listed:
    values = (entry.get("path"), entry.get("bytes"), entry.get("sha256")) if isinstance(entry, dict) else ()
    match values:
        case (str(path), int(size), str(sha256)) if size >= 0 and _SHA256.fullmatch(sha256):
            return Listed(path, size, sha256)
    raise ListingError("its list of files is not well formed")


def _trick(path: str) -> str | None:
    """Say what is wrong with a path, None = nothing."""
    parts = path.split("/")
    if not path or len(path) > LONGEST_PATH or len(parts) > DEEPEST + 1:
        return "is empty, too long or too deep"
    if not path.isprintable() or "\\" in path or ":" in path:
        return "holds a sign that has another meaning on some systems"
    if any(part in ("", ".", "..") for part in parts):
        return "does not name a file within the folder"
    if any(part[-1] in ". " or _DEVICE.fullmatch(part) for part in parts):
        return "means something else on Windows"
    return None


def _is_link(entry: os.DirEntry[str]) -> bool:
    is_junction = getattr(entry, "is_junction", lambda: False)  # from Python 3.12 on; Windows only
    return entry.is_symlink() or bool(is_junction())


def _credential(listing: Path) -> Path:
    return listing.with_name(f"{listing.name}.c2pa")
