"""What the studio's authority does after its first day: issue to people, renew, revoke, say who signs."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from workstation.credentials import revocation, stamps
from workstation.credentials.certificates import KeyPlace, checked_name, insist_valid
from workstation.credentials.house import changing, read_choices, write_choices
from workstation.credentials.issuing import issue_signing
from workstation.credentials.keys import load_key
from workstation.credentials.naming import as_pem, as_spki, fingerprint, organisation
from workstation.credentials.people import (
    AUTHORITY,
    AUTHORITY_KEY,
    PEOPLE,
    REVOKED,
    SIGNING,
    SIGNING_KEY,
    SIGNING_TOKEN,
    Holding,
    choose,
    holdings,
    read_certificate,
    read_revoked,
    short,
)
from workstation.errors import CredentialError
from workstation.files import drafts, write_bytes, write_text
from workstation.portable import restrict_to_owner, sync_folder


def issue(folder: Path, person: str, passphrase: str | None, key: KeyPlace, out: Path | None) -> Holding:
    """Give a further person a certificate to sign with; `passphrase` opens the authority's key.

    With `out` the person's part of the studio is written to a new folder, to be used on another machine; the
    key is then kept nowhere else.
    """
    name = checked_name(person, "person")
    authority = _authority(folder, passphrase)
    with changing(folder):
        known = [part for part in holdings(folder) if part.person.casefold() == name.casefold()]
        if any(part.state == "valid" for part in known):
            raise CredentialError(
                f"{name} has a certificate already. For a new one use: workstation certificate renew"
            )
        return _add(folder, name, authority, key.make, out)


def renew(
    folder: Path,
    person: str | None,
    passphrase: str | None,
    new_key: KeyPlace | None,
    out: Path | None = None,
) -> Holding:
    """Give a person a certificate with five new years, for the same key or for a new one."""
    authority = _authority(folder, passphrase)
    with changing(folder):
        old = choose(folder, person, anywhere=True)
        if new_key is not None:
            return _add(folder, old.person, authority, new_key.make, out)
        if old.revoked is not None:
            raise CredentialError(
                f"The certificate of {old.person} was {old.revoked.words}. Use --new-key for the next one."
            )
        return _add(folder, old.person, authority, lambda place: _same_key(old, place), out)


def revoke(
    folder: Path, who: str, reason: revocation.Reason, when: datetime | None, passphrase: str | None
) -> list[x509.Certificate]:
    """Declare certificates void from a day on: all of a person, or the one whose fingerprint begins so."""
    authority, key = _authority(folder, passphrase)
    moment = (when or datetime.now(UTC)).replace(microsecond=0)
    with changing(folder):
        gone = _named(folder, who, together=reason == "key-lost")
        for certificate in gone:
            _insist_possible(certificate, moment)
        old = read_revoked(folder)
        entries = [*(old or []), *(revocation.entry(part.serial_number, moment, reason) for part in gone)]
        number = revocation.number_of(old) + 1 if old else 1
        write_bytes(folder / REVOKED, revocation.make_list(authority, key, entries, number))
    return gone


def refresh_list(folder: Path, passphrase: str | None) -> bool:
    """Date the list of revoked certificates anew, so that it counts as current; False where there is none."""
    with changing(folder):
        old = read_revoked(folder)
        if old is None:
            return False
        authority, key = _authority(folder, passphrase)
        write_bytes(
            folder / REVOKED, revocation.make_list(authority, key, old, revocation.number_of(old) + 1)
        )
    return True


def use(folder: Path, person: str) -> Holding:
    """Have a person sign wherever nobody else is named."""
    with changing(folder):
        chosen = choose(folder, person)
        insist_valid(chosen)
        write_choices(folder, replace(read_choices(folder), signer=chosen.person))
    return chosen


_Authority = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


def _authority(folder: Path, passphrase: str | None) -> _Authority:
    certificate = read_certificate(folder / AUTHORITY)
    if not (folder / AUTHORITY_KEY).exists():
        raise CredentialError(
            f"The key of the authority is not in {folder}. Do this where the studio was made."
        )
    key = load_key(folder / AUTHORITY_KEY, passphrase)
    if key.public_key() != certificate.public_key():
        raise CredentialError(f"{folder / AUTHORITY_KEY} is the key of another certificate.")
    return certificate, key


_MakeKey = Callable[[Path], ec.EllipticCurvePublicKey]


def _add(folder: Path, person: str, authority: _Authority, make: _MakeKey, out: Path | None) -> Holding:
    """Issue a certificate for the key that `make` puts into a folder, here or in the folder `out`."""
    if out is None:
        return _keep(folder, person, authority, make)
    if out.exists():
        raise CredentialError(f"{out} exists already. Name a new folder.")
    with drafts(out) as parent:
        draft = parent / "studio"
        draft.mkdir(mode=0o700)
        public = make(draft)
        made = _keep(folder, person, authority, lambda _: public)  # known before anyone can sign with it
        write_text(draft / AUTHORITY, as_pem(authority[0]))
        write_text(draft / SIGNING, as_pem(made.certificate))
        draft.rename(out)
        sync_folder(out.parent)
    return Holding(made.certificate, out)


def _keep(folder: Path, person: str, authority: _Authority, make: _MakeKey) -> Holding:
    """Issue a certificate for the key that `make` puts into its folder, which appears as a whole."""
    place = folder / PEOPLE
    place.mkdir(mode=0o700, exist_ok=True)
    with drafts(place / "new") as parent:
        draft = parent / "person"
        draft.mkdir(mode=0o700)
        made = issue_signing(organisation(authority[0]), person, make(draft), *authority)
        write_text(draft / SIGNING, as_pem(made))
        target = place / short(made)
        draft.rename(target)
        sync_folder(place)
    return Holding(made, target)


def _same_key(old: Holding, place: Path) -> ec.EllipticCurvePublicKey:
    for name in (SIGNING_KEY, SIGNING_TOKEN):
        if (old.folder / name).exists():
            shutil.copy2(old.folder / name, place / name)
            restrict_to_owner(place / name)
    public = old.certificate.public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    return public


def _named(folder: Path, who: str, together: bool) -> list[x509.Certificate]:
    """Return the certificates that are meant; with `together` also those of the same keys."""
    people = holdings(folder)
    every = [part.certificate for part in people if part.revoked is None]
    every += [certificate for certificate, _ in stamps.certificates(folder)]
    start = who.replace(":", "").lower()
    found = [part.certificate for part in people if part.person.casefold() == who.casefold()]
    found = found or [part for part in every if len(start) >= 4 and fingerprint(part).startswith(start)]
    if not found:
        raise CredentialError(f"No certificate of this studio is called {who} or has such a fingerprint.")
    keys = {as_spki(part) for part in found} if together else set()
    wanted = [part for part in every if part in found or as_spki(part) in keys]
    if not wanted:
        raise CredentialError(f"All certificates of {who} are revoked already.")
    return wanted


def _insist_possible(certificate: x509.Certificate, moment: datetime) -> None:
    if moment > datetime.now(UTC):
        raise CredentialError("A certificate cannot be revoked on a day to come.")
    if moment < certificate.not_valid_before_utc:
        raise CredentialError(
            f"The certificate is from {certificate.not_valid_before_utc:%Y-%m-%d}. Choose a later day."
        )
