"""What signing a TIFF needs to know, found by reading it once: its hash, and that of the signed file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from workstation.credentials.tiffs import Attachment
from workstation.jobs import Job
from workstation.streams import Taker, pour


@dataclass(frozen=True, slots=True)
class Digests:
    """SHA-256 of a file, and of what it becomes up to the place of its credential."""

    before: str
    """Of the file as it is, 64 hex digits."""
    bound: bytes
    """What the credential is bound to: all of the signed file but the credential."""
    after: Callable[[bytes], str]
    """Returns the hash of the whole signed file with this credential, 64 hex digits."""


def digests(path: Path, attachment: Attachment, copy: Taker | None = None) -> Job[Digests]:
    """Read a file once, hand it on to `copy` as well, and find both hashes."""
    before, patched, change = hashlib.sha256(), _Patched(attachment), attachment.change
    takers = [before.update, patched.update, *([copy] if copy else [])]
    yield from pour(path, takers, [(0, change.end)], f"reading {path.name}")
    patched.digest.update(attachment.head)

    def after(credential: bytes) -> str:
        whole = patched.digest.copy()
        whole.update(credential)
        return whole.hexdigest()

    return Digests(before.hexdigest(), patched.digest.digest(), after)


class _Patched:
    """The hash of a file whose pointer is turned already."""

    def __init__(self, attachment: Attachment) -> None:
        self.digest, self._at = hashlib.sha256(), 0
        self._link, self._turned = attachment.change.link, attachment.change.turned

    def update(self, block: memoryview) -> None:
        """Take the next bytes of the file as it is."""
        first, last = self._link - self._at, self._link + len(self._turned) - self._at
        self._at += len(block)
        if last <= 0 or first >= len(block):
            self.digest.update(block)
            return
        start, end = max(first, 0), min(last, len(block))
        self.digest.update(block[:start])
        self.digest.update(self._turned[start - first : end - first])
        self.digest.update(block[end:])
