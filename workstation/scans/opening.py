"""The one door through which pictures come in: `open_scan` for pixels, `describe` for facts.

A scan is opened read-only and never changed. What a file claims is checked before memory is spent on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from workstation.errors import ScanError
from workstation.inplace import mend_where_possible
from workstation.scans.cache import Share, TileCache
from workstation.scans.computed import LARGE_PIXELS
from workstation.scans.kept import use_kept
from workstation.scans.picture import open_picture
from workstation.scans.scan import PageInfo, Scan, ScanInfo
from workstation.scans.stacking import Looking
from workstation.scans.tiff import open_tiff, open_tiff_pages

__all__ = ["PageInfo", "Scan", "ScanInfo", "describe", "open_pages", "open_scan", "pages_to_read_once"]

_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_ONCE_BYTES = 32 << 20
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG")


def open_scan(path: Path, page: int = 0, *, to_look: bool = False) -> Scan:
    """Open one page of a TIFF, BigTIFF, JPEG or PNG, or raise ScanError with one sentence.

    Coarser levels that the file lacks are read where they are kept (`levelling.build_levels`), else computed:
    exactly, or, where somebody only wants `to_look`, as a sketch that is there much sooner.
    """
    mend_where_possible(path)
    if not _is_tiff(path):
        return Scan(path, open_picture(path, page))
    scan = Scan(path, open_tiff(path, page, Looking(exact_pixels=LARGE_PIXELS) if to_look else None))
    try:
        use_kept(scan)
    except BaseException:
        scan.close()
        raise
    return scan


def open_pages(path: Path) -> Iterator[Scan]:
    """Open every page of a file, one after the other; each is closed when the next is asked for."""
    mend_where_possible(path)
    for parts in open_tiff_pages(path) if _is_tiff(path) else (open_picture(path, 0),):
        with Scan(path, parts) as scan:
            yield scan


def pages_to_read_once(path: Path) -> Iterator[Scan]:
    """Open every page of a TIFF as `open_pages` does, for who reads all pixels once: with little memory."""
    for parts in open_tiff_pages(path, lambda: Looking(stored=Share(TileCache(_ONCE_BYTES)))):
        with Scan(path, parts) as scan:
            yield scan


def describe(path: Path) -> ScanInfo:
    """Return the facts of every page of a file."""
    return ScanInfo(path, tuple(scan.page for scan in open_pages(path)))


def _is_tiff(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(4)
    if head in _TIFF:
        return True
    if not head.startswith(_PICTURES):
        raise ScanError(
            f"{path} is not a picture this programme reads. It reads TIFF, BigTIFF, JPEG and PNG."
        )
    return False
