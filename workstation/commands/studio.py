"""The options by which every command that writes exports finds the certificate to sign with."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from workstation.commands.command import Console
from workstation.credentials import passphrases
from workstation.credentials.certificates import SIGNING_KEY, Studio, default_folder, load_studio
from workstation.credentials.keys import is_locked


def declare_studio(parser: ArgumentParser) -> None:
    """Add the options that choose whose certificate signs."""
    parser.add_argument(
        "--certificates", type=Path, metavar="FOLDER", help="the studio's certificates (default: your own)"
    )
    parser.add_argument(
        "--passphrase-file",
        type=Path,
        metavar="FILE",
        help="its first line is the key's passphrase (else: WORKSTATION_PASSPHRASE, else you are asked)",
    )


def declare_replace(parser: ArgumentParser) -> None:
    """Add the option without which no file that exists is replaced."""
    parser.add_argument("--replace", action="store_true", help="replace what is there from an earlier time")


def declare_export(parser: ArgumentParser) -> None:
    """Add what every command has that writes signed files: whose certificate signs, what may be replaced."""
    declare_studio(parser)
    declare_replace(parser)


def studio_of(arguments: Namespace, console: Console) -> Studio:
    """Load the studio that signs; CredentialError where there is none yet or the passphrase is wrong."""
    passphrase = passphrases.given(arguments.passphrase_file)
    key = (arguments.certificates or default_folder()) / SIGNING_KEY
    if passphrase is None and not console.quiet and key.is_file() and is_locked(key):
        passphrase = passphrases.asked()
    return load_studio(arguments.certificates, passphrase)
