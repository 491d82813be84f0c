"""Where the passphrase of a studio's keys and the PIN of a token come from.

They are never a word of a command and never printed.
"""

from __future__ import annotations

import os
import sys
from getpass import getpass
from pathlib import Path

from workstation.errors import CredentialError

VARIABLE, PIN_VARIABLE = "WORKSTATION_PASSPHRASE", "WORKSTATION_PIN"
LONGEST = 4096


def given(file: Path | None, variable: str = VARIABLE) -> str | None:
    """Return the passphrase from a file's first line, else from the environment, else None."""
    if file is not None:
        with file.open("rb") as handle:
            data = handle.read(LONGEST + 1)
        try:
            words = data.decode().splitlines()
        except UnicodeDecodeError:
            words = []
        if not words or not words[0] or len(data) > LONGEST:
            what = "PIN" if variable == PIN_VARIABLE else "passphrase"
            raise CredentialError(f"The first line of {file} must be the {what}.")
        return words[0]
    return os.environ.get(variable) or None


def asked(what: str = "Passphrase of the signing key") -> str | None:
    """Ask for a passphrase or PIN where a person sits at a terminal, else return None."""
    return _typed(f"{what}: ") or None if at_terminal() else None


def chosen() -> str | None:
    """Ask twice for a new passphrase where a person sits at a terminal; an empty one means none."""
    if not at_terminal():
        return None
    first = _typed("New passphrase (empty = none): ")
    if first is None:
        raise CredentialError("No passphrase was typed. Nothing was made.")
    if first and _typed("Once more: ") != first:
        raise CredentialError("The two passphrases differ. Nothing was made.")
    return first or None


def _typed(prompt: str) -> str | None:
    """Return what a person types unseen; None where the input ends instead, as by Ctrl+D."""
    try:
        return getpass(prompt)
    except EOFError:
        return None


def agreed(question: str) -> bool:
    """Ask a person at the terminal something that only a clear yes answers."""
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def at_terminal() -> bool:
    """Tell whether a person can be asked."""
    return sys.stdin is not None and sys.stdin.isatty()
