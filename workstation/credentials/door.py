"""The one door through which every export leaves the house: signed, checked, and put in place as a whole."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from workstation.credentials.certificates import Studio
from workstation.credentials.content import Content
from workstation.credentials.formats import embeds_as, sidecar_of
from workstation.credentials.signing import Signing
from workstation.credentials.verifying import verify_pair
from workstation.errors import CredentialError
from workstation.files import (
    FileKind,
    FileMade,
    check_targets,
    made,
    replacing,
    sha256_of,
    writing,
)


def export(
    draft: Path,
    target: Path,
    kind: FileKind,
    content: Content,
    studio: Studio,
    *,
    replace: bool = False,
) -> tuple[FileMade, ...]:
    """Write a signed copy of `draft` to `target`; return it, and the file of its credential where it has one.

    The draft and the ingredients are never touched; what exists is only replaced where `replace` says so. On
    any error nothing is written and an old `target` stays as it was.
    """
    parts = [part.path for part in content.ingredients]
    check_exports([target], replace=replace, keep=[draft, *parts])
    signing = Signing(content, studio)
    if (inside := embeds_as(draft)) and _embedded(draft, target, inside, signing):
        return (made(target, kind),)
    sha256 = sha256_of(draft)
    _beside(draft, target, signing, sha256)
    return FileMade(target, kind, sha256), made(sidecar_of(target), "credential")


def check_exports(targets: Iterable[Path], *, replace: bool, keep: Iterable[Path] = ()) -> None:
    """Raise an error unless files and credentials can be written there: see files.check_targets."""
    both = [path for target in targets for path in (target, sidecar_of(target))]
    check_targets(both, replace=replace, keep=keep)


def _embedded(draft: Path, target: Path, inside: str, signing: Signing) -> bool:
    """Embed and check; False where this one file cannot carry its credential, so that it needs a sidecar."""
    try:
        with replacing(target) as temporary:
            signing.inside(draft, temporary, inside)
            _insist(temporary, sidecar_of(temporary), signing)
    except CredentialError:
        return False
    with writing(target):
        sidecar_of(target).unlink(missing_ok=True)  # it belonged to the file that was replaced
    return True


def _beside(draft: Path, target: Path, signing: Signing, sha256: str) -> None:
    credential = signing.beside(sha256)
    with replacing(sidecar_of(target)) as beside:
        beside.write_bytes(credential)
        with replacing(target) as temporary:
            shutil.copyfile(draft, temporary)
            _insist(temporary, beside, signing)


def _insist(signed: Path, beside: Path, signing: Signing) -> None:
    """Check our own work: the signature must hold, whatever the ancestors are."""
    verdict = verify_pair(signed, beside, signing.studio.anchor)
    if verdict.own != "trusted":
        raise CredentialError(
            f"The file was signed but does not verify, so it was not kept: {verdict.sentence}"
        )
