"""The one door through which every export leaves the house: signed, checked, and put in place as a whole."""

from __future__ import annotations

import shutil
from pathlib import Path

from workstation.credentials.certificates import Studio
from workstation.credentials.content import Content
from workstation.credentials.formats import embeds_as, sidecar_of
from workstation.credentials.signing import Signing
from workstation.credentials.verifying import verify_pair
from workstation.errors import CredentialError, UsageError
from workstation.files import FileKind, FileMade, made, replacing, sha256_of, writing


def export(
    draft: Path, target: Path, kind: FileKind, content: Content, studio: Studio
) -> tuple[FileMade, ...]:
    """Write a signed copy of `draft` to `target`; return it, and the file of its credential where it has one.

    The draft is never touched. On any error nothing is written and an old `target` stays as it was.
    """
    if target.exists() and target.samefile(draft):
        raise UsageError(f"{target} cannot be signed into itself. Name another file.")
    if target.is_dir():
        raise UsageError(f"{target} is a folder; the name of a file is needed.")
    signing = Signing(content, studio)
    if (inside := embeds_as(draft)) and _embedded(draft, target, inside, signing):
        return (made(target, kind),)
    sha256 = sha256_of(draft)
    _beside(draft, target, signing, sha256)
    return FileMade(target, kind, sha256), made(sidecar_of(target), "credential")


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
