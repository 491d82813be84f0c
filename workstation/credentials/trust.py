"""Whom the user trusts: the studio's own authority, and certificates that were imported on purpose.

Nothing is trusted by default. Each imported certificate is one PEM file in the folder "trust" of the user's
home, named by its fingerprint.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from workstation import settings
from workstation.credentials.certificates import (
    AUTHORITY,
    common_name,
    default_folder,
    organisation,
    read_certificate,
)
from workstation.errors import CredentialError
from workstation.files import write_bytes

LARGEST_LIST = 16 * 1024 * 1024
MOST_CERTIFICATES = 5000


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


def anchors() -> str:
    """Return all trusted certificates as PEM text; broken files are left out, which only takes trust away."""
    return "".join(read_certificate(anchor.path).public_bytes(Encoding.PEM).decode() for anchor in listed())


def own_anchor(folder: Path) -> str:
    """Return the public certificate of the studio in `folder` as PEM text."""
    return read_certificate(folder / AUTHORITY).public_bytes(Encoding.PEM).decode()


def as_pem(path: Path) -> str:
    """Return all certificates of a file as PEM text, for a check that trusts these alone."""
    return "".join(found.public_bytes(Encoding.PEM).decode() for found in read_certificates(path))


def listed() -> list[Anchor]:
    """Return the trusted certificates, the studio's own first."""
    own = default_folder() / AUTHORITY
    found = [_anchor(path) for path in ([own] if own.exists() else []) + sorted(_folder().glob("*.pem"))]
    return [anchor for anchor in found if anchor is not None]


def broken() -> list[Path]:
    """Return the files of the trust folder that hold no readable certificate."""
    return [path for path in sorted(_folder().glob("*.pem")) if _anchor(path) is None]


def trust(path: Path) -> list[Anchor]:
    """Import every certificate of a PEM or DER file; CredentialError where it holds none."""
    certificates = read_certificates(path)
    added: list[Anchor] = []
    for certificate in certificates:
        target = _folder() / f"{_fingerprint(certificate)}.pem"
        write_bytes(target, certificate.public_bytes(Encoding.PEM))
        anchor = _anchor(target)
        if anchor is not None:
            added.append(anchor)
    return added


def distrust(fingerprint: str) -> Anchor:
    """Remove the imported certificate whose fingerprint begins so; CredentialError where not one does."""
    wanted = fingerprint.replace(":", "").lower()
    found = [anchor for anchor in listed() if wanted and anchor.fingerprint.startswith(wanted)]
    if len(found) != 1:
        count = "No" if not found else "More than one"
        raise CredentialError(
            f"{count} trusted certificate has a fingerprint that begins with {fingerprint}."
        )
    if found[0].path.parent != _folder():
        raise CredentialError(
            "That is your own studio's authority; it cannot be taken out of the trusted ones."
        )
    found[0].path.unlink(missing_ok=True)
    return found[0]


def read_certificates(path: Path) -> list[x509.Certificate]:
    """Read all certificates of a PEM file, or the one of a DER file."""
    with path.open("rb") as file:
        data = file.read(LARGEST_LIST + 1)
    if len(data) > LARGEST_LIST or data.count(b"BEGIN CERTIFICATE") > MOST_CERTIFICATES:
        raise CredentialError(f"{path} holds more than {MOST_CERTIFICATES} certificates.")
    if b"PRIVATE KEY" in data:
        raise CredentialError(
            f"{path} holds a private key. Never hand that on; import the certificate alone."
        )
    try:
        if b"-----BEGIN" in data:
            return list(x509.load_pem_x509_certificates(data))
        return [x509.load_der_x509_certificate(data)]
    except ValueError:
        raise CredentialError(f"{path} holds no readable certificate.") from None


def describe(certificate: x509.Certificate, path: Path) -> Anchor:
    """Return what the user is shown of a certificate."""
    return Anchor(
        name=common_name(certificate),
        organisation=organisation(certificate),
        starts=certificate.not_valid_before_utc,
        expires=certificate.not_valid_after_utc,
        fingerprint=_fingerprint(certificate),
        path=path,
    )


def _anchor(path: Path) -> Anchor | None:
    try:
        return describe(read_certificate(path), path)
    except (CredentialError, ValueError):
        return None


def _fingerprint(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(hashes.SHA256()).hex()


def _folder() -> Path:
    folder = settings.home() / "trust"
    folder.mkdir(exist_ok=True)
    return folder
