"""What a studio has chosen for itself: who signs where nobody is named, and whether it stamps signatures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from workstation.credentials.keys import read_small
from workstation.errors import CredentialError
from workstation.files import write_text, writing
from workstation.portable import locked, unclaim

CHOICES, LOCK = "studio.json", "studio.lock"


@dataclass(frozen=True, slots=True)
class Choices:
    """The contents of studio.json."""

    signer: str = ""
    """The person who signs; empty = the first one."""
    time_stamps: bool = False


def read_choices(folder: Path) -> Choices:
    """Return what was chosen; CredentialError where the file holds anything else."""
    path = folder / CHOICES
    if not path.exists():
        return Choices()
    try:
        found = Choices(**json.loads(read_small(path)))
        good = isinstance(found.signer, str) and isinstance(found.time_stamps, bool)
    except (ValueError, TypeError, RecursionError):
        good = False
    if not good:
        raise CredentialError(f"{path} is not readable. Restore it from a backup, or remove it.")
    return found


def write_choices(folder: Path, choices: Choices) -> None:
    """Keep what was chosen."""
    write_text(folder / CHOICES, json.dumps(asdict(choices), indent=2, ensure_ascii=False) + "\n")


@contextmanager
def changing(folder: Path) -> Iterator[None]:
    """Keep every other programme from changing the studio meanwhile; CredentialError where one does."""
    with writing(folder / LOCK):
        try:
            handle = locked(folder / LOCK)
        except BlockingIOError:
            raise CredentialError(
                "Another programme is changing this studio just now. Try again when it is done."
            ) from None
    try:
        yield
    finally:
        unclaim(handle)
