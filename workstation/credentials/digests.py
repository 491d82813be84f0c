"""What signing a TIFF needs to know, found by reading it once: its hash, and that of the signed file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from workstation.credentials.tiffs import Room
from workstation.jobs import Job
from workstation.streams import Patched, Taker, pour


@dataclass(frozen=True, slots=True)
class Digests:
    """SHA-256 of a file, and of what it becomes up to the place of its credential."""

    before: str
    """Of the file as it is, 64 hex digits."""
    bound: bytes
    """What the credential is bound to: all of the signed file but the credential."""
    after: Callable[[bytes], str]
    """Returns the hash of the whole signed file with this credential, 64 hex digits."""


def digests(path: Path, room: Room, copy: Taker | None = None) -> Job[Digests]:
    """Read a file once, hand it on to `copy` as well, and find both hashes."""
    change = room.change
    before, patched = hashlib.sha256(), Patched(change.link, change.turned)
    takers = [before.update, patched.update, *([copy] if copy else [])]
    yield from pour(path, takers, [(0, change.end)], f"reading {path.name}")
    patched.digest.update(room.head)

    def after(credential: bytes) -> str:
        whole = patched.digest.copy()
        whole.update(credential)
        return whole.hexdigest()

    return Digests(before.hexdigest(), patched.digest.digest(), after)
