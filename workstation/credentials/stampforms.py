"""The forms of a time-stamp request and its answer: RFC 3161, with the signed message of RFC 5652 and 5035.

Only what our own authority reads and writes. The fields keep the standards' order, which is their meaning.
"""
# no "from __future__ import annotations": the decorators read the types of the fields

from typing import Annotated

from cryptography.hazmat import asn1
from cryptography.x509 import Certificate, ObjectIdentifier

SIGNED_DATA = ObjectIdentifier("1.2.840.113549.1.7.2")
STAMP_FACTS = ObjectIdentifier("1.2.840.113549.1.9.16.1.4")
CONTENT_TYPE = ObjectIdentifier("1.2.840.113549.1.9.3")
MESSAGE_DIGEST = ObjectIdentifier("1.2.840.113549.1.9.4")
SIGNING_CERTIFICATE = ObjectIdentifier("1.2.840.113549.1.9.16.2.47")
SHA256 = ObjectIdentifier("2.16.840.1.101.3.4.2.1")
ECDSA_SHA256 = ObjectIdentifier("1.2.840.10045.4.3.2")
DIGEST_BYTES = {SHA256.dotted_string: 32, "2.16.840.1.101.3.4.2.2": 48, "2.16.840.1.101.3.4.2.3": 64}
"""SHA-256, 384 and 512, and how long their digests are."""


@asn1.sequence
class Algorithm:
    """Which algorithm; the parameters are absent, or null for a digest."""

    name: ObjectIdentifier
    nothing: asn1.Null | None = None


@asn1.sequence
class Imprint:
    """The digest that is stamped."""

    algorithm: Algorithm
    digest: bytes


@asn1.sequence
class Request:
    """TimeStampReq (RFC 3161, 2.4.1); one with extensions is not read."""

    version: int
    imprint: Imprint
    policy: ObjectIdentifier | None = None
    nonce: int | None = None
    wants_certificate: Annotated[bool, asn1.Default(value=False)] = False


@asn1.sequence
class Accuracy:
    """How far the clock may be off."""

    seconds: int


@asn1.sequence
class Facts:
    """TSTInfo (RFC 3161, 2.4.2): what is attested."""

    version: int
    policy: ObjectIdentifier
    imprint: Imprint
    serial: int
    time: asn1.GeneralizedTime
    accuracy: Accuracy
    nonce: int | None = None


@asn1.sequence
class CertificateHash:
    """ESSCertIDv2 (RFC 5035) by SHA-256, its default."""

    digest: bytes


@asn1.sequence
class SigningCertificate:
    """SigningCertificateV2: ties the signature to one certificate."""

    certificates: list[CertificateHash]


@asn1.sequence
class KindAttribute:
    """Of what kind the signed content is."""

    name: ObjectIdentifier
    values: asn1.SetOf[ObjectIdentifier]


@asn1.sequence
class DigestAttribute:
    """The digest of the signed content."""

    name: ObjectIdentifier
    values: asn1.SetOf[bytes]


@asn1.sequence
class CertificateAttribute:
    """Which certificate signed."""

    name: ObjectIdentifier
    values: asn1.SetOf[SigningCertificate]


Attribute = KindAttribute | DigestAttribute | CertificateAttribute


@asn1.sequence
class Issued:
    """IssuerAndSerialNumber: one certificate."""

    issuer: asn1.TLV
    serial: int


@asn1.sequence
class SignerInfo:
    """Who signed the content and its attributes."""

    version: int
    certificate: Issued
    digest: Algorithm
    attributes: Annotated[asn1.SetOf[asn1.TLV], asn1.Implicit(0)]
    signing: Algorithm
    signature: bytes


@asn1.sequence
class Content:
    """EncapsulatedContentInfo."""

    kind: ObjectIdentifier
    content: Annotated[bytes, asn1.Explicit(0)]


@asn1.sequence
class SignedData:
    """A message with its signature and, where wanted, the certificate."""

    version: int
    digests: asn1.SetOf[Algorithm]
    content: Content
    certificates: Annotated[asn1.SetOf[Certificate] | None, asn1.Implicit(0)]
    signers: asn1.SetOf[SignerInfo]


@asn1.sequence
class Token:
    """ContentInfo: the time-stamp."""

    kind: ObjectIdentifier
    content: Annotated[SignedData, asn1.Explicit(0)]


@asn1.sequence
class Status:
    """PKIStatusInfo: 0 = granted, 2 = refused, and why."""

    status: int
    words: list[str] | None = None
    reason: asn1.BitString | None = None


@asn1.sequence
class Answer:
    """TimeStampResp."""

    status: Status
    token: Token | None = None
