"""By what the content of a file is known without reading it all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from workstation.portable import ReadOnlyFile
from workstation.scans.directories import Directory

_PIECES, _PIECE = 17, 64 << 10
_LONGEST = 1 << 16


def sampled(file: ReadOnlyFile, pieces: int) -> Iterator[bytes]:
    """Yield so many pieces of 64 KiB from all over a file, head and tail among them."""
    for number in range(pieces):
        yield file.read_at(max(file.size - _PIECE, 0) * number // (pieces - 1), _PIECE)


def identity_of(path: Path, file: ReadOnlyFile, directories: Sequence[Directory]) -> str:
    """Return a hash of place, length, time of change, the directories, and samples from all over the file.

    Whoever changes a file changes its time; the bytes are there for copies that keep the time of another.
    """
    known = hashlib.sha256(f"{path.absolute()}\0{file.size}\0{file.modified_ns}".encode(errors="replace"))
    for directory in directories:
        known.update(file.read_at(directory.offset, min(20 * len(directory.entries) + 16, _LONGEST)))
    for piece in sampled(file, _PIECES):
        known.update(piece)
    return known.hexdigest()
