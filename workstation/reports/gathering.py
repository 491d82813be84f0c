"""Gathering from the catalogue what a treatment report is to say of one layer of a painting."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from workstation.catalogue.facts import ExportEntry, Layer, ScanEntry
from workstation.catalogue.scans import in_place
from workstation.errors import CatalogueError
from workstation.reports.treatment import TreatmentReport

if TYPE_CHECKING:
    from workstation.catalogue.catalogue import Catalogue

PICTURE = 1200
"""Pixels of the longer side of a report's pictures."""


def gather(catalogue: Catalogue, layer: Layer, created: datetime, author: str = "") -> TreatmentReport:
    """Return the report of a layer; the files of scan and result are looked at where they are in place."""
    painting = catalogue.painting(layer.painting_id)
    scan = catalogue.scan(layer.scan_id)
    result = next((made for made in reversed(catalogue.exports(layer.id)) if made.kind == "restored"), None)
    size = (painting.height_mm, painting.width_mm)
    return TreatmentReport(
        title=painting.title,
        artist=painting.artist,
        accession=painting.accession,
        size_mm=(size[0], size[1]) if size[0] and size[1] else None,
        scan_path=scan.path,
        scan_sha256=scan.sha256,
        scan_page=scan.page,
        scan_kind=scan.kind,
        scan_px=(scan.height_px, scan.width_px),
        records=tuple(entry.record for entry in catalogue.records(layer.id)),
        created=created,
        result_path=result.path if result else None,
        result_sha256=result.sha256 if result else "",
        before=_picture(scan.path, scan.page) if in_place(scan) else None,
        after=_picture(result.path, 0) if result and result.path.is_file() else None,
        author=author,
        credential=_credential(result),
        note=_absent(scan, result),
    )


def layer_to_report(catalogue: Catalogue, painting_id: int, layer_id: int | None = None) -> Layer:
    """Return the named layer of a painting, else the one that was worked on last."""
    catalogue.painting(painting_id)
    layers = {layer.id: layer for layer in catalogue.layers(painting_id)}
    if layer_id is not None:
        if layer_id not in layers:
            raise CatalogueError(f"Painting {painting_id} has no layer {layer_id}.")
        return layers[layer_id]
    if not layers:
        raise CatalogueError(f"Painting {painting_id} has no layer yet. Add a scan of it first.")
    last = {layer: max((entry.id for entry in catalogue.records(layer)), default=0) for layer in layers}
    return layers[max(layers, key=lambda layer: (last[layer], -layer))]


def _picture(path: Path, page: int) -> bytes:
    from workstation.scans.opening import open_scan
    from workstation.scans.thumbnail import thumbnail

    with open_scan(path, page) as scan:
        return thumbnail(scan, PICTURE)


def _credential(result: ExportEntry | None) -> str:
    from workstation.credentials.verifying import verify
    from workstation.files import sha256_of

    if result is None or not result.path.is_file():
        return ""
    if sha256_of(result.path) != result.sha256:
        return "The file of the result is not the one that was exported: it was changed since."
    return verify(result.path).sentence


def _absent(scan: ScanEntry, result: ExportEntry | None) -> str:
    """Say which files could not be looked at for this report."""
    gone = [] if in_place(scan) else ["scan"]
    gone += ["result"] if result and not result.path.is_file() else []
    if not gone:
        return ""
    return (
        f"When this report was made, the file of the {' and that of the '.join(gone)} was not in its place."
    )
