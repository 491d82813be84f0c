"""Lists of revoked certificates (CRLs, RFC 5280): made by the studio's authority, read from others, asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeAlias, get_args

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from workstation.errors import CredentialError

Reason: TypeAlias = Literal["unspecified", "key-lost", "left-the-house", "superseded", "no-longer-needed"]
REASONS: tuple[Reason, ...] = get_args(Reason)
_FLAGS: dict[Reason, x509.ReasonFlags | None] = {
    "unspecified": None,  # RFC 5280, 5.3.1: then the reason is left out
    "key-lost": x509.ReasonFlags.key_compromise,
    "left-the-house": x509.ReasonFlags.affiliation_changed,
    "superseded": x509.ReasonFlags.superseded,
    "no-longer-needed": x509.ReasonFlags.cessation_of_operation,
}
_WORDS = {
    x509.ReasonFlags.key_compromise: "the key may be in other hands",
    x509.ReasonFlags.ca_compromise: "the key of the authority may be in other hands",
    x509.ReasonFlags.aa_compromise: "the key of an authority may be in other hands",
    x509.ReasonFlags.affiliation_changed: "the person has left the house",
    x509.ReasonFlags.superseded: "another certificate has taken its place",
    x509.ReasonFlags.cessation_of_operation: "it is no longer needed",
    x509.ReasonFlags.certificate_hold: "it is suspended",
    x509.ReasonFlags.privilege_withdrawn: "the right to sign was withdrawn",
}
COMPROMISED = frozenset(list(_WORDS)[:3])
"""Reasons for which nothing that the key ever signed can be believed, whatever a time-stamp says."""
LIST_DAYS = 400
"""How long a list says that it is the latest; who imported it is then told to ask for a new one."""
LARGEST_LIST = 4 * 1024 * 1024
_CLOCKS_DIFFER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Revoked:
    """That and why a certificate no longer counts."""

    when: datetime
    reason: x509.ReasonFlags | None

    @property
    def for_good(self) -> bool:
        """Whether also what was signed before `when` cannot be believed."""
        return self.reason in COMPROMISED

    @property
    def words(self) -> str:
        """Say when and why."""
        why = f": {_WORDS[self.reason]}" if self.reason in _WORDS else ""
        return f"revoked on {self.when:%Y-%m-%d}{why}"


def read_list(data: bytes) -> x509.CertificateRevocationList:
    """Read one list as PEM or DER; CredentialError where it is none that can be understood whole."""
    if len(data) > LARGEST_LIST:
        raise CredentialError("it is too large")
    try:
        pem = data.lstrip().startswith(b"-----BEGIN")
        found = x509.load_pem_x509_crl(data) if pem else x509.load_der_x509_crl(data)
        critical = [part for part in found.extensions if part.critical]
    except (ValueError, UnsupportedAlgorithm):
        raise CredentialError("it is not a readable list of revoked certificates") from None
    if critical:
        raise CredentialError("it covers only some certificates, in a way that is not understood here")
    return found


def is_by(found: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    """Tell whether a list was signed by the key of this authority, which may sign lists."""
    key = issuer.public_key()
    if found.issuer != issuer.subject:
        return False
    try:
        usage = issuer.extensions.get_extension_for_class(x509.KeyUsage).value
        if not usage.crl_sign:
            return False
    except x509.ExtensionNotFound:
        pass
    except ValueError:
        return False
    try:
        return found.is_signature_valid(key)  # type: ignore[arg-type]
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False


def entry_of(found: x509.CertificateRevocationList, serial: int) -> Revoked | None:
    """Return what a list says of a serial number, nothing where it does not stand there."""
    entry = found.get_revoked_certificate_by_serial_number(serial)
    if entry is None:
        return None
    try:
        reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    except (x509.ExtensionNotFound, ValueError):
        reason = None
    return Revoked(entry.revocation_date_utc, reason)


def is_stale(found: x509.CertificateRevocationList) -> bool:
    """Tell whether a list is older than it says that it may be."""
    until = found.next_update_utc
    return until is not None and until < datetime.now(UTC)


def is_of_the_future(found: x509.CertificateRevocationList) -> bool:
    """Tell whether a list says that it will be made another day."""
    return found.last_update_utc > datetime.now(UTC) + _CLOCKS_DIFFER


def number_of(found: x509.CertificateRevocationList) -> int:
    """Return the number of a list, which grows with each new one."""
    try:
        return found.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    except (x509.ExtensionNotFound, ValueError):
        return 0


def entry(serial: int, when: datetime, reason: Reason) -> x509.RevokedCertificate:
    """Return a new entry for a list."""
    flag = _FLAGS[reason]
    builder = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(when)
    return (builder.add_extension(x509.CRLReason(flag), critical=False) if flag else builder).build()


def make_list(
    authority: x509.Certificate,
    key: ec.EllipticCurvePrivateKey,
    entries: Iterable[x509.RevokedCertificate],
    number: int,
) -> bytes:
    """Return a list, signed by the authority, as PEM."""
    now = datetime.now(UTC).replace(microsecond=0)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.subject)
        .last_update(now)
        .next_update(now + timedelta(days=LIST_DAYS))
        .add_extension(x509.CRLNumber(number), critical=False)
        .add_extension(issuer, critical=False)
    )
    for part in entries:
        builder = builder.add_revoked_certificate(part)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
