"""What every command that exports needs: the studio that signs."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from workstation.commands.command import Console
from workstation.credentials import passphrases
from workstation.credentials.certificates import SIGNING_KEY, Studio, default_folder, load_studio
from workstation.credentials.keys import is_locked


def declare_studio(parser: ArgumentParser) -> None:
    """Add the arguments that say who signs."""
    parser.add_argument(
        "--certificates", type=Path, help="folder of the studio's certificates (default: your own)"
    )
    parser.add_argument(
        "--passphrase-file",
        type=Path,
        help="file whose first line is the passphrase (else WORKSTATION_PASSPHRASE, else you are asked)",
    )


def studio(arguments: Namespace, console: Console) -> Studio:
    """Open the studio; CredentialError says what to do where there is none."""
    passphrase = passphrases.given(arguments.passphrase_file)
    key = (arguments.certificates or default_folder()) / SIGNING_KEY
    if passphrase is None and not console.quiet and key.is_file() and is_locked(key):
        passphrase = passphrases.asked()
    return load_studio(arguments.certificates, passphrase)
