"""The one door through which pictures come in: `open_scan` for pixels, `describe` for facts.

A scan is opened read-only and never changed. What a file claims is checked before memory is spent on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from workstation.errors import ScanError
from workstation.scans.picture import open_picture
from workstation.scans.scan import PageInfo, Scan, ScanInfo
from workstation.scans.tiff import open_tiff, open_tiff_pages

__all__ = ["PageInfo", "Scan", "ScanInfo", "describe", "open_pages", "open_scan"]

_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG")


def open_scan(path: Path, page: int = 0) -> Scan:
    """Open one page of a TIFF, BigTIFF, JPEG or PNG, or raise ScanError with one sentence."""
    if _is_tiff(path):
        return Scan(path, open_tiff(path, page))
    return Scan(path, open_picture(path, page))


def open_pages(path: Path) -> Iterator[Scan]:
    """Open every page of a file, one after the other; each is closed when the next is asked for."""
    for parts in open_tiff_pages(path) if _is_tiff(path) else (open_picture(path, 0),):
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
