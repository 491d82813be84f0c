"""A scan as a pyramid that leaves the house: the same pixels, signed, with the scan as its parent."""

from __future__ import annotations

from pathlib import Path

from workstation.credentials.certificates import Studio
from workstation.credentials.content import Action, Content, Ingredient
from workstation.credentials.door import check_exports, export
from workstation.files import FileMade
from workstation.jobs import Job, Progress
from workstation.resumable import resumable
from workstation.scans.encoding import Compression
from workstation.scans.identity import check_unchanged, witness, work_on
from workstation.scans.opening import open_scan
from workstation.scans.resuming import resume_pyramid
from workstation.scans.source import Damage
from workstation.scans.thumbnail import thumbnail


def export_pyramid(
    source: Path,
    target: Path,
    studio: Studio,
    *,
    page: int = 0,
    compression: Compression = "zstd",
    replace: bool = False,
) -> Job[tuple[tuple[FileMade, ...], tuple[Damage, ...]]]:
    """Write one page of a scan as a signed pyramid; return its files and the scan's damaged tiles.

    The same export of the same scan goes on where an earlier one was stopped.
    """
    check_exports([target], replace=replace, keep=[source])
    unchanged = witness(source)
    work = work_on(source, page, what="pyramid", compression=compression)
    with resumable(target, work) as folder:
        draft = folder / target.name
        with open_scan(source, page) as scan:
            damaged = yield from resume_pyramid(scan, draft, compression=compression, witness=unchanged)
        with open_scan(draft) as picture:  # has coarse levels, which the scan may lack
            content = _content(source, compression, thumbnail(picture))
        yield Progress(0, 1, "signing")
        check_unchanged(source, work)
        return export(draft, target, "pyramid", content, studio, replace=replace), damaged


def _content(source: Path, compression: Compression, picture: bytes) -> Content:
    opened = Action("c2pa.opened", description=f"Opened {source.name}")
    loss = "with JPEG's loss" if compression == "jpeg" else "without loss"
    packed = Action("c2pa.transcoded", description=f"Stored as a pyramid, {compression}, {loss}")
    return Content(source.name, (opened, packed), (Ingredient(source, source.name),), thumbnail=picture)
