"""The studio: a local certificate authority, and who signs in its name.

A folder holds four files: authority.pem and authority-key.pem, signing.pem and signing-key.pem. Only
authority.pem leaves the house: whoever trusts it trusts the studio's signatures. Further people (people.py),
time-stamps (stamps.py) and the list of revoked certificates come beside them.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from workstation import settings
from workstation.credentials import stamps, tokens
from workstation.credentials.issuing import issue_authority, issue_signing
from workstation.credentials.keys import load_key, new_key, save_key
from workstation.credentials.naming import as_pem, organisation
from workstation.credentials.people import (
    AUTHORITY,
    AUTHORITY_KEY,
    SIGNING,
    SIGNING_KEY,
    SIGNING_TOKEN,
    Holding,
    choose,
    insist_studio,
    read_certificate,
)
from workstation.errors import CredentialError
from workstation.files import drafts, write_text, writing
from workstation.portable import sync_folder


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
    stamp: Callable[[bytes], bytes] | None = field(default=None, repr=False, compare=False)
    """Answer a request for a time-stamp, where the studio stamps its signatures."""
    warning: str = ""
    """A sentence where the signing certificate ends soon."""


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
    token: tokens.Token | None = None,
    pin: str | None = None,
) -> Studio:
    """Make an authority and a signing certificate; with `replace` an older studio is moved aside.

    With `token` the signing key is made on that token; the authority's key lies in the folder all the same.
    """
    target = folder or default_folder()
    names = checked_name(studio, "studio"), checked_name(person, "person")
    _refuse_occupied(target, replace)
    with writing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
    with drafts(target) as place:
        draft = place / "studio"
        draft.mkdir(mode=0o700)
        _fill(draft, *names, KeyPlace(passphrase, token, pin))
        if target.exists():
            _move_aside(target)
        draft.rename(target)
        sync_folder(target.parent)
    return load_studio(target, passphrase, pin=pin)


def load_studio(
    folder: Path | None = None,
    passphrase: str | None = None,
    *,
    signer: str | None = None,
    pin: str | None = None,
) -> Studio:
    """Open a studio for signing; CredentialError says in one sentence what stands in the way.

    `signer` is the name of the person who signs (else whom the studio chose), `pin` that of a token.
    """
    place = folder or default_folder()
    insist_studio(place)
    authority, chosen = read_certificate(place / AUTHORITY), choose(place, signer)
    insist_valid(chosen)
    _check(chosen, authority, place / AUTHORITY)
    return Studio(
        folder=place,
        name=organisation(chosen.certificate),
        person=chosen.person,
        expires=chosen.expires,
        chain=as_pem(chosen.certificate),
        anchor=as_pem(authority),
        sign=_signing(chosen, passphrase, pin),
        stamp=stamps.stamper(place, passphrase),
        warning=chosen.warning,
    )


def secret_needed(folder: Path, signer: str | None = None) -> Literal["", "passphrase", "pin"]:
    """Return what a person must know to sign: the passphrase of a key, the PIN of a token, or nothing."""
    kind = choose(folder, signer).key
    return "pin" if kind == "token" else "passphrase" if kind == "locked file" else ""


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """Where a new signing key is to lie: in a file, locked or not, or on a token."""

    passphrase: str | None = field(default=None, repr=False)
    token: tokens.Token | None = None
    pin: str | None = field(default=None, repr=False)

    def make(self, folder: Path) -> ec.EllipticCurvePublicKey:
        """Make the key and, in `folder`, what is needed to find it again; return its public half."""
        if self.token is None:
            key = new_key()
            save_key(key, folder / SIGNING_KEY, self.passphrase)
            return key.public_key()
        if self.token.key:  # it is there already
            found, public = self.token, tokens.signing_with(self.token, self.pin)[1]
        else:
            found, public = tokens.new_key(self.token, self.pin)
        found.write(folder / SIGNING_TOKEN)
        return public


def _signing(chosen: Holding, passphrase: str | None, pin: str | None) -> Callable[[bytes], bytes]:
    if chosen.key == "token":
        path = chosen.folder / SIGNING_TOKEN
        on_token, public = tokens.signing_with(tokens.read_token(path), pin)
        _insist_pair(public, chosen, path)
        return on_token
    path = chosen.folder / SIGNING_KEY
    key = load_key(path, passphrase)
    _insist_pair(key.public_key(), chosen, path)

    def sign(data: bytes) -> bytes:
        return key.sign(data, ec.ECDSA(hashes.SHA256()))

    return sign


def _insist_pair(public: ec.EllipticCurvePublicKey, chosen: Holding, path: Path) -> None:
    if public != chosen.certificate.public_key():
        raise CredentialError(f"{path} is the key of another certificate.")


def insist_valid(chosen: Holding) -> None:
    """Raise CredentialError, saying what to do, where a certificate does not count today."""
    whose = f"The signing certificate of {chosen.person}"
    if chosen.revoked is not None:
        raise CredentialError(
            f"{whose} was {chosen.revoked.words}. For a new one: workstation certificate renew --new-key"
        )
    if chosen.state == "expired":
        raise CredentialError(
            f"{whose} expired on {chosen.expires:%Y-%m-%d}. Renew it with: workstation certificate renew"
        )
    if chosen.state == "not yet valid":
        raise CredentialError(
            f"{whose} is valid only from {chosen.certificate.not_valid_before_utc:%Y-%m-%d} on. "
            "Check the clock of this machine."
        )


def _check(chosen: Holding, authority: x509.Certificate, authority_path: Path) -> None:
    try:
        chosen.certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        raise CredentialError(f"{chosen.folder / SIGNING} was not issued by {authority_path}.") from None


def _fill(folder: Path, studio: str, person: str, place: KeyPlace) -> None:
    authority_key = new_key()
    authority = issue_authority(studio, authority_key)
    signing = issue_signing(studio, person, place.make(folder), authority, authority_key)
    save_key(authority_key, folder / AUTHORITY_KEY, place.passphrase)
    write_text(folder / AUTHORITY, as_pem(authority))
    write_text(folder / SIGNING, as_pem(signing))


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


def checked_name(text: str, what: str) -> str:
    """Return a name as it goes into a certificate; CredentialError where it could not be shown."""
    name = " ".join(text.split())
    if not name or len(name) > 64 or not name.isprintable():
        raise CredentialError(f"The name of the {what} needs 1 to 64 printable characters.")
    return name
