"""The studio's own time-stamp authority: it answers requests as RFC 3161 says, and counts what it stamped.

What such a stamp proves is what the studio says of itself: the file was signed while the studio's clock stood
there, and the certificate was valid then. Only an authority outside the house proves that to a doubter.
"""

from __future__ import annotations

import hashlib
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from workstation.credentials import stampforms as forms
from workstation.errors import CredentialError
from workstation.files import write_text
from workstation.portable import locked, unclaim

POLICY = x509.ObjectIdentifier("2.25.131582351969057788251471652451529556410")
"""Our policy: the clock of the studio's own machine. From a UUID, which needs no register (X.667)."""
ACCURACY_SECONDS = 1
LARGEST_REQUEST = 4096
WAIT_SECONDS = 10
_BAD_ALGORITHM, _BAD_REQUEST, _BAD_FORMAT, _BAD_POLICY = 0, 2, 5, 15


class StampAuthority:
    """Stamps with one key; `serials` is the file that keeps the last number given."""

    def __init__(self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey, serials: Path) -> None:
        self._certificate, self._key, self._serials = certificate, key, serials
        self._one = threading.Lock()

    def answer(self, data: bytes) -> bytes:
        """Return the answer to a request: a time-stamp, or why there is none. Any bytes may come."""
        try:
            request = asn1.decode_der(forms.Request, data)
        except ValueError:
            return _refusal(_BAD_FORMAT, "the request is not well formed")
        wanted = forms.DIGEST_BYTES.get(request.imprint.algorithm.name.dotted_string)
        if wanted is None:
            return _refusal(_BAD_ALGORITHM, "only SHA-256, SHA-384 and SHA-512 are stamped")
        if request.version != 1 or len(request.imprint.digest) != wanted:
            return _refusal(_BAD_REQUEST, "the digest has another length than its algorithm")
        if request.policy not in (None, POLICY):
            return _refusal(_BAD_POLICY, "only this authority's own policy is followed")
        status = forms.Status(status=0)
        return asn1.encode_der(forms.Answer(status=status, token=self._stamp(request)))

    def _stamp(self, request: forms.Request) -> forms.Token:
        with self._one:
            serial, now = next_serial(self._serials), datetime.now(UTC).replace(microsecond=0, tzinfo=None)
        facts = forms.Facts(
            version=1,
            policy=POLICY,
            imprint=request.imprint,
            serial=serial,
            time=asn1.GeneralizedTime(now.replace(tzinfo=UTC)),
            accuracy=forms.Accuracy(seconds=ACCURACY_SECONDS),
            nonce=request.nonce,
        )
        content = asn1.encode_der(facts)
        sha256 = forms.Algorithm(name=forms.SHA256)
        message = forms.SignedData(
            version=3,
            digests=asn1.SetOf([sha256]),
            content=forms.Content(kind=forms.STAMP_FACTS, content=content),
            certificates=asn1.SetOf([self._certificate]) if request.wants_certificate else None,
            signers=asn1.SetOf([self._signer(content, sha256)]),
        )
        return forms.Token(kind=forms.SIGNED_DATA, content=message)

    def _signer(self, content: bytes, sha256: forms.Algorithm) -> forms.SignerInfo:
        own = hashlib.sha256(self._certificate.public_bytes(Encoding.DER)).digest()
        tied = forms.SigningCertificate(certificates=[forms.CertificateHash(digest=own)])
        digest = hashlib.sha256(content).digest()
        told: list[object] = [
            forms.KindAttribute(name=forms.CONTENT_TYPE, values=asn1.SetOf([forms.STAMP_FACTS])),
            forms.DigestAttribute(name=forms.MESSAGE_DIGEST, values=asn1.SetOf([digest])),
            forms.CertificateAttribute(name=forms.SIGNING_CERTIFICATE, values=asn1.SetOf([tied])),
        ]
        attributes = asn1.SetOf([_as_it_is(asn1.encode_der(part)) for part in told])
        signed = asn1.encode_der(attributes)  # under the tag of a set, not [0] (RFC 5652, 5.4)
        return forms.SignerInfo(
            version=1,
            certificate=forms.Issued(
                issuer=_as_it_is(self._certificate.issuer.public_bytes()),
                serial=self._certificate.serial_number,
            ),
            digest=sha256,
            attributes=attributes,
            signing=forms.Algorithm(name=forms.ECDSA_SHA256),
            signature=self._key.sign(signed, ec.ECDSA(hashes.SHA256())),
        )


def next_serial(path: Path) -> int:
    """Return the next number and keep it before it is used, so that none is ever given twice."""
    handle = _patiently_locked(path.with_name("lock"))
    try:
        text = path.read_text() if path.exists() else "0"
        if not text.strip().isdecimal() or len(text) > 40:
            raise CredentialError(f"{path} holds no number. Restore it from a backup.")
        number = int(text) + 1
        write_text(path, f"{number}\n")
        return number
    finally:
        unclaim(handle)


def _patiently_locked(path: Path) -> int:
    """Wait for another programme that stamps just now; BlockingIOError where it does not come to an end."""
    until = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            return locked(path)
        except BlockingIOError:
            if time.monotonic() > until:
                raise
            time.sleep(0.01)


def _refusal(reason: int, words: str) -> bytes:
    bits = bytearray(reason // 8 + 1)
    bits[-1] = 0x80 >> reason % 8
    told = asn1.BitString(bytes(bits), 7 - reason % 8)
    return asn1.encode_der(forms.Answer(status=forms.Status(status=2, words=[words], reason=told)))


def _as_it_is(data: bytes) -> asn1.TLV:
    return asn1.decode_der(asn1.TLV, data)
