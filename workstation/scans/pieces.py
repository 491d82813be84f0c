"""The encoded pieces (tiles or strips) of one TIFF picture, and how one is decoded without harm.

Decoders get only bytes of a known compression, at most the size that the picture allows; whatever they
raise becomes `Undecodable`, and the caller draws zeros and names the piece.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from workstation.errors import ScanError
from workstation.portable import ReadOnlyFile
from workstation.scans.declared import Size, declared_size, must_declare
from workstation.scans.direct import Direct, Room, direct_of
from workstation.scans.directories import Directories, Directory
from workstation.scans.jpegmarks import broken_jpeg
from workstation.scans.page import COUNTS, OFFSETS, Numbers, cut_off_now, numbers
from workstation.scans.samples import COMPRESSIONS, Samples
from workstation.scans.source import Box, Pixels
from workstation.scans.undecodable import CUT_OFF, Undecodable
from workstation.scans.ycbcr import is_packed

_UNREAD = "the disk cannot read it"
_NO_MEMORY = "not enough memory"
"""What zstd says where it finds none."""
MAX_PIECE = 256 << 20
"""No decoded tile or strip may be larger than this many bytes: decoding takes about three times as much."""
WIDE = 1 << 16
"""So many blocks lie in a piece wider than this that it must not be decoded anew for each."""
MAX_SIDE = (1 << 31) - 1
"""No picture is wider or higher than this many pixels."""
_FAX, _JPEG, _ZSTD = (2, 3, 4), 7, 50000
_CHECKED = (8, 32946, 34887, 34925)
"""Deflate, LERC and LZMA have a checksum."""
_ZSTD_FRAME, _ZSTD_CHECKSUM = b"\x28\xb5\x2f\xfd", 4
_FIRST = 64
PLAUSIBLE = 64 << 20
MAX_RATIO = 4096
"""A decoded piece above PLAUSIBLE bytes must not be more than so many times its encoded size."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """Where the pieces of one picture lie and what each becomes."""

    height: int
    width: int
    planes: int
    """1, or the number of channels where each has pieces of its own."""
    channels: int
    """Samples of a pixel in one piece."""
    size: tuple[int, int]
    """Rows and columns of a piece."""
    samples: Samples
    compression: int
    offsets: Numbers
    counts: Numbers | None
    """None where an uncompressed file does not say it: then pieces have their natural length."""
    order: Literal["<", ">"]
    file: ReadOnlyFile
    decoder: Callable[..., Any]
    tables: dict[str, Any]
    nodata: Any
    plain_rows: bool
    """True for uncompressed strips, which can be read row by row."""
    highest: int | None = None
    """The highest sample, where the samples have fewer bits than their type."""
    direct: Direct | None = None
    """The short way to decode, where there is one."""

    @property
    def nbytes(self) -> int:
        """The size of a decoded piece."""
        return self.size[0] * self.size[1] * self.channels * self.samples.stored.itemsize

    @property
    def heaviest(self) -> int:
        """The size of a tile with all its planes, as it is stored or as it is shown."""
        stored = self.planes * self.channels * self.samples.stored.itemsize
        return self.size[0] * self.size[1] * max(stored, self.samples.channels * self.samples.dtype.itemsize)

    @property
    def across(self) -> int:
        """The number of pieces in a row."""
        return -(-self.width // self.size[1])

    @property
    def down(self) -> int:
        """The number of pieces in a column."""
        return -(-self.height // self.size[0])

    def place(self, index: int) -> tuple[int, int]:
        """Return offset and length of an encoded piece; either is 0 where the piece was never written."""
        offset = self.offsets[index]
        if self.counts is None:
            return offset, self.rows(index) * self.nbytes // self.size[0]
        count = self.counts[index]
        if not count and offset and self.compression in _FAX and len(self.offsets) == 1:
            count = max(self.file.size - offset, 0)  # old fax programmes left it out
        return offset, count

    def rows(self, index: int) -> int:
        """Return the rows of a piece that lie inside the picture."""
        row = index % (self.across * self.down) // self.across
        return min(self.size[0], self.height - row * self.size[0])

    def box(self, index: int, first: int, end: int) -> Box:
        """Return where rows of a piece lie in the picture."""
        row, column = divmod(index % (self.across * self.down), self.across)
        top, left = row * self.size[0], column * self.size[1]
        return top + first, top + end, left, min(left + self.size[1], self.width)

    def decode(self, index: int, room: Room = np.empty) -> Pixels:
        """Return the stored samples (rows, columns, channels) of a piece, or raise Undecodable.

        Where that can be they lie in what `room` gave.
        """
        data = self._encoded(index)
        if data is None:
            return np.full((self.rows(index), self.size[1], self.channels), self.nodata, self.samples.stored)
        self._check(data, index)
        return self._decoded(data, index, room)

    def has_checksums(self) -> bool:
        """Tell whether any changed bit is found: by its compression, or for zstd by its first tile."""
        if self.compression != _ZSTD:
            return self.compression in _CHECKED
        for index in range(min(self.across * self.down, _FIRST)):
            with suppress(Undecodable):
                data = self._encoded(index)
                if data is not None and len(data) > 4:
                    return data.startswith(_ZSTD_FRAME) and bool(data[4] & _ZSTD_CHECKSUM)
        return False

    def _encoded(self, index: int) -> bytes | None:
        offset, count = self.place(index)
        if offset == 0 or count == 0:
            return None
        if count > 2 * self.nbytes + (1 << 20):
            raise Undecodable(f"its length of {count} bytes makes no sense")
        if offset + count > self.file.size:
            raise Undecodable(CUT_OFF)
        return self.read_at(offset, count)

    def read_at(self, offset: int, count: int) -> bytes:
        """Return exactly so many bytes of the file; raise Undecodable, or ChangedError where it shrank."""
        try:
            data = self.file.read_at(offset, count)
        except OSError as error:
            raise Undecodable(f"{_UNREAD} ({error.strerror})", passing=True) from error
        if len(data) < count:
            raise self._short(offset + count)
        return data

    def read_into(self, offset: int, out: Pixels, step: int = 0) -> None:
        """Fill an array, which lies in one piece, with bytes of the file; raise as `read_at` does.

        With a step, each of its rows begins so many bytes after the last one.
        """
        room = out.reshape(-1).view(np.uint8).data
        size = len(room) // len(out) if step else len(room)
        for at in range(0, len(room), size):  # kept short: of a wide scan these are many thousands
            try:
                read = self.file.read_into(offset, room[at : at + size])
            except OSError as error:
                raise Undecodable(f"{_UNREAD} ({error.strerror})", passing=True) from error
            if read < size:
                raise self._short(offset + size)
            offset += step

    def _short(self, end: int) -> Exception:
        """Return why the file gave less than was asked for, up to `end`."""
        return Undecodable(CUT_OFF) if end > self.file.size else cut_off_now(self.file.path)

    def _check(self, data: bytes, index: int) -> None:
        if self.nbytes > max(PLAUSIBLE, MAX_RATIO * len(data)):
            raise Undecodable(f"{len(data)} bytes cannot hold so many pixels")
        self._check_declared(declared_size(data, self.compression), index)
        broken = broken_jpeg(data, alone=True) if self.compression == _JPEG else None
        if broken:
            raise Undecodable(broken)

    def _check_declared(self, size: Size | None, index: int) -> None:
        if size is None:
            if must_declare(self.compression):
                raise Undecodable("it does not say how large a picture it holds")
            return
        said = f"it holds a picture of {size[1]} × {size[0]} px"
        if size[0] * size[1] > 2 * self.size[0] * self.size[1] + (1 << 16):
            raise Undecodable(f"{said}, larger than the piece")
        if size[2] > self.channels + 4:
            raise Undecodable(f"it holds a picture of {size[2]} channels, more than the scan")
        y0, y1, x0, x1 = self.box(index, 0, self.rows(index))
        is_wide = size[1] == self.size[1] and size[0] >= y1 - y0  # what hangs over the edge may be there
        if not is_wide and size[:2] != (y1 - y0, x1 - x0):  # as many pixels in other rows would be scrambled
            raise Undecodable(f"{said}, which does not fit the piece")

    def _decoded(self, data: bytes, index: int, room: Room) -> Pixels:
        try:
            if (found := self._directly(data, index, room)) is not None:
                return found
            block = self.decoder(data, index, **self.tables)[0]
        except MemoryError as error:
            raise Undecodable("there is not enough free memory to decode it", passing=True) from error
        except Exception as error:
            raise Undecodable(self._reason(error), passing=_NO_MEMORY in str(error)) from error
        if block is None or block.ndim != 4 or block.shape[0] != 1 or block.shape[3] != self.channels:
            raise Undecodable("its shape does not fit the picture")
        if self.samples.stored.kind == "b" and block.dtype == np.uint8:
            block = block.view(bool)  # the fax decoders give bytes of 0 and 1
        if block.dtype != self.samples.stored:
            raise Undecodable(f"it holds {block.dtype} samples")
        if self.highest is not None and block.max(initial=0) > self.highest:
            raise Undecodable(f"it holds samples above {self.highest}, the highest that the scan may have")
        return np.asarray(block[0])

    def _directly(self, data: bytes, index: int, room: Room) -> Pixels | None:
        if self.direct is None:
            return None
        rows = self.size[0] if self.direct.tiled else self.rows(index)
        return self.direct(data, (rows, self.size[1], self.channels), room)

    def _reason(self, error: Exception) -> str:
        words = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        if "cannot be reshaped" in words:
            return "its data are shorter or longer than they should be"
        return f"its {COMPRESSIONS[self.compression]} data are damaged ({words})"


def pieces_of(
    path: Path,
    file: ReadOnlyFile,
    found: Directories,
    directory: Directory,
    page: Any,
    samples: Samples,
    decoder: Callable[..., Any],
) -> Pieces:
    """Return the pieces of a directory; raise ScanError where its tables do not fit its size."""
    height, width = int(page.imagelength), int(page.imagewidth)
    planes = int(page.samplesperpixel) if int(page.planarconfig) == 2 and page.samplesperpixel > 1 else 1
    size = (int(page.tilelength), int(page.tilewidth)) if page.is_tiled else (int(page.rowsperstrip), width)
    if min(height, width, *size) < 1 or max(height, width) > MAX_SIDE:
        raise ScanError(f"{path} is damaged: it says it is {width} × {height} px. Get a good copy.")
    offsets = numbers(file, found, directory, OFFSETS)
    counts = numbers(file, found, directory, COUNTS)
    compression, channels = int(page.compression), 1 if planes > 1 else int(page.samplesperpixel)
    if offsets is None or (counts is None and (compression != 1 or is_packed(page))):
        raise ScanError(f"{path} is damaged: it does not say where its pixels are. Get a good copy.")
    pieces = Pieces(
        height, width, planes, channels, size, samples, compression, offsets, counts, found.order,
        file, decoder, _tables(page), page.nodata, _has_plain_rows(page, samples), _highest(page, samples),
        direct_of(page, samples.stored, found.order),
    )  # fmt: skip
    _check_claims(path, pieces)
    return pieces


def _check_claims(path: Path, pieces: Pieces) -> None:
    size = f"{pieces.width} × {pieces.height} px"
    needed = pieces.across * pieces.down * pieces.planes
    listed = len(pieces.offsets), needed if pieces.counts is None else len(pieces.counts)
    if min(listed) < needed:
        raise ScanError(f"{path} is damaged: {size} need {needed} pieces, it lists fewer. Get a good copy.")
    pixel = pieces.planes * pieces.channels * pieces.samples.stored.itemsize
    room = max(PLAUSIBLE, MAX_RATIO * pieces.file.size)
    if pieces.plain_rows and pieces.height * pieces.width * pixel > room:
        raise ScanError(
            f"{path} is cut off or damaged: it says it is {size}, which its {pieces.file.size:,} bytes "
            "cannot hold. Get a whole copy."
        )


def _tables(page: Any) -> dict[str, Any]:
    if int(page.compression) != _JPEG:
        return {}
    return {"jpegtables": page.jpegtables, "jpegheader": page.jpegheader}


def _has_plain_rows(page: Any, samples: Samples) -> bool:
    plain = page.compression == 1 and page.predictor == 1 and page.fillorder == 1 and not page.is_tiled
    return bool(plain and not is_packed(page) and page.bitspersample == samples.stored.itemsize * 8)


def _highest(page: Any, samples: Samples) -> int | None:
    bits, room = page.bitspersample, samples.stored.itemsize * 8
    fewer = isinstance(bits, int) and bits < room and samples.stored.kind == "u"
    return (1 << bits) - 1 if fewer else None
