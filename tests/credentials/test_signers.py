"""The certificates that signed are found in a credential's bytes, and nothing there can do harm."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives import hashes
from hypothesis import given
from hypothesis import strategies as st

from tests.credentials.conftest import opened, signed
from workstation.credentials.account import account_of
from workstation.credentials.certificates import SIGNING, Studio, read_certificate
from workstation.credentials.signers import fingerprints
from workstation.jobs import finish


def printed(studio: Studio) -> str:
    return read_certificate(studio.folder / SIGNING).fingerprint(hashes.SHA256()).hex()


def test_each_file_of_the_chain_names_the_certificate_that_signed_it(
    scan: Path, tmp_path: Path, studio: Studio, stranger: Studio
) -> None:
    base = signed(scan, tmp_path / "base.tif", stranger)
    account = finish(account_of(opened(base, tmp_path / "a.tif", studio), studio.anchor))
    assert [node.fingerprint for node in account.nodes] == [printed(studio), printed(stranger)]


def test_no_changed_byte_of_a_credential_does_harm(tmp_path: Path, studio: Studio) -> None:
    (tmp_path / "r.json").write_text("{}")
    signed(tmp_path / "r.json", tmp_path / "s.json", studio)
    credential = (tmp_path / "s.json.c2pa").read_bytes()
    assert list(fingerprints(credential).values()) == [printed(studio)]
    for at in range(0, len(credential), 7):
        changed = bytearray(credential)
        changed[at] ^= 0xFF
        fingerprints(bytes(changed))
        fingerprints(credential[:at])


@given(st.binary(max_size=200))
def test_any_bytes_give_an_answer(data: bytes) -> None:
    assert fingerprints(data) == {}


def test_boxes_and_items_without_end_are_given_up() -> None:
    assert fingerprints(b"\x00\x00\x00\x08jumb" * 100_000) == {}
    nested = b"\x81" * 10_000
    assert fingerprints(nested) == {}
