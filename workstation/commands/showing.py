"""How certificates are shown: one line each for people, one object each for scripts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cryptography import x509

from workstation.commands.command import Outcome
from workstation.credentials import stamps
from workstation.credentials.house import read_choices
from workstation.credentials.naming import as_pem, common_name, fingerprint, organisation
from workstation.credentials.offers import Offer
from workstation.credentials.people import (
    AUTHORITY,
    Holding,
    choose,
    holdings,
    latest,
    read_certificate,
    read_revoked,
)
from workstation.credentials.revocation import entry_of, read_list
from workstation.credentials.trust import Anchor, describe
from workstation.errors import CredentialError

_KEYS = {
    "file": "key without a passphrase",
    "locked file": "key locked by a passphrase",
    "token": "key on a token",
    "elsewhere": "key on another machine",
}


def anchor_line(anchor: Anchor) -> str:
    """Return what a person is shown of a trusted certificate."""
    house = f" ({anchor.organisation})" if anchor.organisation != anchor.name else ""
    what = f"  for {' and '.join(anchor.purposes)}" if anchor.purposes else ""
    ended = "  expired" if anchor.expired else ""
    return f"{anchor.fingerprint[:16]}  {_dates(anchor)}  {anchor.name}{house}{what}{ended}"


def anchor_data(anchor: Anchor) -> dict[str, Any]:
    """Return what a script is told of a trusted certificate."""
    return {
        "name": anchor.name,
        "organisation": anchor.organisation,
        "starts": anchor.starts.isoformat(),
        "expires": anchor.expires.isoformat(),
        "expired": anchor.expired,
        "fingerprint": anchor.fingerprint,
        "purposes": list(anchor.purposes),
        "path": str(anchor.path),
    }


def certificate_data(certificate: x509.Certificate) -> dict[str, Any]:
    """Return what a script is told of any certificate."""
    return {
        "name": common_name(certificate),
        "organisation": organisation(certificate),
        "starts": certificate.not_valid_before_utc.isoformat(),
        "expires": certificate.not_valid_after_utc.isoformat(),
        "fingerprint": fingerprint(certificate),
    }


def holding_line(holding: Holding, signs: bool) -> str:
    """Return what a person is shown of a signing certificate."""
    state = holding.revoked.words if holding.revoked else holding.state
    marks = [state, _KEYS[holding.key], *(["signs where nobody else is named"] if signs else [])]
    return f"{anchor_line(describe(holding.certificate, holding.folder))}  {', '.join(marks)}"


def holding_data(holding: Holding) -> dict[str, Any]:
    """Return what a script is told of a signing certificate."""
    gone = holding.revoked
    return {
        **certificate_data(holding.certificate),
        "person": holding.person,
        "state": holding.state,
        "key": holding.key,
        "revoked": gone.when.isoformat() if gone else None,
        "warning": holding.warning,
        "folder": str(holding.folder),
    }


def studio_shown(folder: Path) -> Outcome:
    """Show a studio: its authority, who can sign, its time-stamps, its list of revoked certificates."""
    authority = read_certificate(folder / AUTHORITY)
    people, stamping, choices = holdings(folder), stamps.certificates(folder), read_choices(folder)
    signer = _signer(folder)
    lines = ["Authority, which others must trust:", f"  {anchor_line(describe(authority, folder))}"]
    lines += ["People:", *(f"  {holding_line(part, part == signer)}" for part in people)]
    lines.append(f"Time-stamps: {'on' if choices.time_stamps else 'off'}")
    lines += [f"  {anchor_line(describe(certificate, place))}" for certificate, place in stamping]
    found = read_revoked(folder)
    if found is not None:
        lines.append(f"List of revoked certificates: of {found.last_update_utc:%Y-%m-%d}")
    lines += [part.warning + "." for part in latest(people) if part.warning]
    data = {
        "authority": certificate_data(authority) | {"pem": as_pem(authority)},
        "people": [holding_data(part) for part in people],
        "signer": signer.person if signer else None,
        "time_stamps": choices.time_stamps,
        "stamping": [certificate_data(certificate) for certificate, _ in stamping],
    }
    return Outcome(tuple(lines), data=data)


def offer_shown(offer: Offer) -> Outcome:
    """Show what a file holds, without trusting any of it."""
    lists = [read_list(data) for data in offer.lists]
    lines, told = [], []
    for certificate in offer.certificates:
        gone = next((found for part in lists if (found := entry_of(part, certificate.serial_number))), None)
        mark = f"  {gone.words}" if gone else ""
        lines.append(f"{anchor_line(describe(certificate, Path()))}{mark}")
        told.append(certificate_data(certificate))
    lines += [f"List of revoked certificates by {_who(part)}: {len(part)}" for part in lists]
    return Outcome(tuple(lines), data={"certificates": told, "lists": len(lists)})


def warnings_of(folder: Path) -> list[str]:
    """Return a sentence for each person of a studio whose certificate ends soon."""
    if not (folder / AUTHORITY).exists():
        return []
    return [f"{part.warning}." for part in latest(holdings(folder)) if part.warning]


def _signer(folder: Path) -> Holding | None:
    try:
        return choose(folder)
    except CredentialError:
        return None


def _who(found: x509.CertificateRevocationList) -> str:
    names = found.issuer.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(names[0].value) if names else "an unnamed authority"


def _dates(anchor: Anchor) -> str:
    return f"{anchor.starts:%Y-%m-%d} to {anchor.expires:%Y-%m-%d}"
