"""The options by which every command that writes exports finds the certificate to sign with."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from workstation.commands.command import Console
from workstation.credentials import passphrases
from workstation.credentials.certificates import Studio, default_folder, load_studio, secret_needed
from workstation.credentials.people import AUTHORITY, insist_studio


def declare_folder(parser: ArgumentParser) -> None:
    """Add the option that chooses the studio."""
    parser.add_argument(
        "--certificates", type=Path, metavar="FOLDER", help="the studio's certificates (default: your own)"
    )


def declare_secrets(parser: ArgumentParser) -> None:
    """Add the options that choose the studio and say how its keys are opened."""
    declare_folder(parser)
    parser.add_argument(
        "--passphrase-file",
        type=Path,
        metavar="FILE",
        help="its first line is the key's passphrase (else: WORKSTATION_PASSPHRASE, else you are asked)",
    )
    parser.add_argument(
        "--pin-file",
        type=Path,
        metavar="FILE",
        help="its first line is the PIN of the token that holds the key (else: WORKSTATION_PIN, else asked)",
    )


def declare_studio(parser: ArgumentParser) -> None:
    """Add the options that choose whose certificate signs."""
    declare_secrets(parser)
    parser.add_argument(
        "--signer", metavar="NAME", help="who signs (default: whom `certificate use` chose, else the first)"
    )


def declare_replace(parser: ArgumentParser) -> None:
    """Add the option without which no file that exists is replaced."""
    parser.add_argument("--replace", action="store_true", help="replace what is there from an earlier time")


def declare_export(parser: ArgumentParser) -> None:
    """Add what every command has that writes signed files: whose certificate signs, what may be replaced."""
    declare_studio(parser)
    declare_replace(parser)


def own_folder(arguments: Namespace) -> Path:
    """Return the studio that was chosen; CredentialError where there is none yet."""
    folder: Path = arguments.certificates or default_folder()
    insist_studio(folder)
    return folder


def studio_of(arguments: Namespace, console: Console) -> Studio:
    """Load the studio that signs; CredentialError where there is none yet or the passphrase is wrong."""
    passphrase = passphrases.given(arguments.passphrase_file)
    pin = passphrases.given(arguments.pin_file, passphrases.PIN_VARIABLE)
    folder = arguments.certificates or default_folder()
    if not console.quiet and (folder / AUTHORITY).is_file():
        needed = secret_needed(folder, arguments.signer)
        if needed == "passphrase" and passphrase is None:
            passphrase = passphrases.asked()
        if needed == "pin" and pin is None:
            pin = passphrases.asked("PIN of the token")
    return load_studio(folder, passphrase, signer=arguments.signer, pin=pin)
