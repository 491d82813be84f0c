"""Who may sign in a studio's name: the certificates that its authority issued, and where their keys lie.

The first one lies in the studio's folder itself, any other in a folder of its own under "people", which
comes into being as a whole and is never changed. So a renewed certificate stands beside the older one, whose
signatures stay what they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from cryptography import x509

from workstation.credentials.house import read_choices
from workstation.credentials.keys import is_locked, read_small
from workstation.credentials.naming import common_name, fingerprint
from workstation.credentials.revocation import LARGEST_LIST as LARGEST_REVOKED
from workstation.credentials.revocation import Revoked, entry_of, is_by, read_list
from workstation.errors import CredentialError
from workstation.unfinished import PREFIX

AUTHORITY, AUTHORITY_KEY = "authority.pem", "authority-key.pem"
SIGNING, SIGNING_KEY, SIGNING_TOKEN = "signing.pem", "signing-key.pem", "signing-token.json"
REVOKED, PEOPLE = "revoked.crl", "people"
WARNED_DAYS = 60
_CLOCKS_DIFFER = timedelta(minutes=1)

State = Literal["valid", "expired", "revoked", "not yet valid"]


@dataclass(frozen=True, slots=True)
class Holding:
    """One signing certificate, and the folder in which it and its key lie."""

    certificate: x509.Certificate
    folder: Path
    revoked: Revoked | None = None

    @property
    def person(self) -> str:
        """Who signs with it."""
        return common_name(self.certificate)

    @property
    def expires(self) -> datetime:
        """When its time is over."""
        return self.certificate.not_valid_after_utc

    @property
    def state(self) -> State:
        """Whether it counts today."""
        now = datetime.now(UTC)
        if self.revoked is not None:
            return "revoked"
        if self.expires <= now:
            return "expired"
        return "not yet valid" if self.certificate.not_valid_before_utc > now + _CLOCKS_DIFFER else "valid"

    @property
    def ends_soon(self) -> str:
        """Say in the last weeks when it ends; else nothing."""
        days = (self.expires - datetime.now(UTC)).days
        if self.state != "valid" or days >= WARNED_DAYS:
            return ""
        return f"The signing certificate of {self.person} expires on {self.expires:%Y-%m-%d}."

    @property
    def warning(self) -> str:
        """Say in the last weeks that it ends soon, and what to type; else nothing."""
        return (
            f"{soon} Renew it before with: workstation certificate renew" if (soon := self.ends_soon) else ""
        )

    @property
    def key(self) -> Literal["file", "locked file", "token", "elsewhere"]:
        """Where its key lies."""
        if (self.folder / SIGNING_TOKEN).exists():
            return "token"
        path = self.folder / SIGNING_KEY
        return ("locked file" if is_locked(path) else "file") if path.exists() else "elsewhere"


def insist_studio(folder: Path) -> None:
    """Raise CredentialError, saying how a studio is made, where none lies in the folder."""
    if not (folder / SIGNING).exists() and not (folder / AUTHORITY).exists():
        raise CredentialError(
            f"There is no signing certificate in {folder}. Make one with: "
            'workstation certificate create --studio "NAME" --person "NAME"'
        )


def holdings(folder: Path) -> list[Holding]:
    """Return the certificates that a studio issued, those of the folder itself first, then by age."""
    revoked = read_revoked(folder)
    authority = read_certificate(folder / AUTHORITY)
    own = [folder] if (folder / SIGNING).exists() else []
    further = [path for path in (folder / PEOPLE).glob("*") if not path.name.startswith(PREFIX)]
    found = [_holding(place, authority, revoked) for place in [*own, *further]]
    return sorted(found, key=lambda part: (part.folder != folder, part.certificate.not_valid_before_utc))


def choose(folder: Path, person: str | None = None, *, anywhere: bool = False) -> Holding:
    """Return the chosen person's best certificate; CredentialError where there is none.

    Only what can sign here is looked at, unless `anywhere`: then also what was given to other machines.
    """
    found = [
        part for part in holdings(folder) if anywhere or part.key != "elsewhere" or part.folder == folder
    ]
    wanted = person or read_choices(folder).signer or (found[0].person if found else "")
    own = [part for part in found if part.person.casefold() == wanted.casefold()]
    if own:
        return max(own, key=lambda part: (part.state == "valid", part.expires))
    if not found:
        read_small(folder / SIGNING)  # says what is wrong with it
    names = ", ".join(dict.fromkeys(part.person for part in found))
    raise CredentialError(f"Nobody called {wanted} can sign here. These can: {names}.")


def latest(people: Iterable[Holding]) -> list[Holding]:
    """Return of each person the certificate that counts, or else that which counted last."""
    best: dict[str, Holding] = {}
    for part in people:
        known = best.get(part.person)
        if known is None or (part.state == "valid", part.expires) > (known.state == "valid", known.expires):
            best[part.person] = part
    return list(best.values())


def read_certificate(path: Path) -> x509.Certificate:
    """Read one certificate; CredentialError where the file holds none."""
    try:
        return x509.load_pem_x509_certificate(read_small(path))
    except ValueError:
        raise CredentialError(f"{path} is not a readable certificate. Restore it from a backup.") from None


def read_revoked(folder: Path) -> x509.CertificateRevocationList | None:
    """Return the studio's own list of revoked certificates; CredentialError where it is not what it was."""
    path = folder / REVOKED
    if not path.exists():
        return None
    with path.open("rb") as file:
        data = file.read(LARGEST_REVOKED + 1)
    try:
        found = read_list(data)
    except CredentialError as error:
        raise CredentialError(f"{path} cannot be used: {error}. Restore it from a backup.") from None
    if not is_by(found, read_certificate(folder / AUTHORITY)):
        raise CredentialError(f"{path} was not made by this studio's authority. Restore it from a backup.")
    return found


def _holding(
    place: Path, authority: x509.Certificate, revoked: x509.CertificateRevocationList | None
) -> Holding:
    certificate = read_certificate(place / SIGNING)
    gone = entry_of(revoked, certificate.serial_number) if revoked else None
    return Holding(certificate, place, gone)


def short(certificate: x509.Certificate) -> str:
    """Return the beginning of a fingerprint, which names a certificate well enough."""
    return fingerprint(certificate)[:16]
