"""The one door through which every export leaves the house: signed, checked, and put in place as a whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace as replaced
from pathlib import Path

from workstation.credentials.binding import misfits
from workstation.credentials.certificates import Studio
from workstation.credentials.content import Content
from workstation.credentials.formats import embeds_as, sidecar_of
from workstation.credentials.kinds import kind_of
from workstation.credentials.reading import UnreadCredentialError, read_inside
from workstation.credentials.signing import Signed, Signing
from workstation.credentials.tiffs import change_of, unsign_in_place
from workstation.credentials.verifying import examine, insist_file
from workstation.errors import CredentialError, ScanError
from workstation.files import (
    FileKind,
    FileMade,
    check_targets,
    made,
    replacing,
    sha256_of,
    writing,
)
from workstation.inplace import mend, mend_where_possible
from workstation.jobs import Job, Progress, finish
from workstation.scans.identity import hashing, witness
from workstation.scans.tilehashes import hash_tiles


def export(
    draft: Path,
    target: Path,
    kind: FileKind,
    content: Content,
    studio: Studio,
    *,
    replace: bool = False,
) -> tuple[FileMade, ...]:
    """Do what `exporting` does, to its end."""
    return finish(exporting(draft, target, kind, content, studio, replace=replace))


def exporting(
    draft: Path,
    target: Path,
    kind: FileKind,
    content: Content,
    studio: Studio,
    *,
    replace: bool = False,
) -> Job[tuple[FileMade, ...]]:
    """Write a signed copy of `draft` to `target`; return it, and the file of its credential where it has one.

    The draft and the ingredients are never touched; what exists is only replaced where `replace` says so. On
    any error nothing is written and an old `target` stays as it was.
    """
    parts = [part.path for part in content.ingredients]
    check_exports([target], replace=replace, keep=[draft, *parts])
    content = yield from _with_tiles(draft, content)
    signing = Signing(content, studio, draft)
    if inside := embeds_as(draft):
        sha256 = yield from _embedded(draft, target, inside, signing)
        if sha256 is not None:
            return (FileMade(target, kind, sha256),)
    sha256 = yield from _beside(draft, target, signing)
    return FileMade(target, kind, sha256), made(sidecar_of(target), "credential")


def sign_in_place(path: Path, content: Content, studio: Studio, *, tiles: bool = False) -> Job[FileMade]:
    """Put a credential into a TIFF itself; return what it has become.

    With `tiles` all pixels are decoded and those of every tile signed as well. Where anything fails or the
    process dies, the file is what it was, at the latest when the next command uses it. Raises CredentialError
    where the file cannot carry its credential inside, and ScanError where its tiles cannot be read.
    """
    mend(path)
    if kind_of(path) != "image/tiff":
        raise CredentialError(f"{path} is no TIFF: only these are signed in place. Sign a copy of it.")
    is_still = witness(path)
    if tiles:
        content = replaced(content, tiles=(yield from hash_tiles(path)))
    signed = yield from (signing := Signing(content, studio, path)).in_place(path, is_still)
    try:
        _insist(path, sidecar_of(path), signing, signed)
    except BaseException:
        unsign_in_place(path)
        raise
    assert signed.sha256 is not None
    return FileMade(path, "scan", signed.sha256)


def unsign(path: Path) -> Job[FileMade]:
    """Take the last credential off a TIFF itself; return what it is again.

    Raises CredentialError as `check_unsigning` does, ChangedError where somebody changes it meanwhile, and
    UsageError where another process is at it.
    """
    mend(path)
    is_still = witness(path)
    yield Progress(0, 1, f"reading {path.name}")
    check_unsigning(path)
    unsign_in_place(path, is_still)
    return FileMade(path, "scan", (yield from hashing(path)))


def check_unsigning(path: Path) -> None:
    """Raise CredentialError unless a TIFF without its last credential is what it was before, byte for byte.

    It is read once for that: of an altered file the credential is all that shows the change.
    """
    insist_file(path)
    mend_where_possible(path)
    change_of(path)
    try:
        fits = not misfits(read_inside(path, "").report)
    except UnreadCredentialError:
        fits = False
    if not fits:
        raise CredentialError(
            f"{path} was changed after it was signed: without its credential it would not be what it was "
            "before, and nothing would show the change. Use the file from before it was signed."
        )


def check_exports(targets: Iterable[Path], *, replace: bool, keep: Iterable[Path] = ()) -> None:
    """Raise an error unless files and credentials can be written there: see files.check_targets."""
    both = [path for target in targets for path in (target, sidecar_of(target))]
    check_targets(both, replace=replace, keep=keep)


def _with_tiles(draft: Path, content: Content) -> Job[Content]:
    """Have the credential of a TIFF tell the hashes of its tiles, where its pixels can be read."""
    if kind_of(draft) != "image/tiff":
        return content
    try:
        return replaced(content, tiles=(yield from hash_tiles(draft)))
    except ScanError:
        return content


def _embedded(draft: Path, target: Path, inside: str, signing: Signing) -> Job[str | None]:
    """Embed, check, and return the hash; None where this one file cannot carry its credential inside."""
    try:
        with replacing(target) as temporary:
            signed = yield from signing.inside(draft, temporary, inside)
            _insist(temporary, sidecar_of(temporary), signing, signed)
            sha256 = signed.sha256 or sha256_of(temporary)
    except CredentialError:
        return None
    with writing(target):
        sidecar_of(target).unlink(missing_ok=True)  # it belonged to the file that was replaced
    return sha256


def _beside(draft: Path, target: Path, signing: Signing) -> Job[str]:
    with replacing(sidecar_of(target)) as beside, replacing(target) as temporary:
        credential, signed = yield from signing.beside(draft, temporary)
        beside.write_bytes(credential)
        _insist(temporary, beside, signing, signed)
    return signed.sha256 or sha256_of(target)


def _insist(path: Path, beside: Path, signing: Signing, signed: Signed) -> None:
    """Check our own work: the signature must hold, whatever the ancestors are."""
    verdict, _ = examine(path, beside, signing.studio.anchor, signed.hashing)
    if verdict.own != "trusted":
        raise CredentialError(
            f"The file was signed but does not verify, so it was not kept: {verdict.sentence}"
        )
