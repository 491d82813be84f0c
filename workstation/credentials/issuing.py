"""Certificates as C2PA wants them: an authority, and a signing certificate that can do nothing but sign.

The rules are strict and were found by trying: key usage "digital signature" alone and critical, purpose
e-mail protection, the authority's key named, not an authority itself. Anything else is refused at signing.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

AUTHORITY_YEARS, SIGNING_YEARS, STAMPING_YEARS = 20, 5, 10
CLOCKS_DIFFER = timedelta(days=1)
"""Certificates begin a day early, so that a machine whose clock is behind accepts them at once."""


def issue_authority(studio: str, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    """Return the self-signed certificate of a studio's authority."""
    name = _name(studio, f"{studio} authority"[:64])
    return (
        _begin(name, name, key.public_key(), AUTHORITY_YEARS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(authority=True), critical=True)
        .sign(key, hashes.SHA256())
    )


def issue_signing(
    studio: str,
    person: str,
    public: ec.EllipticCurvePublicKey,
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    """Return a person's signing certificate, issued by the studio's authority."""
    purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
    begun = _begin(_name(studio, person), authority.subject, public, SIGNING_YEARS)
    return _end(begun.add_extension(purpose, critical=False), authority_key)


def issue_stamping(
    studio: str,
    public: ec.EllipticCurvePublicKey,
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    """Return the certificate of the studio's time-stamps: that purpose alone, critical (RFC 3161, 2.3)."""
    purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    name = _name(studio, f"{studio} time-stamps"[:64])
    begun = _begin(name, authority.subject, public, STAMPING_YEARS)
    return _end(begun.add_extension(purpose, critical=True), authority_key)


def _end(begun: x509.CertificateBuilder, authority_key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    return (
        begun.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(issuer_key, critical=False)
        .sign(authority_key, hashes.SHA256())
    )


def _begin(
    subject: x509.Name, issuer: x509.Name, public: ec.EllipticCurvePublicKey, years: int
) -> x509.CertificateBuilder:
    start = datetime.now(UTC).replace(microsecond=0) - CLOCKS_DIFFER
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=365 * years))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _name(studio: str, person: str) -> x509.Name:
    house = x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, studio)
    return x509.Name([house, x509.NameAttribute(x509.NameOID.COMMON_NAME, person)])


def _usage(authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
