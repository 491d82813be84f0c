"""Scans: where their files lie, known by SHA-256, and found again when somebody moved them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workstation.catalogue import checking
from workstation.catalogue.facts import ScanEntry
from workstation.catalogue.shelf import Row, Shelf, put, row_of, rows_of
from workstation.errors import UsageError
from workstation.jobs import Job, finish
from workstation.scans.identity import hashing

if TYPE_CHECKING:
    from workstation.scans.opening import PageInfo


class Scans(Shelf):
    """The part of the catalogue that knows the picture files; it never changes, moves or deletes one."""

    def add_scan(
        self,
        path: Path,
        page: int = 0,
        painting_id: int | None = None,
        kind: str | None = None,
        pixels_per_mm: float | None = None,
    ) -> ScanEntry:
        """Enter one page of a picture file; a file that is known already keeps its entry."""
        return finish(self.adding_scan(path, page, painting_id, kind, pixels_per_mm))

    def adding_scan(
        self,
        path: Path,
        page: int | None = 0,
        painting_id: int | None = None,
        kind: str | None = None,
        pixels_per_mm: float | None = None,
    ) -> Job[ScanEntry]:
        """Enter a scan as a job, for a large file takes a while to hash."""
        entries = yield from self.adding_pages(path, (page or 0,), painting_id, kind, pixels_per_mm)
        return entries[0]

    def adding_pages(
        self,
        path: Path,
        pages: tuple[int, ...] | None = None,
        painting_id: int | None = None,
        kind: str | None = None,
        pixels_per_mm: float | None = None,
    ) -> Job[tuple[ScanEntry, ...]]:
        """Enter several pages of one file, or with None all of them, hashing the file once."""
        rows = yield from measuring(path, pages)
        return self.enter_scans(rows, painting_id, kind, pixels_per_mm)

    def enter_scans(
        self,
        measured: tuple[Row, ...],
        painting_id: int | None = None,
        kind: str | None = None,
        pixels_per_mm: float | None = None,
    ) -> tuple[ScanEntry, ...]:
        """Enter what `measuring` found; what is said here wins over what the file says of itself."""
        given: Row = {
            "kind": None if kind is None else checking.text(kind, "kind", 100),
            "pixels_per_mm": checking.positive(pixels_per_mm, "number of pixels per mm"),
            "painting_id": painting_id,
        }
        said = {key: value for key, value in given.items() if value is not None}
        with self.database.changing() as database:
            if painting_id is not None:
                row_of(database, "paintings", "painting", painting_id)
            return tuple(_enter(database, row, said) for row in measured)

    def scan(self, scan_id: int) -> ScanEntry:
        """Return one scan; CatalogueError where there is none of that number."""
        with self.database.reading() as database:
            return scan_from(row_of(database, "scans", "scan", scan_id))

    def scans(self, painting_id: int | None = None) -> tuple[ScanEntry, ...]:
        """Return the scans of a painting, or all of them."""
        where, values = ("1", []) if painting_id is None else ("painting_id = ?", [painting_id])
        with self.database.reading() as database:
            return tuple(map(scan_from, rows_of(database, "scans", where, values)))

    def scans_at(self, path: Path) -> tuple[ScanEntry, ...]:
        """Return the pages known of the file at `path`, none where its name is no text."""
        where, place = "path = ?", str(path.absolute())
        try:
            place.encode()
        except UnicodeEncodeError:  # the catalogue is text
            return ()
        with self.database.reading() as database:
            return tuple(map(scan_from, rows_of(database, "scans", where, [place])))

    def change_scan(self, scan_id: int, **changes: Any) -> ScanEntry:
        """Change a scan's painting_id, kind or pixels_per_mm."""
        unknown = sorted(set(changes) - {"painting_id", "kind", "pixels_per_mm"})
        if unknown:
            raise UsageError(f"The {unknown[0]} of a scan cannot be changed.")
        if "kind" in changes:
            changes["kind"] = checking.text(changes["kind"], "kind", 100)
        if "pixels_per_mm" in changes:
            changes["pixels_per_mm"] = checking.positive(changes["pixels_per_mm"], "number of pixels per mm")
        with self.database.changing() as database:
            row_of(database, "scans", "scan", scan_id)
            if changes.get("painting_id") is not None:
                row_of(database, "paintings", "painting", changes["painting_id"])
            database.table("scans").update(scan_id, changes)
            return self.scan(scan_id)

    def follow_scan(self, path: Path, size_before: int, sha256: str) -> int:
        """Know the scans at `path` by the file's new content, and return how many there are.

        For a file that was signed in place, or whose signature was taken off: the picture is the same.
        """
        place, size = path.absolute(), path.stat().st_size
        known = [scan for scan in self.scans_at(place) if scan.size_bytes == size_before]
        with self.database.changing() as database:
            for scan in known:
                if not rows_of(database, "scans", "sha256 = ? AND page = ?", [sha256, scan.page]):
                    database.table("scans").update(scan.id, {"sha256": sha256, "size_bytes": size})
        return len(known)

    def missing_scans(self) -> tuple[ScanEntry, ...]:
        """Return the scans whose file no longer lies where it was, or has another size there."""
        return tuple(scan for scan in self.scans() if not in_place(scan))

    def finding_moved(
        self, scans: tuple[ScanEntry, ...], folders: Iterable[Path]
    ) -> Job[tuple[ScanEntry, ...]]:
        """Look for the files of many scans in one walk; only files of the right size are hashed."""
        wanted: dict[int, dict[str, list[ScanEntry]]] = {}
        for scan in scans:
            wanted.setdefault(scan.size_bytes, {}).setdefault(scan.sha256, []).append(scan)
        found: list[ScanEntry] = []
        for path in files_below(folders):
            here = wanted.get(_size(path), {})
            if not here:
                continue
            try:
                sha256 = yield from hashing(path)
            except OSError:
                continue  # gone or unreadable: it cannot be the one
            for scan in here.pop(sha256, []):
                found.append(self._move(scan, path))
        return tuple(found)

    def _move(self, scan: ScanEntry, path: Path) -> ScanEntry:
        with self.database.changing() as database:
            database.table("scans").update(scan.id, {"path": str(checking.path(path))})
            return self.scan(scan.id)


def in_place(scan: ScanEntry) -> bool:
    """Tell whether a file of the scan's size lies where the catalogue says."""
    return _size(scan.path) == scan.size_bytes


def scan_from(row: Row) -> ScanEntry:
    """Read a row of the table of scans."""
    return ScanEntry(**{**row, "path": Path(row["path"])})


def files_below(folders: Iterable[Path]) -> Iterator[Path]:
    """Yield the files of folders and below, each once; links to folders are not followed."""
    for folder in folders:
        for place, below, names in os.walk(folder):
            below.sort()
            yield from (Path(place, name) for name in sorted(names))


def _size(path: Path) -> int:
    try:
        status = path.stat()
    except (OSError, ValueError):
        return -1
    return status.st_size if path.is_file() else -1


def _page(path: Path, pages: tuple[PageInfo, ...], index: int) -> PageInfo:
    if not 0 <= index < len(pages):
        raise UsageError(f"{path.name} has no page {index}; it has {len(pages)}, counted from 0.")
    return pages[index]


def measuring(path: Path, pages: tuple[int, ...] | None = None) -> Job[tuple[Row, ...]]:
    """Read what is to be known of a file's pages, by default of all; the file is hashed once."""
    from workstation.scans.opening import describe

    path = checking.path(path)
    known = describe(path).pages
    chosen = [_page(path, known, index) for index in (range(len(known)) if pages is None else pages)]
    size = path.stat().st_size
    sha256 = yield from hashing(path)
    whole = {"path": str(path), "sha256": sha256, "size_bytes": size}
    return tuple({**whole, **_measured(page)} for page in chosen)


def _measured(page: PageInfo) -> Row:
    return {
        "page": page.index,
        "kind": page.kind or "",
        "pixels_per_mm": page.pixels_per_mm,
        "width_px": page.width,
        "height_px": page.height,
    }


def _enter(database: Any, row: Row, said: Row) -> ScanEntry:
    """Add a scan's row, or bring the one of the same file and page up to date."""
    known = rows_of(database, "scans", "sha256 = ? AND page = ?", [row["sha256"], row["page"]])
    if not known:
        return scan_from({**row, "painting_id": None, **said, "id": put(database, "scans", {**row, **said})})
    old = scan_from(known[0])
    changes = said if in_place(old) else {**said, "path": row["path"]}
    if changes:
        database.table("scans").update(old.id, changes)
    return scan_from(row_of(database, "scans", "scan", old.id))
