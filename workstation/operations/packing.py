"""Masks as a few bytes: only marked tiles, packed to bits; for the catalogue, dossiers and credentials.

What is packed is: the line "mask 1", width, height and number of tiles, then for each tile its row, its
column, the length of its packed bits and the bits themselves. Nothing in it is believed before it is checked:
it may come from a dossier or a credential that a stranger wrote.
"""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from collections.abc import Iterator
from typing import IO, NamedTuple

import numpy as np

from workstation.errors import MaskError
from workstation.operations.mask import TILE, Bits, Mask

MAGIC = b"mask 1\n"
HEAD = struct.Struct("<QQQ")
TILE_HEAD = struct.Struct("<III")
BITS = TILE * TILE // 8
WHOLE = b"\xff" * BITS
LARGEST_SIDE = 1 << 27


class Head(NamedTuple):
    """What a mask file says of itself."""

    width: int
    height: int
    tiles: int


class PackedTile(NamedTuple):
    """A tile's place and its bits, eight to a byte."""

    row: int
    column: int
    bits: bytes


def write(mask: Mask, file: IO[bytes]) -> None:
    """Write a mask as a file."""
    file.write(MAGIC + HEAD.pack(mask.width, mask.height, len(mask.tiles)))
    for row, column in mask.tiles:
        bits = mask.read(row * TILE, (row + 1) * TILE, column * TILE, (column + 1) * TILE)
        packed = zlib.compress(np.packbits(bits).tobytes(), 6)
        file.write(TILE_HEAD.pack(row, column, len(packed)) + packed)


def packed(mask: Mask) -> bytes:
    """Return a mask as `write` writes it."""
    file = io.BytesIO()
    write(mask, file)
    return file.getvalue()


def read(file: IO[bytes], most_partial: int | None = None) -> tuple[Mask, str]:
    """Read a mask and its hash; MaskError unless every byte of the file is as `write` makes it.

    A tile that is marked in part takes 32 KiB of memory; with more than `most_partial` it is refused.
    """
    partial = 0
    head = read_head(file)
    mask, digest = Mask(head.height, head.width), _begun(head)
    for row, column, bits in tiles_of(file, head):
        digest.update(f"{row} {column}\n".encode() + bits)
        mask.write(row * TILE, column * TILE, _unpacked_bits(bits))
        partial += bits != WHOLE
        if most_partial is not None and partial > most_partial:
            raise MaskError("The mask marks too much of its picture to be held in memory.")
    return mask, digest.hexdigest()


def check(file: IO[bytes], most_tiles: int) -> str:
    """Read a mask file tile by tile and return the hash of its mask, in the memory of one tile."""
    head = read_head(file)
    if head.tiles > most_tiles:
        raise MaskError(f"The mask has more than {most_tiles} marked tiles.")
    digest = _begun(head)
    for row, column, bits in tiles_of(file, head):
        digest.update(f"{row} {column}\n".encode() + bits)
    return digest.hexdigest()


def _begun(head: Head) -> hashlib._Hash:
    """Begin the hash of a mask as `Mask.sha256` does; tiles follow in reading order."""
    return hashlib.sha256(f"mask {head.width} {head.height}\n".encode())


def read_head(file: IO[bytes]) -> Head:
    """Read and check the beginning of a mask file."""
    if file.read(len(MAGIC)) != MAGIC:
        raise MaskError("This is no mask that this programme packed.")
    head = Head(*HEAD.unpack(_exactly(file, HEAD.size)))
    rows, columns = -(-head.height // TILE), -(-head.width // TILE)
    sides = 0 < head.width <= LARGEST_SIDE and 0 < head.height <= LARGEST_SIDE
    if not sides or head.tiles > rows * columns:
        raise _broken()
    return head


def tiles_of(file: IO[bytes], head: Head) -> Iterator[PackedTile]:
    """Yield the tiles in reading order; MaskError for one that is empty, misplaced or not as announced."""
    before = (-1, -1)
    for _ in range(head.tiles):
        row, column, length = TILE_HEAD.unpack(_exactly(file, TILE_HEAD.size))
        if (row, column) <= before or row * TILE >= head.height or column * TILE >= head.width:
            raise _broken()
        if length > BITS + 1024:
            raise _broken()
        tile = PackedTile(row, column, _unpacked(_exactly(file, length)))
        _check_inside(tile, head)
        before = (row, column)
        yield tile
    if file.read(1):
        raise _broken()


def _unpacked_bits(bits: bytes) -> Bits:
    return np.unpackbits(np.frombuffer(bits, np.uint8)).reshape(TILE, TILE).view(np.bool_)


def _unpacked(packed: bytes) -> bytes:
    unpacking = zlib.decompressobj()
    try:
        bits = unpacking.decompress(packed, BITS + 1)
    except zlib.error:
        raise _broken() from None
    if len(bits) != BITS or not unpacking.eof or unpacking.unused_data or not any(bits):
        raise _broken()
    return bits


def _check_inside(tile: PackedTile, head: Head) -> None:
    """Refuse marks outside the picture: they would not survive reading."""
    below, right = head.height - tile.row * TILE, head.width - tile.column * TILE
    if below >= TILE and right >= TILE:
        return
    marked = _unpacked_bits(tile.bits)
    if marked[max(below, 0) :].any() or marked[:, max(right, 0) :].any():
        raise _broken()


def _exactly(file: IO[bytes], count: int) -> bytes:
    data = file.read(count)
    if len(data) != count:
        raise _broken()
    return data


def _broken() -> MaskError:
    return MaskError("The mask file is damaged.")
