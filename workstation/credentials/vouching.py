"""What the C2PA library leaves open of a signature that holds: who may vouch for what, and who was revoked.

The library takes any trusted certificate for any purpose, and in claims of the first version any time-stamp
whatever. It asks nobody about revocation but over the network, and does not tell a signature that a stamp
saved from one that nothing threatens.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise

from cryptography import x509

from workstation.credentials.anchors import Trusted, is_for_stamps, path_to
from workstation.credentials.chains import Signed, signatures
from workstation.credentials.naming import common_name
from workstation.credentials.revocation import Revoked, entry_of, is_by, is_stale, read_list
from workstation.credentials.verdict import Signature
from workstation.errors import CredentialError

_OPEN_TO_DOUBT = ("trusted", "expired", "unknown-signer")


@dataclass(frozen=True, slots=True)
class _Stamp:
    name: str
    trusted: bool
    time: datetime | None


class Vouching:
    """Completes the judgement of signatures, by the certificates in the credential that they lie in."""

    def __init__(self, trusted: Trusted, credential: bytes | None) -> None:
        self._trusted = trusted
        self._apart = trusted.signers != trusted.stamps
        self._found = signatures(credential) if credential and trusted.all else {}
        self._lists, self._unread = _lists(trusted)

    def completed(self, label: str, told: Signature, stamp_holds: bool) -> Signature:
        """Return a signature's state with all that is known, and a note for its sentence.

        `stamp_holds`: the library found the time-stamp genuine, by an authority trusted for any purpose.
        """
        signed = self._found.get(label, Signed())
        stamp = self._stamp(signed, told, stamp_holds)
        holds = stamp is not None and stamp.trusted
        matters = self._apart or bool(self._lists) or told.stamped  # else the library's word is enough
        told = replace(told, stamped=holds, doubted=stamp is not None and not holds)
        if told.state not in _OPEN_TO_DOUBT:
            return told
        path = path_to(self._trusted.signers, signed.chain[0], signed.chain[1:]) if signed.chain else ()
        unfit = is_for_stamps(signed.chain[0]) if signed.chain else False
        if told.state == "trusted" and (unfit or (matters and not path)):
            return replace(told, state="unknown-signer")
        if path and (gone := self._revoked(path)):
            return _revoked(told, gone, stamp)
        ended = _ended(signed)
        if told.state == "expired" or (told.state == "trusted" and ended and not told.stamped):
            return _expired(told, stamp)
        if told.state != "trusted":
            return told
        notes = [_saved(ended, stamp)] if ended and stamp else []
        return replace(told, note=" ".join([*notes, *self._warnings(path), *self._unread]))

    def _stamp(self, signed: Signed, told: Signature, holds: bool) -> _Stamp | None:
        if signed.stamp is None and not told.stamped:
            return None
        when = _time(told.time) if told.stamped else None
        holds = holds and when is not None
        if signed.stamp is None:  # it lies elsewhere in the credential, and only the library reads it
            return _Stamp("an unnamed authority", holds and not self._apart, when)
        makers = [part for part in signed.stamp if is_for_stamps(part)]
        if len(makers) != 1:  # which of several signed would be a guess
            return _Stamp("an unnamed authority", False, when)
        path = path_to(self._trusted.stamps, makers[0], signed.stamp)
        gone = self._revoked(path) if path else None
        sound = gone is None or (not gone.for_good and when is not None and when < gone.when)
        return _Stamp(common_name(makers[0]), holds and bool(path) and sound, when)

    def _revoked(self, path: tuple[x509.Certificate, ...]) -> Revoked | None:
        for certificate, issuer in pairwise(path):
            for found in self._lists:
                if found.issuer == certificate.issuer and is_by(found, issuer):
                    gone = entry_of(found, certificate.serial_number)
                    if gone is not None:
                        return gone
        return None

    def _warnings(self, path: tuple[x509.Certificate, ...]) -> list[str]:
        told = []
        for issuer in path[1:]:
            about = [found for found in self._lists if found.issuer == issuer.subject]
            genuine = [found for found in about if is_by(found, issuer)]
            name = common_name(issuer)
            if any(found not in genuine and not self._is_namesakes(found) for found in about):
                told.append(
                    f"A list of revoked certificates in the name of {name} is forged and was not used."
                )
            if genuine and all(map(is_stale, genuine)):
                told.append(
                    f"The list of revoked certificates of {name} is out of date: ask for a new one, "
                    "or a later revocation is not seen."
                )
        return told

    def _is_namesakes(self, found: x509.CertificateRevocationList) -> bool:
        """Tell whether a list is by another trusted authority of the same name, as of a studio made anew."""
        return any(is_by(found, part) for part in self._trusted.certificates)


def _revoked(told: Signature, gone: Revoked, stamp: _Stamp | None) -> Signature:
    in_time = stamp is not None and stamp.trusted and stamp.time is not None and stamp.time < gone.when
    if in_time and stamp and not gone.for_good and told.state == "trusted":
        note = (
            f"The certificate was {gone.words}; a time-stamp by {stamp.name} shows that it was signed before."
        )
        return replace(told, note=note)
    return replace(told, state="revoked", note=gone.words)


def _expired(told: Signature, stamp: _Stamp | None) -> Signature:
    if stamp is None:
        note = "and no time-stamp shows that it was signed in time"
    elif stamp.trusted:
        note = "and its time-stamp is not from the time in which it was valid"
    else:
        note = f"and its time-stamp is by {stamp.name}, which you do not trust for time-stamps"
    return replace(told, state="expired", note=note)


def _saved(ended: datetime, stamp: _Stamp) -> str:
    return (
        f"The certificate expired on {ended:%Y-%m-%d}; a time-stamp by {stamp.name} shows that it was signed "
        "while it was valid."
    )


def _ended(signed: Signed) -> datetime | None:
    """Return when the signer's certificate expired, where that has been."""
    until = signed.chain[0].not_valid_after_utc if signed.chain else None
    return until if until is not None and until < datetime.now(UTC) else None


def _time(told: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(told or "")
    except ValueError:
        return None
    return found if found.tzinfo else None


def _lists(trusted: Trusted) -> tuple[list[x509.CertificateRevocationList], list[str]]:
    found, unread = [], list(trusted.unread)
    for data in trusted.revoked:
        try:
            found.append(read_list(data))
        except CredentialError as error:
            unread.append(f"A list of revoked certificates was not used: {error}.")
    return found, unread
