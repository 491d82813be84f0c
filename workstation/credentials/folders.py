"""One credential for all files of a folder: signing their list, and telling what differs from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace as replaced
from pathlib import Path

from workstation.credentials.anchors import AnyTrust
from workstation.credentials.binding import hash_without
from workstation.credentials.certificates import Studio
from workstation.credentials.content import Action, Content
from workstation.credentials.door import check_exports, export
from workstation.credentials.listing import (
    CONTENTS,
    Found,
    Listed,
    ListingError,
    as_text,
    found_in,
    insist_signable,
    is_unfinished,
    own_names,
    read_listing,
)
from workstation.credentials.sentences import folder_differs, folder_holds, without
from workstation.credentials.verdict import ChangedFile, State, Verdict
from workstation.credentials.verifying import verify
from workstation.errors import CredentialError
from workstation.files import FileMade, drafts, write_text
from workstation.jobs import Job, Progress

MOST_TOLD = 1000
"""Files that differ which a verdict names; the rest is counted."""
_NO_JUDGEMENT: tuple[State, ...] = ("none", "damaged", "unsupported", "remote")


def sign_folder(
    folder: Path, title: str, studio: Studio, *, replace: bool = False
) -> Job[tuple[FileMade, ...]]:
    """Write a signed list of all files into a folder; return list and credential.

    Raises CredentialError where something in the folder cannot be listed: links, devices, names that mean
    something else on other systems.
    """
    target = folder / CONTENTS
    check_exports([target], replace=replace)
    found = _signable(folder)
    files: list[Listed] = []
    for number, one in enumerate(found):
        yield Progress(number, len(found), one.path)
        size, sha256 = _size_and_hash(folder / one.path)
        files.append(Listed(one.path, size, sha256))
    if {one.path for one in _signable(folder)} != {file.path for file in files}:
        raise CredentialError(f"{folder} changed while it was read. Sign it once nothing is written there.")
    told = f"Lists all files of the folder ({len(files)}) with size and SHA-256"
    content = Content(title, (Action("c2pa.created", "algorithmicMedia", told),))
    with drafts(target) as place:
        write_text(draft := place / CONTENTS, as_text(files))
        return export(draft, target, "record", content, studio, replace=replace)


def judge_folder(folder: Path, listing: Path, anchors: AnyTrust) -> Job[Verdict]:
    """Judge a folder by the signed list in it: altered where any file was changed, added or is missing."""
    told = verify(listing, anchors)
    if told.own in (*_NO_JUDGEMENT, "altered"):
        return replaced(told, path=folder)
    try:
        wanted = read_listing(listing)
        there = {one.path: one for one in found_in(folder, own_names(listing.name))}
    except ListingError as error:
        why = without("unsupported", str(error))
        return replaced(told, path=folder, state="unsupported", own="unsupported", sentence=why)
    changed: list[ChangedFile] = []
    total = 0
    work = len(wanted) + len(there)
    for number, difference in enumerate(_differences(folder, wanted, there)):
        if number % 16 == 0:
            yield Progress(min(number, work), work, folder.name)
        if difference is not None:
            total += 1
            changed += [difference] if len(changed) < MOST_TOLD else []
    if not total:
        return replaced(told, path=folder, sentence=folder_holds(told.sentence, len(wanted)))
    sentence = folder_differs(changed, total, told.signer)
    return replaced(
        told, path=folder, state="altered", own="altered", sentence=sentence, changed_files=tuple(changed)
    )


def _signable(folder: Path) -> list[Found]:
    try:
        all_found = found_in(folder, own_names(CONTENTS))
        found = sorted((one for one in all_found if not is_unfinished(one.path)), key=lambda one: one.path)
    except ListingError as error:
        raise CredentialError(f"{folder} cannot be signed as a whole: {error}.") from None
    insist_signable(found, folder, CONTENTS)
    if not found:
        raise CredentialError(f"{folder} holds no files that could be signed.")
    return found


def _differences(
    folder: Path, wanted: dict[str, Listed], there: dict[str, Found]
) -> Iterator[ChangedFile | None]:
    """Yield what differs, and None for each file that does not."""
    for path in sorted(wanted):
        found = there.get(path)
        if found is None:
            yield ChangedFile(path, "missing")
        elif found.kind != "file" or not _is_same(folder / path, wanted[path]):
            yield ChangedFile(path, "changed")
        else:
            yield None
    for path in sorted(there.keys() - wanted.keys()):
        yield ChangedFile(path, "added")


def _is_same(path: Path, listed: Listed) -> bool:
    if path.stat(follow_symlinks=False).st_size != listed.size:
        return False
    return _size_and_hash(path) == (listed.size, listed.sha256)


def _size_and_hash(path: Path) -> tuple[int, str]:
    return path.stat().st_size, hash_without(path, []).hex()
