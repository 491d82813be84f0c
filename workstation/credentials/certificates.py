"""The studio: a local certificate authority, and the signing certificate that it gave to one person.

A folder holds four files: authority.pem and authority-key.pem, signing.pem and signing-key.pem. Only
authority.pem leaves the house: whoever trusts it trusts the studio's signatures.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from workstation import settings
from workstation.credentials.issuing import issue_authority, issue_signing
from workstation.credentials.keys import load_key, new_key, read_small, save_key
from workstation.credentials.naming import as_pem, common_name, organisation
from workstation.errors import CredentialError
from workstation.files import drafts, writing
from workstation.portable import sync_folder

AUTHORITY, AUTHORITY_KEY = "authority.pem", "authority-key.pem"
SIGNING, SIGNING_KEY = "signing.pem", "signing-key.pem"
REVOKED = "revoked.crl"


@dataclass(frozen=True, slots=True)
class Studio:
    """Who signs, and with what; the key itself is only reachable through `sign`."""

    folder: Path
    name: str
    person: str
    expires: datetime
    chain: str
    """The signing certificate as PEM text."""
    anchor: str
    """The authority's certificate as PEM text: what others must trust."""
    sign: Callable[[bytes], bytes] = field(repr=False, compare=False)
    """Return the ES256 signature of some bytes."""


def default_folder() -> Path:
    """Return where the user's own studio lies."""
    return settings.home() / "certificates"


def create_studio(
    folder: Path | None = None,
    *,
    studio: str,
    person: str,
    passphrase: str | None = None,
    replace: bool = False,
) -> Studio:
    """Make an authority and a signing certificate; with `replace` an older studio is moved aside."""
    target = folder or default_folder()
    names = _checked_name(studio, "studio"), _checked_name(person, "person")
    _refuse_occupied(target, replace)
    with writing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
    with drafts(target) as place:
        draft = place / "studio"
        draft.mkdir(mode=0o700)
        _fill(draft, *names, passphrase)
        if target.exists():
            _move_aside(target)
        draft.rename(target)
        sync_folder(target.parent)
    return load_studio(target, passphrase)


def load_studio(folder: Path | None = None, passphrase: str | None = None) -> Studio:
    """Open a studio for signing; CredentialError says in one sentence what stands in the way."""
    place = folder or default_folder()
    if not (place / SIGNING).exists() and not (place / AUTHORITY).exists():
        raise CredentialError(
            f"There is no signing certificate in {place}. Make one with: "
            'workstation certificate create --studio "NAME" --person "NAME"'
        )
    authority, signing = read_certificate(place / AUTHORITY), read_certificate(place / SIGNING)
    _check(place, authority, signing)
    key = load_key(place / SIGNING_KEY, passphrase)
    if key.public_key() != signing.public_key():
        raise CredentialError(f"{place / SIGNING_KEY} is the key of another certificate.")

    def sign(data: bytes) -> bytes:
        return key.sign(data, ec.ECDSA(hashes.SHA256()))

    return Studio(
        folder=place,
        name=organisation(signing),
        person=common_name(signing),
        expires=signing.not_valid_after_utc,
        chain=as_pem(signing),
        anchor=as_pem(authority),
        sign=sign,
    )


def read_certificate(path: Path) -> x509.Certificate:
    """Read one certificate; CredentialError where the file holds none."""
    try:
        return x509.load_pem_x509_certificate(read_small(path))
    except ValueError:
        raise CredentialError(f"{path} is not a readable certificate. Restore it from a backup.") from None


def _check(place: Path, authority: x509.Certificate, signing: x509.Certificate) -> None:
    now = datetime.now(UTC)
    if signing.not_valid_after_utc <= now:
        raise CredentialError(
            f"The signing certificate of {common_name(signing)} expired on "
            f"{signing.not_valid_after_utc:%Y-%m-%d}. Make a new studio with: certificate create --replace"
        )
    if signing.not_valid_before_utc > now + timedelta(minutes=1):
        raise CredentialError(
            f"The signing certificate is valid only from {signing.not_valid_before_utc:%Y-%m-%d} on. "
            "Check the clock of this machine."
        )
    try:
        signing.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        raise CredentialError(f"{place / SIGNING} was not issued by {place / AUTHORITY}.") from None


def _fill(folder: Path, studio: str, person: str, passphrase: str | None) -> None:
    authority_key, signing_key = new_key(), new_key()
    authority = issue_authority(studio, authority_key)
    signing = issue_signing(studio, person, signing_key.public_key(), authority, authority_key)
    save_key(authority_key, folder / AUTHORITY_KEY, passphrase)
    save_key(signing_key, folder / SIGNING_KEY, passphrase)
    with writing(folder):
        (folder / AUTHORITY).write_text(as_pem(authority))
        (folder / SIGNING).write_text(as_pem(signing))


def _refuse_occupied(folder: Path, replace: bool) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise CredentialError(f"{folder} is a file. Choose a folder for the certificates.")
    if not any(folder.iterdir()):
        return
    if not (folder / AUTHORITY).exists() and not (folder / SIGNING).exists():
        raise CredentialError(f"{folder} holds other files. Choose an empty or new folder.")
    if not replace:
        raise CredentialError(
            f"There is a studio in {folder} already. Use --replace to move it aside and make a new one."
        )


def _move_aside(folder: Path) -> None:
    if not any(folder.iterdir()):
        folder.rmdir()
        return
    day = datetime.now(UTC).strftime("%Y-%m-%d")
    folder.rename(folder.with_name(f"{folder.name}-until-{day}-{secrets.token_hex(3)}"))


def _checked_name(text: str, what: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > 64 or not name.isprintable():
        raise CredentialError(f"The name of the {what} needs 1 to 64 printable characters.")
    return name
