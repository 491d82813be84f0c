"""The time-stamps of a studio: switched on by one choice, made with a key and certificate of their own.

They lie in the studio's folder "time-stamps": each pair in a folder of its own, and one count of all stamps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from workstation.credentials.house import changing, read_choices, write_choices
from workstation.credentials.issuing import issue_stamping
from workstation.credentials.keys import WrongPassphraseError, is_locked, load_key, new_key, save_key
from workstation.credentials.naming import as_pem, organisation
from workstation.credentials.people import AUTHORITY, AUTHORITY_KEY, read_certificate, short
from workstation.credentials.stamping import StampAuthority
from workstation.errors import CredentialError
from workstation.files import drafts, write_text
from workstation.portable import sync_folder
from workstation.unfinished import PREFIX

STAMPS, CERTIFICATE, KEY, SERIALS = "time-stamps", "certificate.pem", "key.pem", "count"


def stamper(folder: Path, passphrase: str | None) -> Callable[[bytes], bytes] | None:
    """Return what answers requests for time-stamps; None where the studio does not stamp."""
    if not read_choices(folder).time_stamps:
        return None
    pairs = _valid(folder)
    if not pairs:
        raise CredentialError(
            "The studio's time-stamps have no valid certificate. Make one with: "
            "workstation certificate time-stamps on"
        )
    opened = _opened(pairs, passphrase)
    if opened is None:
        raise CredentialError(
            "No key of the studio's time-stamps opens with this passphrase. Add one with: "
            "workstation certificate time-stamps on --person-passphrase-file FILE"
        )
    return StampAuthority(*opened, folder / STAMPS / SERIALS).answer


def switch_on(folder: Path, passphrase: str | None, own: str | None = None) -> x509.Certificate:
    """Have every signature stamped from now on; `passphrase` opens the authority's key.

    Who signs by a passphrase of their `own` needs a key of the stamps that opens with it: it is made
    here, with its certificate, where there is none yet.
    """
    secret = own or passphrase
    with changing(folder):
        opened = _opened(_valid(folder), secret)
        certificate = opened[0] if opened else _make(folder, passphrase, secret)
        write_choices(folder, replace(read_choices(folder), time_stamps=True))
    return certificate


def switch_off(folder: Path) -> None:
    """Stamp no more; key and certificate stay for another time."""
    with changing(folder):
        write_choices(folder, replace(read_choices(folder), time_stamps=False))


def certificates(folder: Path) -> list[tuple[x509.Certificate, Path]]:
    """Return all certificates of the studio's time-stamps, and where they lie, the oldest first."""
    places = [path for path in (folder / STAMPS).glob("*/") if not path.name.startswith(PREFIX)]
    found = [(read_certificate(path / CERTIFICATE), path) for path in places]
    return sorted(found, key=lambda pair: pair[0].not_valid_before_utc)


_Pair = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


def _valid(folder: Path) -> list[tuple[x509.Certificate, Path]]:
    """Return the certificates that may stamp today, the newest first."""
    now = datetime.now(UTC)
    return [pair for pair in reversed(certificates(folder)) if pair[0].not_valid_after_utc > now]


def _opened(pairs: list[tuple[x509.Certificate, Path]], passphrase: str | None) -> _Pair | None:
    for certificate, place in pairs:
        path = place / KEY
        if is_locked(path) and not passphrase:
            continue
        try:
            return certificate, load_key(path, passphrase)
        except WrongPassphraseError:  # locked for another person
            continue
    return None


def _make(folder: Path, passphrase: str | None, secret: str | None) -> x509.Certificate:
    authority, key = read_certificate(folder / AUTHORITY), new_key()
    authority_key = load_key(folder / AUTHORITY_KEY, passphrase)
    made = issue_stamping(organisation(authority), key.public_key(), authority, authority_key)
    place = folder / STAMPS
    place.mkdir(mode=0o700, exist_ok=True)
    with drafts(place / short(made)) as parent:
        draft = parent / "pair"
        draft.mkdir(mode=0o700)
        save_key(key, draft / KEY, secret)
        write_text(draft / CERTIFICATE, as_pem(made))
        draft.rename(place / short(made))
        sync_folder(place)
    return made
