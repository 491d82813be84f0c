"""Files and catalogue entries as layers for the table; called in a thread."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from widgets.lighttable import TableLayer, place_of
from widgets.remembering import CatalogueHistory, layers_with_scans, matrix_of, scale_known
from workstation.errors import ScanError, WorkstationError
from workstation.jobs import Job
from workstation.settings import home

if TYPE_CHECKING:
    from workstation.catalogue.catalogue import Catalogue

MOST_PAGES = 24
"""Pages of one file that are laid on the table by themselves."""


def read_file(path: Path, new_key: Callable[[], str]) -> list[TableLayer]:
    """Open the pages of a file."""
    from workstation.scans.opening import describe, open_scan

    try:
        pages = describe(path).pages[:MOST_PAGES]
    except FileNotFoundError:
        raise ScanError(f"There is no file {path}.") from None
    layers = []
    for page in pages:
        scan = open_scan(path, page.index, to_look=True)
        place, in_mm = place_of(scan)
        name = page.name or (path.stem if len(pages) == 1 else f"{path.stem}, page {page.index + 1}")
        layers.append(
            TableLayer(new_key(), name, page.kind or "", scan, place, in_mm, path.absolute(), page.index)
        )
    return layers


def read_painting(
    catalogue: Catalogue, painting_id: int, new_key: Callable[[], str]
) -> tuple[list[TableLayer], list[str]]:
    """Open a painting's scans as they were left; return those that are missing too."""
    from workstation.scans.opening import open_scan

    layers, missing = [], []
    for entry, scan in layers_with_scans(catalogue, painting_id):
        try:
            source = open_scan(scan.path, scan.page, to_look=True)
        except (OSError, WorkstationError):
            missing.append(scan.path.name)
            continue
        known = scale_known(catalogue, entry, scan)
        layer = TableLayer(
            new_key(), entry.name, scan.kind, source, matrix_of(entry), known, scan.path, scan.page
        )
        layer.catalogue_id = entry.id
        layer.history = CatalogueHistory(catalogue, entry.id)
        layers.append(layer)
    return layers, missing


def read_result(layer: TableLayer, target: Path, key: str) -> TableLayer:
    """Open what was rendered of a layer, in its place."""
    from workstation.scans.opening import open_scan

    result = TableLayer(
        key=key,
        name=f"{layer.name}, restored",
        kind=layer.kind,
        scan=open_scan(target, to_look=True),
        to_painting=layer.to_painting,
        in_mm=layer.in_mm,
        path=target,
        role="restored",
    )
    result.look = layer.look
    return result


def filed(layer: TableLayer) -> Job[Path]:
    """Return the layer's file; a layer that is only computed is written to one first."""
    if layer.path is not None:
        return layer.path
    from workstation.scans.pyramid import write_pyramid

    folder = home() / "computed"  # not "demonstration": that folder is the demo command's own
    folder.mkdir(exist_ok=True)
    return (yield from write_pyramid(layer.scan, folder / f"{layer.kind or layer.key}.tif"))
