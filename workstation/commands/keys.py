"""The options by which a new signing key is made, and how the key of the authority is opened."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from workstation.commands.command import Console
from workstation.credentials import passphrases
from workstation.credentials.certificates import KeyPlace, default_folder
from workstation.credentials.keys import is_locked
from workstation.credentials.people import AUTHORITY_KEY
from workstation.credentials.tokens import Token
from workstation.errors import UsageError


def declare_key(parser: ArgumentParser, of_person: bool = False) -> None:
    """Add the options that say where a new signing key is to lie."""
    if of_person:
        declare_own_passphrase(parser)
    parser.add_argument(
        "--token", metavar="MODULE", help="make the signing key on a smart card or HSM, by its PKCS#11 module"
    )
    parser.add_argument("--token-label", metavar="LABEL", help="name of the token")
    parser.add_argument(
        "--token-key", metavar="HEX", default="", help="use the key with this number, which is there already"
    )


def declare_own_passphrase(parser: ArgumentParser) -> None:
    """Add the option for people who have a passphrase of their own."""
    parser.add_argument(
        "--person-passphrase-file",
        type=Path,
        metavar="FILE",
        help="its first line locks the new key for one person (default: the passphrase of the authority)",
    )


def key_place(
    arguments: Namespace, console: Console, file: Path | None, otherwise: str | None = None
) -> KeyPlace:
    """Return where a new key is to lie, and what locks it there; asks where a person sits at a terminal."""
    if arguments.token is None:
        passphrase = passphrases.given(file) if file or otherwise is None else otherwise
        if passphrase is None and not console.quiet:
            passphrase = passphrases.chosen()
        return KeyPlace(passphrase)
    if not arguments.token_label:
        raise UsageError("Name the token with --token-label.")
    token = Token(arguments.token, arguments.token_label, _number(arguments.token_key))
    pin = passphrases.given(arguments.pin_file, passphrases.PIN_VARIABLE)
    if pin is None and not console.quiet:
        pin = passphrases.asked("PIN of the token")
    return KeyPlace(passphrases.given(arguments.passphrase_file), token, pin)


def authority_secret(arguments: Namespace, console: Console) -> str | None:
    """Return the passphrase of the authority's key, where it is locked."""
    passphrase = passphrases.given(arguments.passphrase_file)
    key = (arguments.certificates or default_folder()) / AUTHORITY_KEY
    if passphrase is None and not console.quiet and key.is_file() and is_locked(key):
        passphrase = passphrases.asked("Passphrase of the authority's key")
    return passphrase


def _number(text: str) -> str:
    try:
        return bytes.fromhex(text).hex()
    except ValueError:
        raise UsageError(f"The number of a key is written in hex digits, not {text!r}.") from None
