"""Certificates are found in any credential, and hostile bytes cost neither time nor sense."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from tests.credentials.conftest import INSIDE, opened, signed
from workstation.credentials import stamps
from workstation.credentials.cbor import CborError, decoded
from workstation.credentials.certificates import Studio, load_studio
from workstation.credentials.chains import signatures
from workstation.credentials.naming import as_pem, common_name
from workstation.credentials.reading import read_store


def credential(path: Path) -> bytes:
    store = read_store(path, path.with_name("no sidecar"), "")
    found = store.credential or store.taken
    assert found is not None
    return found


@pytest.mark.parametrize("name", ["tiled.tif", "picture.png", "picture.jpg"])
def test_each_manifest_tells_its_signer_and_its_stamp(name: str, tmp_path: Path, studio: Studio) -> None:
    stamps.switch_on(studio.folder, None)
    INSIDE[name](tmp_path / name)
    parent = signed(tmp_path / name, tmp_path / f"parent-{name}", studio)
    child = opened(parent, tmp_path / f"child-{name}", load_studio(studio.folder))
    found = list(signatures(credential(child)).values())
    assert [as_pem(part.chain[0]) for part in found] == [studio.chain] * 2
    makers = [[common_name(part) for part in one.stamp or ()] for one in found]
    assert sorted(makers) == [[], ["Museum of the Harbour time-stamps"]]


def test_official_files_tell_theirs(shared_data: Path) -> None:
    found = signatures(credential(shared_data / "c2pa" / "c2pa-rs" / "CACAE-uri-CA.jpg"))
    assert [len(part.chain) for part in found.values()] == [2, 2, 2]
    assert all(part.stamp and "DigiCert" in common_name(part.stamp[0]) for part in found.values())


@given(data=st.binary(max_size=400))
def test_any_bytes_are_no_credential(data: bytes) -> None:
    assert signatures(data) == {}


@given(at=st.floats(0, 1), value=st.integers(0, 255))
def test_a_changed_byte_never_crashes_the_reader(at: float, value: int) -> None:
    data = bytearray(SAMPLE)
    data[int(at * (len(data) - 1))] = value
    signatures(bytes(data))


def box(kind: bytes, content: bytes) -> bytes:
    return (len(content) + 8).to_bytes(4, "big") + kind + content


def labelled(label: str, content: bytes) -> bytes:
    return box(b"jumb", box(b"jumd", bytes(16) + b"\x03" + label.encode() + b"\0") + content)


def sample(message: bytes) -> bytes:
    return labelled("c2pa", labelled("urn:x", labelled("c2pa.signature", box(b"cbor", message))))


SAMPLE = sample(bytes.fromhex("d28443a10126a1182181410041f6"))


def cose(protected: str, opened: str) -> bytes:
    """Return a message with these two headers."""
    head = bytes.fromhex(protected)
    return b"\xd2\x84" + bytes([0x40 + len(head)]) + head + bytes.fromhex(opened) + b"\xf6\x41\x00"


def test_what_stands_there_twice_is_not_guessed_from(studio: Studio) -> None:
    leaf = x509.load_pem_x509_certificate(studio.chain.encode()).public_bytes(Encoding.DER)
    one = "59" + len(leaf).to_bytes(2, "big").hex() + leaf.hex()
    chain, named, stamp = "1821" + one, "677835636861696e" + one, "66736967547374"
    [once] = signatures(sample(cose("a10126", "a1" + chain))).values()
    assert [common_name(part) for part in once.chain] == ["Ada Novak"]
    [twice] = signatures(sample(cose("a10126", "a2" + chain + named))).values()
    assert twice.chain == ()
    [stamped] = signatures(sample(cose("a10126", "a2" + stamp + "00" + "6773696754737432" + "00"))).values()
    assert stamped.stamp == ()
    box_ = labelled("urn:x", labelled("c2pa.signature", box(b"cbor", cose("a10126", "a1" + chain))))
    assert signatures(labelled("c2pa", box_ + box_))["urn:x"].chain == ()


@pytest.mark.parametrize(
    ("encoded", "value"),
    [
        ("00", 0),
        ("1903e8", 1000),
        ("3903e7", -1000),
        ("43010203", b"\1\2\3"),
        ("5f41014102ff", b"\1\2"),
        ("63c3bc61", "üa"),
        ("83010203", [1, 2, 3]),
        ("9f0102ff", [1, 2]),
        ("a20126182142ffff", {1: -7, 33: b"\xff\xff"}),
        ("bf616101ff", {"a": 1}),
        ("d28101", [1]),
        ("82f4f5", [False, True]),
        ("82f6f97e00", [None, None]),
    ],
)
def test_values_of_the_standard_are_read(encoded: str, value: object) -> None:
    assert decoded(bytes.fromhex(encoded)) == value


@pytest.mark.parametrize(
    "encoded",
    [
        "",
        "0000",
        "43",
        "9bffffffffffffffff",
        "5bffffffffffffffff",
        "a1a000",
        "9f",
        "5f01ff",
        "1c",
        "81" * 99,
        "a201000101",
        "bf01000101ff",
    ],
)
def test_what_is_not_well_formed_is_refused(encoded: str) -> None:
    with pytest.raises(CborError):
        decoded(bytes.fromhex(encoded))


def test_a_bomb_of_many_items_is_given_up_soon() -> None:
    start = time.process_time()
    with pytest.raises(CborError):
        decoded(b"\x99\x0f\xff" * 12 + b"\0" * 200_000)
    assert time.process_time() - start < 1


def test_a_credential_of_a_million_boxes_is_given_up_soon() -> None:
    start = time.process_time()
    many = b"".join(labelled(f"urn:{number}", b"") for number in range(100_000))
    assert len(signatures(labelled("c2pa", many))) == 0
    assert time.process_time() - start < 5
