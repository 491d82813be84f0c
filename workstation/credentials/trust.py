"""Whom the user trusts: the studio's own authority, and certificates that were imported on purpose.

Nothing is trusted by default. In the folder "trust" of the user's home each imported certificate is one PEM
file, named by its fingerprint: of signers in the folder itself, of time-stamps in "time-stamps". In "revoked"
lies the latest list of revoked certificates of each authority.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from workstation import settings
from workstation.credentials.anchors import Trusted, purposes
from workstation.credentials.certificates import default_folder
from workstation.credentials.naming import as_pem, common_name, fingerprint, organisation
from workstation.credentials.offers import Offer, read_offer
from workstation.credentials.people import AUTHORITY, REVOKED, read_certificate
from workstation.credentials.revocation import LARGEST_LIST, is_by, number_of, read_list
from workstation.errors import CredentialError
from workstation.files import write_bytes, write_text

Purpose: TypeAlias = Literal["signers", "time-stamps"]
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
_ANY_PURPOSE = x509.ObjectIdentifier("2.5.29.37.0")


@dataclass(frozen=True, slots=True)
class Anchor:
    """One trusted certificate, as it is shown to the user."""

    name: str
    organisation: str
    starts: datetime
    expires: datetime
    fingerprint: str
    """SHA-256 of the certificate, 64 hex digits."""
    path: Path
    purposes: tuple[Purpose, ...] = ()
    """What it is trusted for."""

    @property
    def expired(self) -> bool:
        """Whether its time is over: what it vouches for now counts no more."""
        return self.expires < datetime.now(UTC)


def trusted() -> Trusted:
    """Return whom the user trusts; broken files are left out and, if they are lists of the revoked, named."""
    found = {purpose: "".join(_pem(path) for path in _files(purpose)) for purpose in PURPOSES}
    lists, unread = [], []
    for path in _lists():
        try:
            lists.append(_read_list(path))
        except CredentialError as error:
            unread.append(f"{path} was not used: {error}.")
    return Trusted(found["signers"], found["time-stamps"], tuple(lists), tuple(unread))


def anchors() -> str:
    """Return the certificates that are trusted for signers as PEM text."""
    return trusted().signers


def own_anchor(folder: Path) -> str:
    """Return what others import to trust the studio in `folder`: its certificate, and whom it revoked."""
    revoked = folder / REVOKED
    told = _read_list(revoked).decode() if revoked.exists() else ""
    return as_pem(read_certificate(folder / AUTHORITY)) + told


def from_file(path: Path) -> Trusted:
    """Return the trust that a file alone gives, for signers and time-stamps alike."""
    offer = read_offer(path)
    pem = "".join(map(as_pem, offer.certificates))
    return Trusted(pem, pem, offer.lists)


def listed() -> list[Anchor]:
    """Return the trusted certificates, the studio's own first, each with what it is trusted for."""
    found: dict[str, Anchor] = {}
    for purpose in PURPOSES:
        for path in _files(purpose):
            anchor = _anchor(path)
            if anchor is not None:
                known = found.setdefault(anchor.fingerprint, anchor)
                if purpose not in known.purposes:  # the own authority may have been imported as well
                    found[anchor.fingerprint] = replace(known, purposes=(*known.purposes, purpose))
    return list(found.values())


def broken() -> list[Path]:
    """Return the files of the trust folder that hold no readable certificate or list."""
    files = [path for purpose in PURPOSES for path in _files(purpose) if _anchor(path) is None]
    return files + [path for path in _lists() if not _is_list(path)]


def offered(offer: Offer) -> list[Anchor]:
    """Return what a file would have the user trust, to be shown first."""
    return [describe(certificate, Path()) for certificate in offer.certificates]


def trust(path: Path, wanted: tuple[Purpose, ...] = ("signers",)) -> list[Anchor]:
    """Import all certificates and lists of the revoked of a file; CredentialError where one does not fit."""
    return accept(read_offer(path), wanted)


def accept(offer: Offer, wanted: tuple[Purpose, ...]) -> list[Anchor]:
    """Import what a file offers for some purposes; nothing of it where one part does not fit."""
    for certificate in offer.certificates:
        for purpose in wanted:
            _insist_fit(certificate, purpose)
    newer = _newer_lists(offer)
    added: list[Anchor] = []
    for certificate in offer.certificates:
        for purpose in wanted:
            target = _folder(purpose) / f"{fingerprint(certificate)}.pem"
            write_text(target, as_pem(certificate))
        added.append(replace(describe(certificate, target), purposes=wanted))
    for name, data in newer.items():
        write_bytes(_folder("revoked") / name, data)
    return added


def distrust(beginning: str) -> Anchor:
    """Remove the imported certificate whose fingerprint begins so; CredentialError where not one does."""
    start = beginning.replace(":", "").lower()
    found = [anchor for anchor in listed() if start and anchor.fingerprint.startswith(start)]
    if len(found) != 1:
        count = "No" if not found else "More than one"
        raise CredentialError(f"{count} trusted certificate has a fingerprint that begins with {beginning}.")
    if found[0].path == default_folder() / AUTHORITY:
        raise CredentialError(
            "That is your own studio's authority; it cannot be taken out of the trusted ones."
        )
    for purpose in PURPOSES:
        (_folder(purpose) / f"{found[0].fingerprint}.pem").unlink(missing_ok=True)
    (_folder("revoked") / f"{found[0].fingerprint}.crl").unlink(missing_ok=True)
    return found[0]


def describe(certificate: x509.Certificate, path: Path) -> Anchor:
    """Return what the user is shown of a certificate."""
    return Anchor(
        name=common_name(certificate),
        organisation=organisation(certificate),
        starts=certificate.not_valid_before_utc,
        expires=certificate.not_valid_after_utc,
        fingerprint=fingerprint(certificate),
        path=path,
    )


def _insist_fit(certificate: x509.Certificate, purpose: Purpose) -> None:
    named = purposes(certificate)
    if not named or _ANY_PURPOSE in named:
        return
    if (ExtendedKeyUsageOID.TIME_STAMPING in named) != (purpose == "time-stamps") and (
        purpose == "time-stamps" or len(named) == 1
    ):
        other = "time-stamps" if purpose == "signers" else "signers"
        raise CredentialError(
            f"The certificate of {common_name(certificate)} is not made for {purpose}. Nothing was imported. "
            f"Perhaps you mean: --for {other}"
        )


def _newer_lists(offer: Offer) -> dict[str, bytes]:
    """Return the lists that are newer than ours, by file name; CredentialError where one is forged."""
    known = [read_certificate(path) for purpose in PURPOSES for path in _files(purpose) if _anchor(path)]
    found: dict[str, bytes] = {}
    for data in offer.lists:
        told = read_list(data)
        issuer = next((part for part in (*offer.certificates, *known) if is_by(told, part)), None)
        if issuer is None:
            raise CredentialError(
                "The list of revoked certificates in it is by none of those whom it names or you trust. "
                "Nothing was imported."
            )
        name = f"{fingerprint(issuer)}.crl"
        here = _folder("revoked") / name
        if not _is_list(here) or number_of(read_list(_read_list(here))) <= number_of(told):
            found[name] = data
    return found


def _anchor(path: Path) -> Anchor | None:
    try:
        return describe(read_certificate(path), path)
    except (CredentialError, ValueError):
        return None


def _pem(path: Path) -> str:
    return as_pem(read_certificate(path)) if _anchor(path) else ""


def _is_list(path: Path) -> bool:
    try:
        read_list(_read_list(path))
    except CredentialError:
        return False
    return True


def _read_list(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_LIST + 1)
    except OSError as error:
        raise CredentialError(f"it cannot be read ({error.strerror})") from None


def _files(purpose: Purpose) -> list[Path]:
    """Return the certificates for a purpose, the own authority first: it is for both."""
    own = default_folder() / AUTHORITY
    return ([own] if own.exists() else []) + sorted(_folder(purpose).glob("*.pem"))


def _lists() -> list[Path]:
    own = default_folder() / REVOKED
    return ([own] if own.exists() else []) + sorted(_folder("revoked").glob("*.crl"))


def _folder(which: Purpose | Literal["revoked"]) -> Path:
    folder = settings.home() / "trust"
    if which != "signers":
        folder /= which
    folder.mkdir(parents=True, exist_ok=True)
    return folder
