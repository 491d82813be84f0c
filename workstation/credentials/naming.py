"""How a certificate is told to a person: its names and its fingerprint."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def common_name(certificate: x509.Certificate) -> str:
    """Return the name of a certificate's person or authority."""
    return _attribute(certificate, x509.NameOID.COMMON_NAME) or organisation(certificate)


def organisation(certificate: x509.Certificate) -> str:
    """Return the name of a certificate's house."""
    return _attribute(certificate, x509.NameOID.ORGANIZATION_NAME)


def fingerprint(certificate: x509.Certificate) -> str:
    """Return the SHA-256 of a certificate as 64 hex digits."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def as_pem(certificate: x509.Certificate) -> str:
    """Return a certificate as PEM text."""
    return certificate.public_bytes(Encoding.PEM).decode()


def as_spki(certificate: x509.Certificate) -> bytes:
    """Return a certificate's public key, to tell whether two are the same."""
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _attribute(certificate: x509.Certificate, which: x509.ObjectIdentifier) -> str:
    values = [str(part.value) for part in certificate.subject.get_attributes_for_oid(which)]
    return (
        " ".join("".join(sign if sign.isprintable() else " " for sign in values[0]).split()) if values else ""
    )
