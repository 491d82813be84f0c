"""What travels with a page of a TIFF: a little read at once, all the rest when somebody asks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from workstation.portable import ReadOnlyFile
from workstation.scans.carried import carried_of, tags_named
from workstation.scans.directories import Directories, Directory
from workstation.scans.profiles import srgb_profile
from workstation.scans.source import Metadata
from workstation.scans.tags import READ, said_by
from workstation.scans.upright import orientation_of

_BLACK_IS_ZERO, _RGB = 1, 2


def metadata_of(
    path: Path, file: ReadOnlyFile, found: Directories, directory: Directory, page: Any, made_from: str | None
) -> Metadata:
    """Return what travels with a page; `made_from` names the colours that became sRGB, if they did."""
    orientation = orientation_of(page.tags.valueof(274))
    unchanged = not made_from and _is_unchanged(page)
    metadata = said_by(tags_named(path, file, found, directory, orientation, READ))
    return replace(
        metadata,
        icc=srgb_profile() if made_from else metadata.icc,
        white=_white(page),
        carried=lambda: carried_of(path, file, found, directory, orientation, unchanged=unchanged),
    )


def _is_unchanged(page: Any) -> bool:
    """Tell whether the pixels are the samples of the file: grey or RGB of whole bytes."""
    whole = page.dtype is not None and page.bitspersample == page.dtype.itemsize * 8
    return whole and 262 in page.tags and int(page.photometric) in (_BLACK_IS_ZERO, _RGB)


def _white(page: Any) -> int | None:
    """Return the highest sample of scans of 9 to 15 or 24 bits, also where we kept such a scan in more bits.

    Other programmes put any number into tag 281 (the highest sample used): only all bits set counts.
    """
    bits = page.bitspersample
    if page.dtype is None or page.dtype.kind != "u" or not isinstance(bits, int) or bits <= 8:
        return None
    if bits not in (16, 32, 64):
        return (1 << bits) - 1
    most = page.tags.valueof(281)
    most = most[0] if isinstance(most, tuple) and len(set(most)) == 1 else most
    if isinstance(most, int) and 255 < most < (1 << bits) - 1 and most & (most + 1) == 0:
        return most
    return None
