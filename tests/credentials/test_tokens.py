"""A signing key on a token: made there, used by a PIN that is never shown, and each trouble is one sentence.

Tried with SoftHSM, a token that is a folder; the tests skip where it is not installed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.credentials.conftest import signed
from tests.credentials.test_commands import Captured, told
from workstation.cli import run
from workstation.credentials import granting, stamps, tokens
from workstation.credentials.certificates import create_studio, load_studio, secret_needed
from workstation.credentials.granting import KeyPlace
from workstation.credentials.people import SIGNING_KEY, SIGNING_TOKEN
from workstation.credentials.tokens import Token
from workstation.credentials.verifying import verify
from workstation.errors import CredentialError, MissingPartError

PLACES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)
MODULE = next((place for place in PLACES if Path(place).exists()), None)
PIN = "blue-4711"
NAMES = {"studio": "Museum of the Harbour", "person": "Ada Novak"}


@pytest.fixture(scope="session")
def token_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the tokens lie: the module reads it once in the life of a process."""
    pytest.importorskip("pkcs11", reason="the library for tokens is not installed")
    if MODULE is None or not shutil.which("softhsm2-util"):
        pytest.skip("SoftHSM, the software token, is not installed")
    folder = tmp_path_factory.mktemp("tokens")
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\n")
    (folder / "tokens").mkdir()
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    return folder / "tokens"


@pytest.fixture
def token(token_folder: Path) -> Token:
    """Make a fresh token; all others are taken out."""
    for left in token_folder.iterdir():
        shutil.rmtree(left)
    make = [
        "softhsm2-util",
        "--init-token",
        "--free",
        "--label",
        "studio",
        "--pin",
        PIN,
        "--so-pin",
        "12345678",
    ]
    subprocess.run(make, check=True, capture_output=True)
    assert MODULE is not None
    return Token(MODULE, "studio")


def test_a_key_on_a_token_signs_and_lies_nowhere_else(scan: Path, tmp_path: Path, token: Token) -> None:
    studio = create_studio(tmp_path / "s", **NAMES, token=token, pin=PIN)
    assert not (studio.folder / SIGNING_KEY).exists()
    assert PIN not in (studio.folder / SIGNING_TOKEN).read_text()
    assert secret_needed(studio.folder) == "pin"
    for name in ("a.tif", "b.tif"):
        verdict = verify(signed(scan, tmp_path / name, load_studio(studio.folder, pin=PIN)), studio.anchor)
        assert verdict.state == "trusted"
    assert PIN not in repr(studio)
    assert PIN not in repr(KeyPlace(None, token, PIN))


def test_a_token_that_comes_back_goes_on_signing(
    scan: Path, tmp_path: Path, token: Token, token_folder: Path
) -> None:
    studio = create_studio(tmp_path / "s", **NAMES, token=token, pin=PIN)
    [inside] = token_folder.iterdir()
    shutil.move(inside, tmp_path / "away")
    with pytest.raises(CredentialError, match=r"The token “studio” is not there\. Put it in and try again"):
        signed(scan, tmp_path / "o.tif", studio)
    assert not (tmp_path / "o.tif").exists()
    shutil.move(tmp_path / "away", inside)
    assert verify(signed(scan, tmp_path / "o.tif", studio), studio.anchor).state == "trusted"


def test_the_token_stamps_and_signs_for_a_further_person(scan: Path, tmp_path: Path, token: Token) -> None:
    studio = create_studio(tmp_path / "s", **NAMES, passphrase="secret")
    stamps.switch_on(studio.folder, "secret")
    granting.issue(studio.folder, "Ben Okafor", "secret", KeyPlace(None, token, PIN), None)
    granting.renew(studio.folder, "Ben Okafor", "secret", None)
    ben = load_studio(studio.folder, "secret", signer="Ben Okafor", pin=PIN)
    verdict = verify(signed(scan, tmp_path / "o.tif", ben), studio.anchor)
    assert (verdict.state, verdict.stamped) == ("trusted", True)
    assert verdict.signer == "Ben Okafor (Museum of the Harbour)"


def test_a_key_that_is_on_the_token_already_can_be_used(tmp_path: Path, token: Token) -> None:
    made, public = tokens.new_key(token, PIN)
    studio = create_studio(tmp_path / "s", **NAMES, token=made, pin=PIN)
    assert tokens.read_token(studio.folder / SIGNING_TOKEN) == made
    assert tokens.signing_with(made, PIN)[1] == public


@pytest.mark.parametrize(
    ("changes", "pin", "told"),
    [
        ({}, "red-4712", "That is not the PIN of the token “studio”"),
        ({}, None, "Give its PIN with --pin-file or in the environment variable WORKSTATION_PIN"),
        ({"module": "/nowhere/module.so"}, PIN, "/nowhere/module.so is no module for tokens"),
        ({"module": __file__}, PIN, "is no module for tokens"),
        ({"label": "other"}, PIN, "The token “other” is not there"),
        ({"key": "0123"}, PIN, "The signing key is no longer on the token “studio”"),
    ],
)
def test_each_trouble_with_a_token_is_one_sentence_without_the_pin(
    changes: dict[str, str], pin: str | None, told: str, tmp_path: Path, token: Token
) -> None:
    studio = create_studio(tmp_path / "s", **NAMES, token=token, pin=PIN)
    path = studio.folder / SIGNING_TOKEN
    replace(tokens.read_token(path), **changes).write(path)
    with pytest.raises(CredentialError) as caught:
        load_studio(studio.folder, pin=pin)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
    assert (pin or PIN) not in str(caught.value)


def test_the_key_of_another_certificate_is_found_out(tmp_path: Path, token: Token) -> None:
    studio = create_studio(tmp_path / "s", **NAMES, token=token, pin=PIN)
    other, _ = tokens.new_key(token, PIN)
    other.write(studio.folder / SIGNING_TOKEN)
    with pytest.raises(CredentialError, match="key of another certificate"):
        load_studio(studio.folder, pin=PIN)


def test_where_the_library_is_missing_one_sentence_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pkcs11", None)
    with pytest.raises(MissingPartError, match="pip install python-pkcs11"):
        create_studio(tmp_path / "s", **NAMES, token=Token("/x.so", "studio"), pin=PIN)
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"module": "a", "label": "b"}', '{"module": 1, "key": "zz"}']
)
def test_a_harmed_note_of_the_token_is_one_sentence(text: str, tmp_path: Path) -> None:
    (tmp_path / SIGNING_TOKEN).write_text(text)
    with pytest.raises(CredentialError, match="does not say on which token"):
        tokens.read_token(tmp_path / SIGNING_TOKEN)


def test_the_pin_comes_from_a_file_or_the_environment_and_is_never_shown(
    scan: Path,
    tmp_path: Path,
    token: Token,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:

    (tmp_path / "pin.txt").write_text(f"{PIN}\n")
    create = ["certificate", "create", "--studio", "House", "--person", "Ada Novak", "--token", token.module]
    given = ["--pin-file", str(tmp_path / "pin.txt")]
    assert run([*create, *given]) == 2
    assert "--token-label" in capfd.readouterr().err
    assert run([*create, "--token-label", "studio", *given]) == 0
    assert run(["sign", str(scan), str(tmp_path / "a.tif")]) == 2
    assert run(["sign", str(scan), str(tmp_path / "a.tif"), *given]) == 0
    monkeypatch.setenv("WORKSTATION_PIN", PIN)
    assert run(["sign", str(scan), str(tmp_path / "b.tif")]) == 0
    shown = capfd.readouterr()
    assert PIN not in shown.out + shown.err


def test_show_tells_where_a_key_lies(tmp_path: Path, token: Token, capsys: Captured) -> None:
    create_studio(**NAMES, token=token, pin=PIN)
    status, found = told(capsys, "certificate", "show")
    assert (status, found["people"][0]["key"]) == (0, "token")
    assert PIN not in json.dumps(found)
