"""TIFF and BigTIFF: which pages are scans, which are their coarser levels, and how they are opened."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from workstation.errors import ScanError
from workstation.portable import ReadOnlyFile
from workstation.scans.damaged import DamageLog
from workstation.scans.directories import Directories, Directory, walk
from workstation.scans.fingerprint import identity_of
from workstation.scans.identity import check_still
from workstation.scans.kinds import kind_of
from workstation.scans.logluv import is_light, light_decoder
from workstation.scans.metadata import metadata_of
from workstation.scans.oldjpeg import OLD_JPEG, old_jpeg
from workstation.scans.page import page_of, unreadable
from workstation.scans.pieces import MAX_PIECE, PLAUSIBLE, WIDE, Pieces, pieces_of
from workstation.scans.profiles import profile_name
from workstation.scans.samples import COMPRESSIONS, samples_of
from workstation.scans.scan import Grid, PageInfo, Parts
from workstation.scans.source import Metadata
from workstation.scans.stacking import Looking, add_coarser, stack_levels
from workstation.scans.upright import orientation_of, upright
from workstation.scans.ycbcr import is_packed, subsampled_decoder

logging.getLogger("tifffile").addHandler(logging.NullHandler())  # our sentences say what its log would
_REDUCED, _MASK = 1, 4


@dataclass(frozen=True, slots=True)
class Stack:
    """One scan of a file: its full picture and the reduced copies that may be its levels."""

    full: Directory
    reduced: tuple[Directory, ...]


@dataclass(frozen=True, slots=True)
class _Levels:
    """The levels of one scan, and how the memory that they hold themselves is given back."""

    grids: tuple[Grid, ...]
    stored: tuple[int, ...]
    made_from: str | None
    extra: tuple[int, ...] | None
    drop: Callable[[], None]


def open_tiff(path: Path, page: int, looking: Looking | None = None) -> Parts:
    """Open one scan of a TIFF; raise ScanError where that cannot be."""
    file = ReadOnlyFile(path)
    try:
        found = walk(path, file)
        stacks = stacks_of(found)
        if not 0 <= page < len(stacks):
            pages = "one page" if len(stacks) == 1 else f"{len(stacks)} pages"
            raise ScanError(f"{path} has {pages}, counted from 0; there is no page {page}.")
        parts = _open_stack(path, file, found, stacks, page, looking or Looking())
    except BaseException:
        file.close()
        raise

    def close() -> None:
        parts.close()
        file.close()

    return replace(parts, close=close)


def open_tiff_pages(path: Path, looking: Callable[[], Looking] = Looking) -> Iterator[Parts]:
    """Open the scans of a TIFF one after the other, all of one open file: each is closed before the next.

    The directories are walked once, so ChangedError where the file is written to meanwhile.
    """
    with closing(ReadOnlyFile(path)) as file:
        found = walk(path, file)
        stacks = stacks_of(found)
        for page in range(len(stacks)):
            check_still(file)
            yield _open_stack(path, file, found, stacks, page, looking())


def stacks_of(found: Directories) -> list[Stack]:
    """Sort the pages of a file: each full one is a scan, reduced ones belong to the full one before them."""
    pictures = [directory for directory in found.pictures if not directory.subfile & _MASK]
    stacks: list[Stack] = []
    for directory in pictures or found.pictures:
        if directory.subfile & _REDUCED and stacks:
            stacks[-1] = Stack(stacks[-1].full, (*stacks[-1].reduced, directory))
        else:
            stacks.append(Stack(directory, tuple(below for below in directory.below if below.is_picture)))
    return stacks


def _open_stack(
    path: Path, file: ReadOnlyFile, found: Directories, stacks: list[Stack], index: int, looking: Looking
) -> Parts:
    stack = stacks[index]
    page = page_of(path, file, found, stack.full)
    orientation = orientation_of(page.tags.valueof(274))
    damage = DamageLog(index, orientation)
    in_memory = int(page.compression) == OLD_JPEG
    if in_memory:
        whole = old_jpeg(path, file, page, found.pictures.index(stack.full), damage)
        grids = add_coarser(upright(whole, orientation), looking.computed)
        levels = _Levels(grids, (0,), None, None, whole.drop)
    else:
        levels = _levels(path, file, found, stack, page, damage, looking, orientation)
    metadata = metadata_of(path, file, found, stack.full, page, levels.made_from)
    metadata = replace(metadata, extra=levels.extra)
    info = _info(index, page, levels, metadata, path.stem if len(stacks) == 1 else None)

    def close() -> None:
        levels.drop()
        looking.forget()

    identity = None if in_memory else cache(partial(identity_of, path, file, (stack.full, *stack.reduced)))
    return Parts(info, levels.grids, levels.stored, metadata, damage, close, looking.computed, identity)


def _levels(
    path: Path,
    file: ReadOnlyFile,
    found: Directories,
    stack: Stack,
    page: Any,
    damage: DamageLog,
    looking: Looking,
    orientation: int,
) -> _Levels:
    finest = _pieces(path, file, found, stack.full, page)
    reduced = [piece for piece in (_reduced(path, file, found, below) for below in stack.reduced) if piece]
    grids, stored = stack_levels(finest, reduced, damage, looking, orientation)
    return _Levels(grids, stored, finest.samples.made_from, finest.samples.extra, lambda: None)


def _info(index: int, page: Any, levels: _Levels, metadata: Metadata, file_name: str | None) -> PageInfo:
    name, full = metadata.page_name, levels.grids[0].level
    return PageInfo(
        index=index,
        name=name,
        kind=kind_of(name, metadata.description, file_name),
        width=full.width,
        height=full.height,
        channels=full.channels,
        dtype=str(full.dtype),
        compression=COMPRESSIONS[int(page.compression)],
        levels=len(levels.stored),
        icc=profile_name(metadata.icc),
        pixels_per_mm=metadata.pixels_per_mm,
        made_from=levels.made_from,
        orientation=orientation_of(page.tags.valueof(274)),
    )


def _reduced(path: Path, file: ReadOnlyFile, found: Directories, below: Directory) -> Pieces | None:
    """Return a reduced copy, or None where it is of no use: then the level is computed."""
    try:
        return _pieces(path, file, found, below, page_of(path, file, found, below))
    except ScanError:
        return None


def _pieces(path: Path, file: ReadOnlyFile, found: Directories, directory: Directory, page: Any) -> Pieces:
    samples = samples_of(path, page)
    pieces = pieces_of(path, file, found, directory, page, samples, _decoder(path, page))
    if not pieces.plain_rows and pieces.heaviest > (MAX_PIECE if pieces.size[1] <= WIDE else PLAUSIBLE):
        raise ScanError(
            f"{path} is compressed in one piece of {pieces.heaviest >> 20} MB, too large to read in parts. "
            "Save it in tiles."
        )
    return pieces


def _decoder(path: Path, page: Any) -> Callable[..., Any]:
    if is_packed(page):
        return subsampled_decoder(page)
    if is_light(page):
        return light_decoder(page)
    try:
        page.decode(None, 0, **({"jpegtables": None} if int(page.compression) == 7 else {}))
    except Exception as error:
        raise unreadable(path, error) from error
    return page.decode  # type: ignore[no-any-return]
