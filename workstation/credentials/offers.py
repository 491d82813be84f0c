"""What a file from elsewhere offers to be trusted: certificates, and lists of revoked ones."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from workstation.credentials.revocation import is_of_the_future, read_list
from workstation.errors import CredentialError

LARGEST_FILE = 16 * 1024 * 1024
MOST_CERTIFICATES, MOST_LISTS = 5000, 1000
_LIST = re.compile(rb"-----BEGIN X509 CRL-----[^-]*-----END X509 CRL-----\r?\n?")


@dataclass(frozen=True, slots=True)
class Offer:
    """The readable contents of one file."""

    certificates: tuple[x509.Certificate, ...]
    lists: tuple[bytes, ...] = ()


def read_offer(path: Path) -> Offer:
    """Read all that a PEM file holds, or the one thing in a DER file; CredentialError if nothing."""
    with path.open("rb") as file:
        data = file.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE or data.count(b"BEGIN CERTIFICATE") > MOST_CERTIFICATES:
        raise CredentialError(f"{path} holds more than {MOST_CERTIFICATES} certificates.")
    if b"PRIVATE KEY" in data:
        raise CredentialError(
            f"{path} holds a private key. Never hand that on; import the certificate alone."
        )
    lists = tuple(_LIST.findall(data))
    if len(lists) > MOST_LISTS:
        raise CredentialError(f"{path} holds more than {MOST_LISTS} lists of revoked certificates.")
    offer = _der_offer(path, data) if b"-----BEGIN" not in data else Offer(_certificates(path, data), lists)
    for told in offer.lists:
        _insist_list(path, told)
    if not offer.certificates and not offer.lists:
        raise CredentialError(f"{path} holds no readable certificate.")
    return offer


def _certificates(path: Path, data: bytes) -> tuple[x509.Certificate, ...]:
    if b"BEGIN CERTIFICATE" not in data:
        return ()
    try:
        return tuple(x509.load_pem_x509_certificates(data))
    except ValueError:
        raise CredentialError(f"{path} holds no readable certificate.") from None


def _der_offer(path: Path, data: bytes) -> Offer:
    try:
        return Offer((x509.load_der_x509_certificate(data),))
    except ValueError:
        pass
    try:
        read_list(data)
    except CredentialError:
        raise CredentialError(f"{path} holds no readable certificate.") from None
    return Offer((), (data,))


def _insist_list(path: Path, data: bytes) -> None:
    try:
        found = read_list(data)
    except CredentialError as error:
        raise CredentialError(
            f"The list of revoked certificates in {path} cannot be used: {error}. Nothing was imported."
        ) from None
    if is_of_the_future(found):
        raise CredentialError(
            f"The list of revoked certificates in {path} is of {found.last_update_utc:%Y-%m-%d}. "
            "Check the clock of this machine. Nothing was imported."
        )
