"""The journal of a pyramid that grows: which tiles lie where in the file, so that the work can go on.

A head names the work; then come records, each with its length and its checksum. What is torn or damaged ends
the journal: what came after it is done again. Nothing in it is believed before it was checked.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import imagecodecs
import numpy as np

from workstation.portable import sync_folder
from workstation.scans.places import Place
from workstation.scans.source import Damage, damage_from

TILE = np.dtype([("offset", "<u8"), ("count", "<u4"), ("check", "<u4")])
"""Where an encoded tile lies in the file, and its checksum."""
NO_SLOT, BLANK_SLOT = -1, -2
KEY_BYTES = 32
_MAGIC = b"\x89wsjour1"
_HEAD = struct.Struct(f"<8s{KEY_BYTES}sB")
_LENGTHS = struct.Struct("<II")
_DONE = struct.Struct("<cBIIqI")
_MOST_BYTES = 4096
_MOST_REASON = 500


@dataclass(frozen=True, slots=True)
class Done:
    """A block of tiles that is written with all levels that it spans, and what its parent gets of it."""

    place: Place
    """Its first tile at its finest level."""
    slot: int
    """Where its halved last level is kept until the parent is written; none at the top, none where blank."""
    quarter_check: int
    tiles: np.ndarray[Any, Any]
    """Of type TILE: level by level, row by row."""


class Journal:
    """A journal that goes on."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)

    def add(self, done: Iterable[Done]) -> None:
        """Write down blocks whose tiles are in the file already."""
        self._write(b"".join(_packed(_done_body(block)) for block in done))

    def add_damage(self, damage: Iterable[Damage]) -> None:
        """Write down damaged tiles of the source, which nobody will read again."""
        self._write(b"".join(_packed(_damage_body(tile)) for tile in damage))

    def sync(self) -> None:
        """Return once all records are on the disk."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Give the file back to the system."""
        self._file.close()

    def _write(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            left = left[self._file.write(left) :]


def begin_journal(path: Path, key: bytes, depth: int, done: Iterable[Done], damage: Iterable[Damage]) -> None:
    """Put a journal with these records in the place of what is there; the disk has it as a whole or not."""
    new = path.with_name(f"{path.name}.new")
    with new.open("wb") as file:
        file.write(_packed(_HEAD.pack(_MAGIC, key, depth)))
        file.writelines(_packed(_damage_body(tile)) for tile in damage)
        file.writelines(_packed(_done_body(block)) for block in done)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    sync_folder(path.parent)


def _packed(body: bytes) -> bytes:
    return _LENGTHS.pack(check_of(body), len(body)) + body


def _done_body(done: Done) -> bytes:
    return _DONE.pack(b"T", *done.place, done.slot, done.quarter_check) + done.tiles.tobytes()


def _damage_body(damage: Damage) -> bytes:
    return b"D" + json.dumps(asdict(damage) | {"reason": damage.reason[:_MOST_REASON]}).encode()


def check_of(data: bytes) -> int:
    """Return the CRC-32."""
    return int(imagecodecs.deflate_crc32(data))


def read_journal(path: Path, key: bytes) -> Iterator[int | Done | Damage]:
    """Yield the depth of the blocks, then all records that are whole; nothing where it is of other work."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        head = _next(file)
        if head is None or len(head) != _HEAD.size:
            return
        magic, found, depth = _HEAD.unpack(head)
        if magic != _MAGIC or found != key:
            return
        yield depth
        while (body := _next(file)) is not None:
            record = _damage(body) if body[:1] == b"D" else _done(body)
            if record is None:
                return
            yield record


def _next(file: BinaryIO) -> bytes | None:
    """Read one body; None at the end, or where the rest is torn."""
    lengths = file.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    check, length = _LENGTHS.unpack(lengths)
    if not 0 < length <= _MOST_BYTES:
        return None
    body = file.read(length)
    return body if len(body) == length and check_of(body) == check else None


def _done(body: bytes) -> Done | None:
    tiles = len(body) - _DONE.size
    if body[:1] != b"T" or tiles <= 0 or tiles % TILE.itemsize:
        return None
    _, level, row, column, slot, check = _DONE.unpack_from(body)
    return Done((level, row, column), slot, check, np.frombuffer(body, TILE, offset=_DONE.size))


def _damage(body: bytes) -> Damage | None:
    try:
        return damage_from(json.loads(body[1:]))
    except (ValueError, TypeError, RecursionError):
        return None
