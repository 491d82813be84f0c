"""A revoked certificate is found out by all who have the list, and a list is believed only if genuine."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from tests.credentials.conftest import BESIDE, INSIDE, opened, signed
from workstation.cli import run
from workstation.credentials import granting, revocation, stamps, trust
from workstation.credentials.anchors import Trusted
from workstation.credentials.certificates import KeyPlace, Studio, create_studio, load_studio
from workstation.credentials.keys import load_key
from workstation.credentials.naming import fingerprint
from workstation.credentials.people import AUTHORITY, AUTHORITY_KEY, REVOKED, read_certificate
from workstation.credentials.revocation import Reason, make_list, read_list
from workstation.credentials.verdict import Signature
from workstation.credentials.verifying import verify
from workstation.credentials.vouching import Vouching
from workstation.errors import CredentialError

YESTERDAY = timedelta(hours=20)


def trusting(studio: Studio, *, both: bool = True) -> Trusted:
    """Return the trust of a museum that imported all that the studio exports."""
    revoked = studio.folder / REVOKED
    lists = (revoked.read_bytes(),) if revoked.exists() else ()
    return Trusted(studio.anchor, studio.anchor if both else "", lists)


@pytest.mark.parametrize("name", ["tiled.tif", "picture.jpg", "overlay.glb", "levels-big.tif"])
def test_what_a_revoked_certificate_signed_is_revoked(name: str, tmp_path: Path, studio: Studio) -> None:
    (INSIDE | BESIDE)[name](tmp_path / name)
    file = signed(tmp_path / name, tmp_path / f"signed-{name}", studio)
    assert verify(file, trusting(studio)).state == "trusted"
    granting.revoke(studio.folder, "Ada Novak", "left-the-house", None, None)
    verdict = verify(file, trusting(studio))
    assert verdict.state == "revoked"
    assert f"was revoked on {datetime.now(UTC):%Y-%m-%d}: the person has left the house." in verdict.sentence


def test_an_ancestor_by_a_revoked_certificate_is_named(
    scan: Path, tmp_path: Path, studio: Studio, stranger: Studio
) -> None:
    parent = signed(scan, tmp_path / "theirs.tif", stranger)
    child = opened(parent, tmp_path / "ours.tif", studio)
    granting.revoke(stranger.folder, "N. N.", "key-lost", None, None)
    everyone = Trusted(studio.anchor + stranger.anchor, "", trusting(stranger).revoked)
    verdict = verify(child, everyone)
    assert (verdict.state, verdict.ancestors[0].state) == ("revoked", "revoked")
    assert (
        "the earlier file “theirs.tif” was signed with a certificate that was revoked on" in verdict.sentence
    )
    assert "the key may be in other hands" in verdict.sentence


@pytest.mark.parametrize(
    ("reason", "before", "state"),
    [
        ("left-the-house", False, "trusted"),
        ("unspecified", False, "trusted"),
        ("key-lost", False, "revoked"),
        ("left-the-house", True, "revoked"),
    ],
)
def test_what_was_stamped_before_the_day_of_revocation_stays_trusted(
    reason: Reason,
    before: bool,
    state: str,
    scan: Path,
    tmp_path: Path,
    studio: Studio,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stamps.switch_on(studio.folder, None)
    file = signed(scan, tmp_path / "o.tif", load_studio(studio.folder))
    unstamped = signed(scan, tmp_path / "p.tif", studio)
    if before:
        granting.revoke(studio.folder, "Ada Novak", reason, datetime.now(UTC) - YESTERDAY, None)
    else:
        later = datetime.now(UTC) + timedelta(seconds=5)
        monkeypatch.setattr(granting, "datetime", at(later))
        granting.revoke(studio.folder, "Ada Novak", reason, later, None)
    verdict = verify(file, trusting(studio))
    assert verdict.state == state
    if state == "trusted":
        assert "a time-stamp by Museum of the Harbour time-stamps shows that it was signed before" in (
            verdict.sentence
        )
    assert verify(file, trusting(studio, both=False)).state == "revoked"
    assert verify(unstamped, trusting(studio)).state == "revoked"


def at(moment: datetime) -> type[datetime]:
    """Return a clock that stands still."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return moment

    return Clock


def test_a_revoked_certificate_of_stamps_saves_nothing(scan: Path, tmp_path: Path, studio: Studio) -> None:
    certificate = stamps.switch_on(studio.folder, None)
    file = signed(scan, tmp_path / "o.tif", load_studio(studio.folder))
    assert verify(file, trusting(studio)).stamped
    granting.revoke(studio.folder, fingerprint(certificate)[:12], "key-lost", None, None)
    verdict = verify(file, trusting(studio))
    assert (verdict.state, verdict.stamped) == ("trusted", False)


def test_revoking_a_lost_key_revokes_all_its_certificates_and_no_other(studio: Studio) -> None:
    granting.renew(studio.folder, None, None, None)
    granting.issue(studio.folder, "Ben Okafor", None, granting.KeyPlace(), None)
    first = read_certificate(studio.folder / "signing.pem")
    gone = granting.revoke(studio.folder, fingerprint(first)[:12], "key-lost", None, None)
    assert len(gone) == 2
    assert load_studio(studio.folder, signer="Ben Okafor").person == "Ben Okafor"
    with pytest.raises(CredentialError, match=r"was revoked on .*key may be in other hands"):
        load_studio(studio.folder)
    granting.renew(studio.folder, "Ada Novak", None, granting.KeyPlace())
    assert load_studio(studio.folder, signer="Ada Novak").person == "Ada Novak"


def test_a_revoked_key_is_never_renewed(studio: Studio) -> None:
    granting.revoke(studio.folder, "Ada Novak", "key-lost", None, None)
    with pytest.raises(CredentialError, match="--new-key"):
        granting.renew(studio.folder, None, None, None)


@pytest.mark.parametrize(
    ("who", "told"),
    [("Nobody", "No certificate of this studio is called"), ("ab", "No certificate"), ("", "No certificate")],
)
def test_revoking_needs_a_known_name_or_fingerprint(who: str, told: str, studio: Studio) -> None:
    with pytest.raises(CredentialError, match=told):
        granting.revoke(studio.folder, who, "unspecified", None, None)
    assert not (studio.folder / REVOKED).exists()


@pytest.mark.parametrize("days", [2, -400])
def test_the_day_of_revocation_lies_in_the_life_of_the_certificate(days: int, studio: Studio) -> None:
    with pytest.raises(CredentialError, match=r"day to come|Choose a later day"):
        granting.revoke(studio.folder, "Ada Novak", "unspecified", datetime.now(UTC) + timedelta(days), None)


def test_revoking_twice_says_so_and_numbers_grow(studio: Studio) -> None:
    granting.issue(studio.folder, "Ben Okafor", None, granting.KeyPlace(), None)
    granting.revoke(studio.folder, "Ada Novak", "unspecified", None, None)
    with pytest.raises(CredentialError, match="revoked already"):
        granting.revoke(studio.folder, "Ada Novak", "unspecified", None, None)
    granting.revoke(studio.folder, "ben okafor", "superseded", None, None)
    found = read_list((studio.folder / REVOKED).read_bytes())
    assert (len(found), revocation.number_of(found)) == (2, 2)


def test_openssl_reads_our_list_and_finds_the_revoked_certificate(studio: Studio, tmp_path: Path) -> None:
    granting.revoke(studio.folder, "Ada Novak", "key-lost", None, None)
    both = tmp_path / "both.pem"
    both.write_bytes((studio.folder / AUTHORITY).read_bytes() + (studio.folder / REVOKED).read_bytes())
    command = ["openssl", "verify", "-crl_check", "-CAfile", both, studio.folder / "signing.pem"]
    found = subprocess.run(command, capture_output=True, text=True)
    assert "certificate revoked" in found.stdout + found.stderr
    shown = ["openssl", "crl", "-in", studio.folder / REVOKED, "-noout", "-text", "-CAfile", both]
    told = subprocess.run(shown, capture_output=True, text=True)
    assert "Key Compromise" in told.stdout
    assert "verify OK" in told.stderr


def test_another_museum_sees_it_after_importing_the_export(
    scan: Path, tmp_path: Path, stranger: Studio
) -> None:
    file = signed(scan, tmp_path / "o.tif", stranger)
    export = tmp_path / "elsewhere.pem"
    export.write_text(trust.own_anchor(stranger.folder))
    trust.trust(export)
    assert verify(file).state == "trusted"
    granting.revoke(stranger.folder, "N. N.", "superseded", None, None)
    export.write_text(trust.own_anchor(stranger.folder))
    trust.trust(export)
    verdict = verify(file)
    assert verdict.state == "revoked"
    assert "another certificate has taken its place" in verdict.sentence
    only = Trusted(*[trust.from_file(export).signers] * 2, trust.from_file(export).revoked)
    assert verify(file, only).state == "revoked"


def test_an_older_list_never_replaces_a_newer_one(scan: Path, tmp_path: Path, stranger: Studio) -> None:
    granting.issue(stranger.folder, "Ben Okafor", None, granting.KeyPlace(), None)
    file = signed(scan, tmp_path / "o.tif", load_studio(stranger.folder, signer="Ben Okafor"))
    granting.revoke(stranger.folder, "N. N.", "superseded", None, None)
    (tmp_path / "older.pem").write_text(trust.own_anchor(stranger.folder))
    granting.revoke(stranger.folder, "Ben Okafor", "superseded", None, None)
    (tmp_path / "newer.pem").write_text(trust.own_anchor(stranger.folder))
    trust.trust(tmp_path / "newer.pem")
    trust.trust(tmp_path / "older.pem")
    assert verify(file).state == "revoked"


def forged_list(studio: Studio, stranger: Studio) -> bytes:
    """Return a list in the studio's name, signed by somebody else, that revokes its certificate."""
    key = load_key(stranger.folder / AUTHORITY_KEY, None)
    serial = read_certificate(studio.folder / "signing.pem").serial_number
    entry = revocation.entry(serial, datetime.now(UTC), "key-lost")
    return make_list(read_certificate(studio.folder / AUTHORITY), key, [entry], 9)


def test_a_forged_list_is_never_imported_nor_believed(
    scan: Path, tmp_path: Path, own_home: Path, studio: Studio, stranger: Studio
) -> None:
    file, forged = signed(scan, tmp_path / "o.tif", studio), forged_list(studio, stranger)
    (tmp_path / "forged.pem").write_bytes(studio.anchor.encode() + forged)
    with pytest.raises(CredentialError, match="by none of those"):
        trust.trust(tmp_path / "forged.pem")
    assert trust.listed() == []
    trust.trust(studio.folder / AUTHORITY)
    (own_home / "trust" / "revoked" / "planted.crl").write_bytes(forged)
    verdict = verify(file)
    assert verdict.state == "trusted"
    assert "in the name of Museum of the Harbour authority is forged and was not used" in verdict.sentence


def test_the_list_of_a_namesake_that_is_trusted_too_is_not_called_forged(
    scan: Path, tmp_path: Path, studio: Studio
) -> None:
    file = signed(scan, tmp_path / "o.tif", studio)
    again = create_studio(tmp_path / "again", studio=studio.name, person="Ada Novak")
    granting.issue(again.folder, "Ben Okafor", None, KeyPlace(), None)
    granting.revoke(again.folder, "Ben Okafor", "superseded", None, None)
    (tmp_path / "again.pem").write_text(trust.own_anchor(again.folder))
    trust.trust(studio.folder / AUTHORITY)
    trust.trust(tmp_path / "again.pem")
    verdict = verify(file)
    assert verdict.state == "trusted"
    assert "forged" not in verdict.sentence


EMPTY = b"-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"


@pytest.mark.parametrize("data", [b"", b"nothing", EMPTY])
def test_an_unreadable_list_is_told_and_not_believed(
    data: bytes, scan: Path, tmp_path: Path, own_home: Path, studio: Studio
) -> None:
    file = signed(scan, tmp_path / "o.tif", studio)
    trust.trust(studio.folder / AUTHORITY)
    broken = own_home / "trust" / "revoked" / "broken.crl"
    broken.parent.mkdir(exist_ok=True)
    broken.write_bytes(data)
    verdict = verify(file)
    assert verdict.state == "trusted"
    assert "A list of revoked certificates was not used: it is not a readable list" in verdict.sentence
    assert trust.broken() == [broken]
    if data.startswith(b"-----"):
        (tmp_path / "x.pem").write_bytes(studio.anchor.encode() + data)
        with pytest.raises(CredentialError, match="cannot be used: it is not a readable list"):
            trust.trust(tmp_path / "x.pem")


def test_a_list_that_is_out_of_date_still_counts_and_is_told(
    scan: Path, tmp_path: Path, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    ben = granting.issue(studio.folder, "Ben Okafor", None, granting.KeyPlace(), None)
    theirs = signed(scan, tmp_path / "b.tif", load_studio(studio.folder, signer=ben.person))
    ours = signed(scan, tmp_path / "a.tif", studio)
    with monkeypatch.context() as patch:
        patch.setattr(revocation, "datetime", at(datetime.now(UTC) - timedelta(days=500)))
        granting.revoke(studio.folder, "Ben Okafor", "superseded", None, None)
    assert verify(theirs, trusting(studio)).state == "revoked"
    verdict = verify(ours, trusting(studio))
    assert verdict.state == "trusted"
    assert "authority is out of date: ask for a new one" in verdict.sentence


def test_a_list_of_a_day_to_come_is_not_imported(
    tmp_path: Path, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(revocation, "datetime", at(datetime.now(UTC) + timedelta(days=50)))
        granting.revoke(studio.folder, "Ada Novak", "superseded", None, None)
    (tmp_path / "x.pem").write_text(trust.own_anchor(studio.folder))
    with pytest.raises(CredentialError, match="Check the clock"):
        trust.trust(tmp_path / "x.pem")


def test_a_list_that_covers_only_some_certificates_is_refused(studio: Studio) -> None:
    key = load_key(studio.folder / AUTHORITY_KEY, None)
    now = datetime.now(UTC)
    partial = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(read_certificate(studio.folder / AUTHORITY).subject)
        .last_update(now)
        .next_update(now + timedelta(days=9))
        .add_extension(x509.DeltaCRLIndicator(3), critical=True)
        .sign(key, hashes.SHA256())
        .public_bytes(Encoding.DER)
    )
    with pytest.raises(CredentialError, match="only some"):
        read_list(partial)


def test_a_list_by_one_authority_revokes_nothing_of_another(
    scan: Path, tmp_path: Path, studio: Studio, stranger: Studio
) -> None:
    file = signed(scan, tmp_path / "o.tif", studio)
    key = load_key(stranger.folder / AUTHORITY_KEY, None)
    serial = read_certificate(studio.folder / "signing.pem").serial_number
    entry = revocation.entry(serial, datetime.now(UTC), "key-lost")
    theirs = make_list(read_certificate(stranger.folder / AUTHORITY), key, [entry], 1)
    both = studio.anchor + stranger.anchor
    assert verify(file, Trusted(both, both, (theirs,))).state == "trusted"


def test_a_harmed_list_of_ones_own_stops_signing_and_is_never_overwritten(studio: Studio) -> None:
    (studio.folder / REVOKED).write_text("harm")
    for work in (
        lambda: load_studio(studio.folder),
        lambda: granting.revoke(studio.folder, "Ada Novak", "unspecified", None, None),
    ):
        with pytest.raises(CredentialError, match="Restore it from a backup"):
            work()
    assert (studio.folder / REVOKED).read_text() == "harm"


def test_an_export_dates_the_list_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    studio = create_studio(studio="Museum of the Harbour", person="Ada Novak")
    granting.issue(studio.folder, "Ben Okafor", None, granting.KeyPlace(), None)
    with monkeypatch.context() as patch:
        patch.setattr(revocation, "datetime", at(datetime.now(UTC) - timedelta(days=500)))
        granting.revoke(studio.folder, "Ben Okafor", "superseded", None, None)
    assert run(["certificate", "export", str(tmp_path / "x.pem")]) == 0
    [told] = trust.read_offer(tmp_path / "x.pem").lists
    assert not revocation.is_stale(read_list(told))
    assert len(read_list(told)) == 1


def test_what_cannot_be_followed_is_not_trusted_where_somebody_was_revoked(studio: Studio) -> None:
    told = Signature("trusted", "Ada Novak")
    stamped = replace(told, time="2026-01-02T03:04:05+00:00", stamped=True)
    assert Vouching(trusting(studio), None).completed("x", stamped, True).state == "unknown-signer"
    assert Vouching(trusting(studio), None).completed("x", told, False).state == "trusted"
    granting.revoke(studio.folder, "Ada Novak", "superseded", None, None)
    assert Vouching(trusting(studio), None).completed("x", told, False).state == "unknown-signer"


def test_trusting_the_revoked_certificate_itself_does_not_save_it(
    scan: Path, tmp_path: Path, studio: Studio
) -> None:
    file = signed(scan, tmp_path / "o.tif", studio)
    granting.revoke(studio.folder, "Ada Novak", "superseded", None, None)
    found = trusting(studio)
    assert verify(file, replace(found, signers=studio.chain + found.signers)).state == "revoked"


@given(data=st.binary(max_size=300))
def test_a_credential_of_any_bytes_is_no_reason_to_fail(data: bytes) -> None:
    told = Vouching(Trusted("x"), data)
    assert told._found == {}


def test_a_note_never_hides_that_a_file_was_changed(scan: Path, tmp_path: Path, studio: Studio) -> None:
    file = signed(scan, tmp_path / "o.tif", studio)
    granting.revoke(studio.folder, "Ada Novak", "superseded", None, None)
    data = bytearray(file.read_bytes())
    data[500] ^= 1
    file.write_bytes(data)
    assert verify(file, replace(trusting(studio), unread=("A list is broken.",))).state == "altered"
