"""Trust is given on purpose, shown with names and dates, and can be taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from workstation.credentials import trust
from workstation.credentials.certificates import AUTHORITY, SIGNING_KEY, Studio, create_studio
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
