"""Taking picture files in: each page becomes a scan, and a layer of the painting it shows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workstation.catalogue.facts import Arrival, Layer, Painting, ScanEntry
from workstation.catalogue.scans import measuring
from workstation.errors import CatalogueError, UsageError
from workstation.jobs import Job

if TYPE_CHECKING:
    from workstation.catalogue.catalogue import Catalogue
    from workstation.catalogue.shelf import Row


def taking_in(
    catalogue: Catalogue,
    paths: Sequence[Path],
    fields: dict[str, Any],
    *,
    painting_id: int | None = None,
    kind: str | None = None,
    pixels_per_mm: float | None = None,
) -> Job[Arrival]:
    """Enter files as scans and layers of one painting; either all of them arrive or none.

    The painting is the one of `painting_id`, or the one with the accession number in `fields`, or the one
    that the files belong to already (then `fields` correct it), or else a new one, named after the first file
    where `fields` has no title.
    """
    if not paths:
        raise UsageError("No scan was named.")
    rows: list[Row] = []
    for path in paths:
        rows.extend((yield from measuring(path)))
    with catalogue.database.changing():
        scans = catalogue.enter_scans(tuple(rows), None, kind, pixels_per_mm)
        painting = _painting(catalogue, scans, fields, painting_id)
        scans = tuple(catalogue.change_scan(scan.id, painting_id=painting.id) for scan in scans)
        layers = tuple(_layer(catalogue, painting, scan) for scan in scans)
    return Arrival(painting, scans, layers)


def _painting(
    catalogue: Catalogue, scans: tuple[ScanEntry, ...], fields: dict[str, Any], painting_id: int | None
) -> Painting:
    if painting_id is not None:
        found = catalogue.painting(painting_id)
        return catalogue.change_painting(found.id, **fields) if fields else found
    if fields.get("accession"):
        same = catalogue.paintings_named(fields["accession"])
        if len(same) > 1:
            raise CatalogueError(
                f"{len(same)} paintings have the accession number {fields['accession']}. "
                "Say which one by its number in the catalogue."
            )
        if same:
            return same[0]
    there = {painting.id: painting for painting in catalogue.paintings()}
    known = [there[scan.painting_id] for scan in scans if scan.painting_id in there]
    if known and known[0].accession in ("", fields.get("accession", known[0].accession)):
        return catalogue.change_painting(known[0].id, **fields) if fields else known[0]
    return catalogue.add_painting(**{"title": scans[0].path.stem, **fields})


def _layer(catalogue: Catalogue, painting: Painting, scan: ScanEntry) -> Layer:
    """Return the layer of a scan on its painting; a scan that was taken in before has one."""
    for layer in catalogue.layers(painting.id):
        if layer.scan_id == scan.id:
            return layer
    return catalogue.add_layer(painting.id, scan.id)
