"""TIFF and BigTIFF: which pages are scans, which are their coarser levels, and how they are opened."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tifffile

from workstation.errors import ScanError
from workstation.portable import ReadOnlyFile
from workstation.scans.cache import TILES
from workstation.scans.directories import Directory, walk
from workstation.scans.kinds import kind_of
from workstation.scans.pieces import MAX_PIECE, Pieces, pieces_of
from workstation.scans.profiles import profile_name
from workstation.scans.samples import COMPRESSIONS, samples_of
from workstation.scans.scan import DamageLog, PageInfo, Parts
from workstation.scans.stacking import stack_levels
from workstation.scans.tags import metadata_of

logging.getLogger("tifffile").addHandler(logging.NullHandler())  # our sentences say what its log would
_REDUCED, _MASK = 1, 4


@dataclass(frozen=True, slots=True)
class Stack:
    """One scan of a file: its full picture and the reduced copies that may be its levels."""

    full: Directory
    reduced: tuple[Directory, ...]


def open_tiff(path: Path, page: int) -> Parts:
    """Open one scan of a TIFF; raise ScanError where that cannot be."""
    file = ReadOnlyFile(path)
    try:
        stacks = stacks_of(walk(path, file))
        if not 0 <= page < len(stacks):
            raise ScanError(f"{path} has {len(stacks)} pages, counted from 0; there is no page {page}.")
        with _parser(path) as parser:
            return _open_stack(path, file, parser, stacks[page], page, len(stacks))
    except BaseException:
        file.close()
        raise


def count_pages(path: Path) -> int:
    """Return how many scans a TIFF holds."""
    file = ReadOnlyFile(path)
    try:
        return len(stacks_of(walk(path, file)))
    finally:
        file.close()


def stacks_of(directories: list[Directory]) -> list[Stack]:
    """Sort the pages of a file: each full one is a scan, reduced ones belong to the full one before them."""
    pictures = [directory for directory in directories if not directory.subfile & _MASK]
    stacks: list[Stack] = []
    for directory in pictures or directories:
        if directory.subfile & _REDUCED and stacks:
            stacks[-1] = Stack(stacks[-1].full, (*stacks[-1].reduced, directory))
        else:
            stacks.append(Stack(directory, tuple(below for below in directory.below if below.is_picture)))
    return stacks


@contextmanager
def _parser(path: Path) -> Iterator[tifffile.TiffFile]:
    """Open tifffile, whose ten kinds of exceptions become one sentence."""
    try:
        parser = tifffile.TiffFile(path)
    except Exception as error:
        raise _unreadable(path, error) from error
    with parser:
        yield parser


def _page(path: Path, parser: tifffile.TiffFile, directory: Directory, index: int) -> Any:
    try:
        first = parser.pages.first
        if first.offset == directory.offset:
            return first
        parser.filehandle.seek(directory.offset)
        return tifffile.TiffPage(parser, index=index)
    except Exception as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> ScanError:
    return ScanError(f"{path} is not a TIFF that can be read: {str(error)[:200] or type(error).__name__}.")


def _open_stack(
    path: Path, file: ReadOnlyFile, parser: tifffile.TiffFile, stack: Stack, index: int, pages: int
) -> Parts:
    full = _page(path, parser, stack.full, index)
    damage, owner = DamageLog(index), object()
    finest = _pieces(path, full, file)
    reduced = [piece for piece in (_reduced(path, file, parser, below) for below in stack.reduced) if piece]
    grids, stored = stack_levels(finest, reduced, damage, owner)
    metadata = metadata_of(full)
    name = metadata.page_name
    info = PageInfo(
        index=index,
        name=name,
        kind=kind_of(name, metadata.description, path.stem if pages == 1 else None),
        width=finest.width,
        height=finest.height,
        channels=finest.samples.channels,
        dtype=str(finest.samples.dtype),
        compression=COMPRESSIONS[finest.compression],
        levels=len(stored),
        icc=profile_name(metadata.icc),
        pixels_per_mm=metadata.pixels_per_mm,
    )

    def close() -> None:
        TILES.forget(owner)
        file.close()

    return Parts(info, grids, stored, metadata, damage, close)


def _reduced(path: Path, file: ReadOnlyFile, parser: tifffile.TiffFile, below: Directory) -> Pieces | None:
    """Return a reduced copy, or None where it is of no use: then the level is computed."""
    try:
        return _pieces(path, _page(path, parser, below, 0), file)
    except ScanError:
        return None


def _pieces(path: Path, page: Any, file: ReadOnlyFile) -> Pieces:
    samples = samples_of(path, page)
    try:
        page.decode(None, 0, **({"jpegtables": None} if int(page.compression) in (6, 7) else {}))
    except Exception as error:
        raise _unreadable(path, error) from error
    pieces = pieces_of(path, page, samples, file)
    if not pieces.plain_rows and pieces.nbytes > MAX_PIECE:
        raise ScanError(
            f"{path} is compressed in one piece of {pieces.nbytes >> 20} MB, too large to read in parts. "
            "Save it in tiles or in strips."
        )
    return pieces
