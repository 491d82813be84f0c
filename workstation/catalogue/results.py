"""What was made of a layer, remembered: the files, and the records of the operations that made them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workstation.catalogue.facts import Layer
from workstation.files import FileMade

if TYPE_CHECKING:
    from workstation.catalogue.catalogue import Catalogue


def remember(
    catalogue: Catalogue, layer_id: int, files: Iterable[FileMade], records: Iterable[Mapping[str, Any]] = ()
) -> None:
    """Keep the records of a render, and each file with the credential that lies beside it."""
    made = {file.path: file for file in files}
    for record in records:
        catalogue.add_record(layer_id, dict(record))
    for path, file in made.items():
        if file.kind != "credential":
            beside = path.with_name(f"{path.name}.c2pa")
            catalogue.add_export(path, file.kind, file.sha256, layer_id, beside if beside in made else None)


def layers_of_scan(catalogue: Catalogue, sha256: str, page: int = 0) -> tuple[Layer, ...]:
    """Return the layers that show a scan, known by its content; none where it was never catalogued."""
    scans = {scan.id: scan for scan in catalogue.scans() if (scan.sha256, scan.page) == (sha256, page)}
    paintings = {scan.painting_id for scan in scans.values() if scan.painting_id is not None}
    layers = (layer for painting in paintings for layer in catalogue.layers(painting))
    return tuple(layer for layer in layers if layer.scan_id in scans)


def files_of(sha256: str) -> tuple[Path, ...]:
    """Return where the user's catalogue knows files to lie that have that content, or had it when treated.

    A scan that was signed in place has another hash since, but the records of its treatments keep the former.
    """
    from workstation.catalogue.catalogue import open_catalogue

    with open_catalogue() as catalogue:
        treated = catalogue.scans_treated_as(sha256)
        return tuple(scan.path for scan in catalogue.scans() if scan.sha256 == sha256 or scan.id in treated)
