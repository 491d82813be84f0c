"""Whom a check trusts and for what: authorities of signers and of time-stamps, and who was revoked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509.oid import ExtendedKeyUsageOID

LONGEST_PATH = 8
_NOT_ISSUED = (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm)


@dataclass(frozen=True, slots=True)
class Trusted:
    """Certificates as PEM text, kept apart by purpose: who vouches for one vouches not for the other."""

    signers: str = ""
    stamps: str = ""
    revoked: tuple[bytes, ...] = ()
    """Lists of revoked certificates, as PEM or DER."""
    unread: tuple[str, ...] = ()
    """A sentence for each list that could not be read."""

    @property
    def all(self) -> str:
        """Return all certificates, for the C2PA library, which cannot keep them apart."""
        return self.signers + ("" if self.stamps == self.signers else self.stamps)

    @property
    def certificates(self) -> tuple[x509.Certificate, ...]:
        """All certificates, whatever they are trusted for."""
        return _loaded(self.all)

    def and_signer(self, anchor: str) -> Trusted:
        """Return the same with one more authority of signers."""
        return Trusted(anchor + self.signers, self.stamps, self.revoked, self.unread)


AnyTrust: TypeAlias = Trusted | str
"""PEM text stands for authorities that are trusted for both purposes."""


def as_trusted(anchors: AnyTrust) -> Trusted:
    """Return whom a check trusts, however it was said."""
    return anchors if isinstance(anchors, Trusted) else Trusted(anchors, anchors)


def path_to(
    anchors: str, first: x509.Certificate, others: Iterable[x509.Certificate]
) -> tuple[x509.Certificate, ...]:
    """Return the certificates from `first` up, each issued by the next; empty where none of them is trusted.

    The path goes on above the trusted one as far as it is known, for who is above may have revoked what is
    below. Only who issued whom is looked at: dates and purposes are the library's to judge.
    """
    trusted, path = _loaded(anchors), [first]
    pool = [*trusted, *others]
    while len(path) <= LONGEST_PATH:
        above = next((part for part in pool if part not in path and _issued(path[-1], part)), None)
        if above is None:
            break
        path.append(above)
    return tuple(path) if any(part in trusted for part in path) else ()


def is_for_stamps(certificate: x509.Certificate) -> bool:
    """Tell whether a certificate says that it makes time-stamps, and is no authority over those that do."""
    return ExtendedKeyUsageOID.TIME_STAMPING in purposes(certificate) and not _is_authority(certificate)


def purposes(certificate: x509.Certificate) -> tuple[x509.ObjectIdentifier, ...]:
    """Return the purposes (extended key usage) that a certificate names, none where it is not limited."""
    try:
        return tuple(certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    except (x509.ExtensionNotFound, ValueError):
        return ()


def _issued(certificate: x509.Certificate, by: x509.Certificate) -> bool:
    if certificate.issuer != by.subject or certificate == by:
        return False
    if not _is_authority(by):
        return False
    try:
        certificate.verify_directly_issued_by(by)
    except _NOT_ISSUED:
        return False
    return True


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return bool(certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except x509.ExtensionNotFound:
        return certificate.version is x509.Version.v1
    except ValueError:
        return False


@lru_cache(maxsize=8)
def _loaded(anchors: str) -> tuple[x509.Certificate, ...]:
    return tuple(x509.load_pem_x509_certificates(anchors.encode())) if anchors.strip() else ()
