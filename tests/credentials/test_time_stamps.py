"""The studio's own time-stamps: understood by others, bounded, and told honestly in every verdict."""

from __future__ import annotations

import http.client
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from tests.credentials.conftest import BESIDE, INSIDE, opened, signed
from workstation.credentials import granting, issuing, stamping, stamps
from workstation.credentials.anchors import Trusted
from workstation.credentials.certificates import Studio, create_studio, load_studio
from workstation.credentials.granting import KeyPlace
from workstation.credentials.keys import load_key
from workstation.credentials.naming import as_pem
from workstation.credentials.people import AUTHORITY
from workstation.credentials.stamping import StampAuthority, next_serial
from workstation.credentials.stampserver import serving
from workstation.credentials.verifying import verify
from workstation.errors import CredentialError


@pytest.fixture
def stamping_studio(studio: Studio) -> Studio:
    stamps.switch_on(studio.folder, None)
    return load_studio(studio.folder)


def query(folder: Path, *words: str) -> bytes:
    """Have OpenSSL ask for a time-stamp of a file."""
    (folder / "data").write_text("picture")
    command = ["openssl", "ts", "-query", "-data", str(folder / "data"), *words]
    return subprocess.run(command, capture_output=True, check=True).stdout


def asked(studio: Studio, folder: Path, *words: str) -> str:
    """Have the studio stamp, and OpenSSL tell what the answer says."""
    assert studio.stamp is not None
    (folder / "query").write_bytes(query(folder, *words))
    (folder / "answer").write_bytes(studio.stamp((folder / "query").read_bytes()))
    told = ["openssl", "ts", "-reply", "-in", str(folder / "answer"), "-text"]
    return subprocess.run(told, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("digest", ["-sha256", "-sha384", "-sha512"])
def test_openssl_confirms_our_time_stamps(digest: str, stamping_studio: Studio, tmp_path: Path) -> None:
    before = datetime.now(UTC)
    text = asked(stamping_studio, tmp_path, digest, "-cert")
    confirm = ["openssl", "ts", "-verify", "-queryfile", tmp_path / "query", "-in", tmp_path / "answer"]
    found = subprocess.run([*confirm, "-CAfile", stamping_studio.folder / AUTHORITY], capture_output=True)
    assert found.returncode == 0, found.stderr
    assert f"Policy OID: {stamping.POLICY.dotted_string}" in text
    assert "Accuracy: 0x01 seconds" in text
    assert "Nonce: 0x" in text
    day = f"{before:%b} {before.day:2d}"
    assert f"Time stamp: {day}" in text


def test_openssl_refuses_a_time_stamp_of_other_data(stamping_studio: Studio, tmp_path: Path) -> None:
    asked(stamping_studio, tmp_path, "-sha256", "-cert")
    (tmp_path / "data").write_text("another picture")
    confirm = ["openssl", "ts", "-verify", "-data", tmp_path / "data", "-in", tmp_path / "answer"]
    found = subprocess.run([*confirm, "-CAfile", stamping_studio.folder / AUTHORITY], capture_output=True)
    assert found.returncode != 0


def test_a_time_stamp_goes_without_nonce_and_certificate_where_none_is_wanted(
    stamping_studio: Studio, tmp_path: Path
) -> None:
    text = asked(stamping_studio, tmp_path, "-sha256", "-no_nonce")
    assert "Status: Granted." in text
    assert "Nonce: unspecified" in text
    own = stamps.certificates(stamping_studio.folder)[0][0].public_bytes(stamping.Encoding.DER)
    assert own not in (tmp_path / "answer").read_bytes()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("-sha1",), "unrecognized or unsupported algorithm identifier"),
        (("-sha256", "-tspolicy", "1.2.3.4"), "the requested TSA policy is not supported by the TSA"),
    ],
)
def test_what_is_not_stamped_is_refused_with_the_standards_reason(
    words: tuple[str, ...], told: str, stamping_studio: Studio, tmp_path: Path
) -> None:
    text = asked(stamping_studio, tmp_path, *words)
    assert "Status: Rejected." in text
    assert told in text
    assert not (stamping_studio.folder / stamps.STAMPS / stamps.SERIALS).exists()


def test_a_digest_of_a_wrong_length_is_refused(stamping_studio: Studio, tmp_path: Path) -> None:
    data = bytearray(query(tmp_path, "-sha256", "-no_nonce"))
    assert stamping_studio.stamp is not None
    at = data.index(bytes.fromhex("608648016503040201")) + 8
    data[at] = 3  # it calls itself SHA-512 now
    assert b"another length" in stamping_studio.stamp(bytes(data))


@given(data=st.binary(max_size=200), at=st.integers(0, 60), bit=st.integers(0, 7))
def test_any_bytes_get_an_answer(data: bytes, at: int, bit: int) -> None:
    authority = StampAuthority(None, None, Path("never written"))  # type: ignore[arg-type]
    assert b"the request is not well formed" in authority.answer(data)


def test_numbers_grow_and_are_never_given_twice(tmp_path: Path) -> None:
    path, given_out = tmp_path / "count", []

    def take() -> None:
        given_out.extend(next_serial(path) for _ in range(10))

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given_out) == list(range(1, 41))
    assert next_serial(path) == 41


@pytest.mark.parametrize("harm", ["", "many", "-4", "9" * 50])
def test_a_harmed_count_stops_signing_in_one_sentence(
    harm: str, stamping_studio: Studio, scan: Path, tmp_path: Path
) -> None:
    count = stamping_studio.folder / stamps.STAMPS / stamps.SERIALS
    count.write_text(harm)
    with pytest.raises(CredentialError, match=r"time-stamp could not be made: .*holds no number"):
        signed(scan, tmp_path / "o.tif", stamping_studio)
    assert not (tmp_path / "o.tif").exists()
    assert count.read_text() == harm


def test_the_server_answers_this_machine_alone_and_only_what_it_should() -> None:
    with serving(lambda data: b"stamp of " + data) as address:
        place = urlsplit(address)
        assert place.hostname == "127.0.0.1"
        assert place.port is not None

        def post(path: str, body: bytes, kind: str = "application/timestamp-query") -> tuple[int, bytes]:
            assert place.port is not None
            line = http.client.HTTPConnection("127.0.0.1", place.port, timeout=5)
            line.request("POST", path, body, {"Content-Type": kind})
            answer = line.getresponse()
            return answer.status, answer.read()

        assert post(place.path, b"x") == (200, b"stamp of x")
        assert post("/", b"x")[0] == 404
        assert post(place.path, b"x", "text/plain")[0] == 415
        assert post(place.path, b"x" * 5000)[0] == 413
        line = http.client.HTTPConnection("127.0.0.1", place.port, timeout=5)
        line.request("GET", place.path)
        assert line.getresponse().status == 501
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", place.port), timeout=5).close()


@pytest.mark.parametrize("name", ["tiled.tif", "picture.png", "picture.jpg", "overlay.glb"])
def test_every_kind_of_file_is_stamped(name: str, stamping_studio: Studio, tmp_path: Path) -> None:
    (INSIDE | BESIDE)[name](tmp_path / name)
    file = signed(tmp_path / name, tmp_path / f"signed-{name}", stamping_studio)
    verdict = verify(file, stamping_studio.anchor)
    assert (verdict.state, verdict.stamped) == ("trusted", True)
    assert "own clock" not in verdict.sentence
    assert (stamping_studio.folder / stamps.STAMPS / stamps.SERIALS).read_text() != "0\n"


def test_a_proxy_for_the_web_is_not_asked_for_our_own_stamps(
    stamping_studio: Studio, scan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert verify(signed(scan, tmp_path / "o.tif", stamping_studio), stamping_studio.anchor).stamped


def test_no_name_service_is_asked_for_a_stamp(
    stamping_studio: Studio, scan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object) -> NoReturn:
        raise AssertionError("the name service was asked")

    for name in ("getfqdn", "gethostbyaddr", "gethostbyname", "getnameinfo"):
        monkeypatch.setattr(socket, name, forbidden)
    assert verify(signed(scan, tmp_path / "o.tif", stamping_studio), stamping_studio.anchor).stamped


def test_without_the_choice_nothing_is_stamped(studio: Studio, scan: Path, tmp_path: Path) -> None:
    stamps.switch_on(studio.folder, None)
    stamps.switch_off(studio.folder)
    verdict = verify(signed(scan, tmp_path / "o.tif", load_studio(studio.folder)), studio.anchor)
    assert (verdict.state, verdict.stamped) == ("trusted", False)
    assert "by the signer's own clock" in verdict.sentence


def test_switching_on_again_keeps_key_and_count(stamping_studio: Studio) -> None:
    stamps.switch_off(stamping_studio.folder)
    stamps.switch_on(stamping_studio.folder, None)
    assert len(stamps.certificates(stamping_studio.folder)) == 1


def test_the_key_of_the_stamps_is_locked_like_the_others(tmp_path: Path) -> None:
    studio = create_studio(tmp_path / "s", studio="a", person="b", passphrase="secret")
    stamps.switch_on(studio.folder, "secret")
    [(_, place)] = stamps.certificates(studio.folder)
    assert b"ENCRYPTED" in (place / stamps.KEY).read_bytes()
    assert load_studio(studio.folder, "secret").stamp is not None
    with pytest.raises(CredentialError, match=r"opens with this passphrase\. Add one with"):
        stamps.stamper(studio.folder, "wrong")


def test_people_with_passphrases_of_their_own_stamp_each_with_theirs(scan: Path, tmp_path: Path) -> None:
    folder = create_studio(tmp_path / "s", studio="a", person="Ada Novak", passphrase="hers").folder
    granting.issue(folder, "Ben Okafor", "hers", KeyPlace("his"), None)
    stamps.switch_on(folder, "hers")
    stamps.switch_on(folder, "hers", "his")
    stamps.switch_on(folder, "hers", "his")
    assert len(stamps.certificates(folder)) == 2
    for number, (person, secret) in enumerate((("Ada Novak", "hers"), ("Ben Okafor", "his"))):
        own = load_studio(folder, secret, signer=person)
        assert verify(signed(scan, tmp_path / f"{number}.tif", own), own.anchor).stamped
    assert (folder / stamps.STAMPS / stamps.SERIALS).read_text() == "2\n"


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path | Studio]]:
    """Sign files with a certificate that has expired since: unstamped, with own and with foreign stamps."""
    folder = tmp_path_factory.mktemp("ended")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKSTATION_HOME", str(folder / "home"))
        stranger = create_studio(folder / "elsewhere", studio="Elsewhere", person="N. N.")
        stamps.switch_on(stranger.folder, None)
        foreign = load_studio(stranger.folder).stamp
        patch.setattr(issuing, "CLOCKS_DIFFER", timedelta(days=365 * issuing.SIGNING_YEARS, seconds=-4))
        brief = create_studio(folder / "brief", studio="Brief", person="Mayfly")
        stamps.switch_on(brief.folder, None)
        own = load_studio(brief.folder)
        INSIDE["picture.png"](folder / "draft.png")
        files = {
            "unstamped": signed(folder / "draft.png", folder / "a.png", brief),
            "own": signed(folder / "draft.png", folder / "b.png", own),
            "foreign": signed(folder / "draft.png", folder / "c.png", replace(own, stamp=foreign)),
        }
        time.sleep(max(0, (brief.expires - datetime.now(UTC)).total_seconds()) + 1.2)
        yield {**files, "brief": brief, "stranger": stranger}


def case(ended: dict[str, Path | Studio], name: str) -> tuple[Path, str, str]:
    file, brief, stranger = ended[name], ended["brief"], ended["stranger"]
    assert isinstance(file, Path)
    assert isinstance(brief, Studio)
    assert isinstance(stranger, Studio)
    return file, brief.anchor, stranger.anchor


def test_an_expired_certificate_without_a_stamp_is_expired(ended: dict[str, Path | Studio]) -> None:
    file, brief, stranger = case(ended, "unstamped")
    verdict = verify(file, Trusted(brief, brief + stranger))
    assert verdict.state == "expired"
    assert "no time-stamp shows that it was signed in time" in verdict.sentence


def test_a_trusted_stamp_saves_an_expired_certificate_and_says_so(ended: dict[str, Path | Studio]) -> None:
    for name, who in (("own", "Brief time-stamps"), ("foreign", "Elsewhere time-stamps")):
        file, brief, stranger = case(ended, name)
        verdict = verify(file, Trusted(brief, brief + stranger))
        assert (verdict.state, verdict.stamped) == ("trusted", True)
        assert "expired on" in verdict.sentence
        assert f"a time-stamp by {who} shows that it was signed while it was valid" in verdict.sentence


def test_a_stamp_by_an_unknown_authority_saves_nothing_and_is_named(ended: dict[str, Path | Studio]) -> None:
    file, brief, _ = case(ended, "foreign")
    verdict = verify(file, Trusted(brief, brief))
    assert (verdict.state, verdict.stamped) == ("expired", False)
    assert "Elsewhere time-stamps, which you do not trust for time-stamps" in verdict.sentence


def test_who_is_trusted_for_signers_alone_saves_nothing_by_stamping(ended: dict[str, Path | Studio]) -> None:
    file, brief, stranger = case(ended, "foreign")
    verdict = verify(file, Trusted(brief + stranger, brief))
    assert (verdict.state, verdict.stamped) == ("expired", False)
    assert "which you do not trust for time-stamps" in verdict.sentence


def test_an_ancestor_that_was_signed_in_time_stays_trusted(
    ended: dict[str, Path | Studio], tmp_path: Path, studio: Studio
) -> None:
    for name, state in (("own", "trusted"), ("unstamped", "expired"), ("foreign", "expired")):
        file, brief, _ = case(ended, name)
        child = opened(file, tmp_path / f"{name}.png", studio)
        verdict = verify(child, Trusted(studio.anchor + brief, studio.anchor + brief))
        assert (verdict.state, [part.state for part in verdict.ancestors]) == (state, [state])


def test_who_is_trusted_for_stamps_alone_vouches_for_no_signer(
    scan: Path, tmp_path: Path, studio: Studio, stranger: Studio
) -> None:
    file = signed(scan, tmp_path / "theirs.tif", stranger)
    child = opened(file, tmp_path / "ours.tif", studio)
    apart = Trusted(studio.anchor, studio.anchor + stranger.anchor)
    assert verify(file, apart).state == "unknown-signer"
    assert verify(child, apart).state == "unknown-signer"
    assert verify(child, Trusted(studio.anchor + stranger.anchor, "")).state == "trusted"


def test_a_certificate_of_stamps_cannot_sign_pictures(
    stamping_studio: Studio, scan: Path, tmp_path: Path
) -> None:
    [(certificate, place)] = stamps.certificates(stamping_studio.folder)
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert usage.critical
    assert [part.dotted_string for part in usage.value] == ["1.3.6.1.5.5.7.3.8"]
    key = load_key(place / stamps.KEY, None)
    forged = replace(
        stamping_studio,
        chain=as_pem(certificate),
        sign=lambda data: key.sign(data, ec.ECDSA(hashes.SHA256())),
    )
    with pytest.raises(CredentialError, match="does not verify"):
        signed(scan, tmp_path / "o.tif", forged)
    assert not (tmp_path / "o.tif").exists()
