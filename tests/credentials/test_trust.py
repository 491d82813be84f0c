"""Trust is given on purpose, shown with names and dates, and can be taken back."""

from __future__ import annotations

import io
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.credentials.conftest import signed
from workstation.cli import run
from workstation.credentials import issuing, passphrases, stamps, trust
from workstation.credentials.certificates import AUTHORITY, SIGNING_KEY, Studio, create_studio, load_studio
from workstation.credentials.verifying import verify
from workstation.errors import CredentialError


def test_nobody_is_trusted_by_default() -> None:
    assert trust.listed() == []
    assert trust.anchors() == ""


def test_the_users_own_studio_is_trusted() -> None:
    own = create_studio(studio="Museum of the Harbour", person="Ada Novak")
    assert [anchor.name for anchor in trust.listed()] == ["Museum of the Harbour authority"]
    assert trust.anchors() == own.anchor


def test_an_imported_certificate_is_shown_and_can_be_removed(stranger: Studio) -> None:
    [anchor] = trust.trust(stranger.folder / AUTHORITY)
    assert trust.listed() == [anchor]
    assert anchor.organisation == "Elsewhere"
    assert anchor.starts < anchor.expires
    assert trust.distrust(":".join(anchor.fingerprint[at : at + 2] for at in range(0, 8, 2))) == anchor
    assert trust.listed() == []


def test_importing_twice_trusts_once(stranger: Studio) -> None:
    trust.trust(stranger.folder / AUTHORITY)
    trust.trust(stranger.folder / AUTHORITY)
    assert len(trust.listed()) == 1


def test_a_list_of_many_certificates_is_imported_whole(shared_data: Path) -> None:
    official = shared_data / "c2pa" / "trust" / "C2PA-TRUST-LIST.pem"
    added = trust.trust(official)
    assert len(added) == len(trust.listed()) == official.read_text().count("BEGIN CERTIFICATE")
    assert all(anchor.name for anchor in added)


def test_a_certificate_in_der_form_is_imported(tmp_path: Path, stranger: Studio) -> None:
    path = tmp_path / "authority.cer"
    path.write_bytes(x509.load_pem_x509_certificate(stranger.anchor.encode()).public_bytes(Encoding.DER))
    assert trust.trust(path)[0].organisation == "Elsewhere"


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_a_file_without_a_certificate_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.pem").write_bytes(data)
    with pytest.raises(CredentialError, match="no readable certificate"):
        trust.trust(tmp_path / "x.pem")
    assert trust.listed() == []


def test_a_private_key_is_never_imported(stranger: Studio) -> None:
    with pytest.raises(CredentialError, match="private key"):
        trust.trust(stranger.folder / SIGNING_KEY)


def test_a_broken_file_takes_no_other_trust_away(own_home: Path, stranger: Studio) -> None:
    trust.trust(stranger.folder / AUTHORITY)
    broken = own_home / "trust" / "broken.pem"
    broken.write_text("nothing")
    assert trust.anchors() == stranger.anchor
    assert trust.broken() == [broken]


@pytest.mark.parametrize("beginning", ["", "zz", "0123456789abcdef0123"])
def test_distrusting_needs_one_certificate(beginning: str, stranger: Studio) -> None:
    trust.trust(stranger.folder / AUTHORITY)
    with pytest.raises(CredentialError, match="No trusted certificate"):
        trust.distrust(beginning)
    assert len(trust.listed()) == 1


def test_ones_own_authority_cannot_be_distrusted() -> None:
    create_studio(studio="Museum of the Harbour", person="Ada Novak")
    with pytest.raises(CredentialError, match="own studio"):
        trust.distrust(trust.listed()[0].fingerprint)


@pytest.mark.parametrize("purpose", trust.PURPOSES)
def test_trust_is_given_for_one_purpose_or_both(purpose: trust.Purpose, stranger: Studio) -> None:
    [anchor] = trust.trust(stranger.folder / AUTHORITY, (purpose,))
    assert anchor.purposes == (purpose,)
    other = trust.PURPOSES[1 - trust.PURPOSES.index(purpose)]
    trust.trust(stranger.folder / AUTHORITY, (other,))
    assert [anchor.purposes for anchor in trust.listed()] == [trust.PURPOSES]
    trust.distrust(anchor.fingerprint[:12])
    assert trust.listed() == []
    assert (trust.trusted().signers, trust.trusted().stamps) == ("", "")


def test_another_museums_stamps_are_trusted_only_when_imported_for_them(
    scan: Path, tmp_path: Path, stranger: Studio
) -> None:
    stamps.switch_on(stranger.folder, None)
    file = signed(scan, tmp_path / "o.tif", load_studio(stranger.folder))
    trust.trust(stranger.folder / AUTHORITY)
    verdict = verify(file)
    assert (verdict.state, verdict.stamped) == ("trusted", False)
    assert "by a time-stamp that you do not trust, and you trust that signer" in verdict.sentence
    trust.trust(stranger.folder / AUTHORITY, trust.PURPOSES)
    assert verify(file).stamped


def test_the_official_lists_are_kept_apart(shared_data: Path) -> None:
    folder = shared_data / "c2pa" / "trust"
    signers = trust.trust(folder / "C2PA-TRUST-LIST.pem")
    makers = trust.trust(folder / "C2PA-TSA-TRUST-LIST.pem", ("time-stamps",))
    found = {anchor.fingerprint: anchor.purposes for anchor in trust.listed()}
    both = {anchor.fingerprint for anchor in signers} & {anchor.fingerprint for anchor in makers}
    assert len(found) == len(signers) + len(makers) - len(both)
    assert {print for print, purposes in found.items() if len(purposes) == 2} == both


def test_an_official_list_for_the_wrong_purpose_is_refused_whole(shared_data: Path) -> None:
    folder = shared_data / "c2pa" / "trust"
    with pytest.raises(CredentialError, match="--for time-stamps"):
        trust.trust(folder / "C2PA-TSA-TRUST-LIST.pem")
    with pytest.raises(CredentialError, match="--for signers"):
        trust.trust(folder / "C2PA-TRUST-LIST.pem", ("time-stamps",))
    assert trust.listed() == []


def test_a_certificate_says_whether_it_has_expired(
    stranger: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(issuing, "CLOCKS_DIFFER", timedelta(days=21 * 365))
        with pytest.raises(CredentialError):
            create_studio(tmp_path / "old", studio="Long ago", person="N. N.")
    trust.trust(tmp_path / "old" / AUTHORITY)
    trust.trust(stranger.folder / AUTHORITY)
    assert {anchor.organisation: anchor.expired for anchor in trust.listed()} == {
        "Long ago": True,
        "Elsewhere": False,
    }
    assert run(["certificate", "list"]) == 0
    [old] = [line for line in capsys.readouterr().out.splitlines() if "Long ago" in line]
    assert old.endswith("for signers  expired")


def test_nothing_is_trusted_unseen(
    stranger: Studio, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(stranger.folder / AUTHORITY)
    assert run(["certificate", "trust", file]) == 2
    assert "--dry-run" in capsys.readouterr().err
    assert run(["certificate", "trust", file, "--dry-run"]) == 0
    assert "Elsewhere authority" in capsys.readouterr().out
    assert trust.listed() == []
    monkeypatch.setattr(passphrases, "at_terminal", lambda: True)
    for answer, trusted in (("\n", 0), ("no\n", 0), ("", 0), ("y\n", 1)):
        monkeypatch.setattr(sys, "stdin", io.StringIO(answer))
        assert run(["certificate", "trust", file]) == (0 if trusted else 2)
        shown = capsys.readouterr()
        assert "Elsewhere authority" in shown.err
        assert "Trust 1 certificate for signers? [y/N]" in shown.err
        assert len(trust.listed()) == trusted


def test_a_name_cannot_steer_the_terminal_that_shows_it(tmp_path: Path, stranger: Studio) -> None:
    from workstation.credentials.keys import new_key

    wild = issuing.issue_authority("a\x1b[2Jb", new_key())
    (tmp_path / "wild.pem").write_bytes(wild.public_bytes(Encoding.PEM))
    [anchor] = trust.trust(tmp_path / "wild.pem")
    assert anchor.organisation == "a [2Jb"
