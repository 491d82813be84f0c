"""The studio's certificates and keys: fit for C2PA, hidden, never lost, and told about in one sentence."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from workstation.credentials import issuing
from workstation.credentials.certificates import (
    AUTHORITY,
    AUTHORITY_KEY,
    SIGNING,
    SIGNING_KEY,
    create_studio,
    load_studio,
    read_certificate,
)
from workstation.errors import CredentialError

NAMES = {"studio": "Museum of the Harbour", "person": "Ada Novak"}


def test_a_signing_certificate_obeys_every_rule_of_c2pa(tmp_path: Path) -> None:
    create_studio(tmp_path / "s", **NAMES)
    found = read_certificate(tmp_path / "s" / SIGNING)
    usage = found.extensions.get_extension_for_class(x509.KeyUsage)
    purpose = found.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    basic = found.extensions.get_extension_for_class(x509.BasicConstraints)
    assert usage.critical
    assert usage.value.digital_signature
    assert not usage.value.key_cert_sign
    assert [use.dotted_string for use in purpose.value] == ["1.3.6.1.5.5.7.3.4"]
    assert not basic.value.ca
    assert found.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)
    found.verify_directly_issued_by(read_certificate(tmp_path / "s" / AUTHORITY))
    assert found.not_valid_after_utc > datetime.now(UTC) + timedelta(days=4 * 365)


def test_keys_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    create_studio(tmp_path / "s", **NAMES)
    for name in (AUTHORITY_KEY, SIGNING_KEY):
        assert (tmp_path / "s" / name).stat().st_mode & 0o777 == 0o600


def test_a_key_file_is_closed_to_others_from_its_first_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes: list[int] = []
    real = os.fdopen

    def watching(handle: int, *rest: object) -> object:
        modes.append(os.fstat(handle).st_mode & 0o777)
        return real(handle, *rest)  # type: ignore[call-overload]

    monkeypatch.setattr(os, "fdopen", watching)
    previous = os.umask(0)
    try:
        create_studio(tmp_path / "s", **NAMES)
    finally:
        os.umask(previous)
    assert modes == [0o600, 0o600]


def test_a_passphrase_locks_both_keys_with_scrypt(tmp_path: Path) -> None:
    create_studio(tmp_path / "s", passphrase="örtlich geheim", **NAMES)
    for name in (AUTHORITY_KEY, SIGNING_KEY):
        shown = subprocess.run(
            ["openssl", "asn1parse", "-in", str(tmp_path / "s" / name)], capture_output=True, text=True
        )
        assert ":scrypt" in shown.stdout
        assert ":aes-256-cbc" in shown.stdout
    assert load_studio(tmp_path / "s", "örtlich geheim").person == "Ada Novak"


def test_openssl_can_unlock_our_keys(tmp_path: Path) -> None:
    create_studio(tmp_path / "s", passphrase="secret", **NAMES)
    command = [
        "openssl",
        "pkey",
        "-in",
        str(tmp_path / "s" / SIGNING_KEY),
        "-passin",
        "pass:secret",
        "-noout",
    ]
    assert subprocess.run(command, capture_output=True).returncode == 0


@pytest.mark.parametrize(
    ("given", "told"), [("Links-um", "That is not the passphrase"), (None, "is locked by a passphrase")]
)
def test_a_wrong_or_missing_passphrase_is_one_sentence_without_it(
    tmp_path: Path, given: str | None, told: str
) -> None:
    create_studio(tmp_path / "s", passphrase="Rechts-um", **NAMES)
    with pytest.raises(CredentialError, match=told) as caught:
        load_studio(tmp_path / "s", given)
    assert "Rechts-um" not in str(caught.value)
    assert "Links-um" not in str(caught.value)


@pytest.mark.parametrize("name", [AUTHORITY, SIGNING, SIGNING_KEY])
@pytest.mark.parametrize("harm", ["missing", "empty", "garbage", "cut", "huge", "folder"])
def test_a_harmed_file_is_one_sentence(tmp_path: Path, name: str, harm: str) -> None:
    create_studio(tmp_path / "s", **NAMES)
    path = tmp_path / "s" / name
    data = path.read_bytes()
    path.unlink()
    if harm == "folder":
        path.mkdir()
    elif harm != "missing":
        kinds = {"empty": b"", "garbage": b"\0garbage\xff" * 9, "cut": data[:99], "huge": data * 999}
        path.write_bytes(kinds[harm])
    with pytest.raises(CredentialError) as caught:
        load_studio(tmp_path / "s")
    assert "\n" not in str(caught.value)
    assert name in str(caught.value)


def test_the_key_of_another_certificate_is_found_out(tmp_path: Path) -> None:
    create_studio(tmp_path / "a", **NAMES)
    create_studio(tmp_path / "b", **NAMES)
    (tmp_path / "a" / SIGNING_KEY).write_bytes((tmp_path / "b" / SIGNING_KEY).read_bytes())
    with pytest.raises(CredentialError, match="key of another certificate"):
        load_studio(tmp_path / "a")


def test_a_certificate_of_another_authority_is_found_out(tmp_path: Path) -> None:
    create_studio(tmp_path / "a", **NAMES)
    create_studio(tmp_path / "b", **NAMES)
    (tmp_path / "a" / AUTHORITY).write_bytes((tmp_path / "b" / AUTHORITY).read_bytes())
    with pytest.raises(CredentialError, match="was not issued by"):
        load_studio(tmp_path / "a")


def test_an_expired_certificate_is_refused_with_its_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuing, "CLOCKS_DIFFER", timedelta(days=6 * 365))
    with pytest.raises(CredentialError, match=r"expired on \d{4}-\d\d-\d\d"):
        create_studio(tmp_path / "s", **NAMES)


def test_a_certificate_of_the_future_points_to_the_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuing, "CLOCKS_DIFFER", timedelta(days=-3))
    with pytest.raises(CredentialError, match="clock"):
        create_studio(tmp_path / "s", **NAMES)


def test_a_studio_is_never_overwritten_unasked(tmp_path: Path) -> None:
    first = create_studio(tmp_path / "s", **NAMES)
    with pytest.raises(CredentialError, match="--replace"):
        create_studio(tmp_path / "s", **NAMES)
    assert load_studio(tmp_path / "s").anchor == first.anchor


def test_replacing_keeps_the_old_studio_aside(tmp_path: Path) -> None:
    first = create_studio(tmp_path / "s", **NAMES)
    second = create_studio(tmp_path / "s", replace=True, **NAMES)
    [old] = [path for path in tmp_path.iterdir() if path.name.startswith("s-until-")]
    assert load_studio(old).anchor == first.anchor
    assert second.anchor != first.anchor


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "letter.txt").write_text("dear")
    with pytest.raises(CredentialError, match="other files"):
        create_studio(tmp_path / "s", replace=True, **NAMES)
    assert [path.name for path in (tmp_path / "s").iterdir()] == ["letter.txt"]


@pytest.mark.parametrize("name", ["", "  ", "x" * 65, "a\x1b[31mb"])
def test_names_that_cannot_be_shown_are_refused_and_nothing_is_left(tmp_path: Path, name: str) -> None:
    with pytest.raises(CredentialError, match="printable"):
        create_studio(tmp_path / "s", studio=name, person="Ada")
    assert list(tmp_path.glob("*s*")) == []


def test_a_studio_shows_nothing_of_its_key(tmp_path: Path) -> None:
    assert "sign" not in repr(create_studio(tmp_path / "x", **NAMES)).replace("signing", "")
