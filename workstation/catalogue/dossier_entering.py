"""Entering a dossier that was found sound: one transaction, so that all of it arrives or nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workstation.catalogue.dossier_contents import Contents, LayerContents
from workstation.catalogue.exports import record_row
from workstation.catalogue.facts import Arrival
from workstation.catalogue.shelf import Row, put, rows_of
from workstation.errors import CatalogueError

if TYPE_CHECKING:
    from workstation.catalogue.catalogue import Catalogue

ABSENT = "not-here"
"""Stands for the folder of a file that is only known by its name: nothing ever lies there."""


def enter(catalogue: Catalogue, contents: Contents) -> Arrival:
    """Enter painting, scans, layers, histories, records and exports."""
    absent = catalogue.folder / ABSENT
    with catalogue.database.changing() as database:
        _check_new(database, contents.painting["uid"])
        painting = put(database, "paintings", contents.painting)
        for note in contents.notes:
            put(database, "notes", {**note, "painting_id": painting})
        scans = [_scan(database, painting, row, absent) for row in contents.scans]
        for layer in contents.layers:
            _layer(database, painting, scans[layer.scan], layer, absent)
        entries = tuple(map(catalogue.scan, scans))
        return Arrival(catalogue.painting(painting), entries, catalogue.layers(painting))


def _check_new(database: Any, uid: str) -> None:
    for row in rows_of(database, "paintings", "uid = ?", [uid]):
        number = row["id"]
        back = f" It was removed; bring it back by: workstation catalogue restore {number}"
        raise CatalogueError(
            f"This painting is in the catalogue already, as number {number}. Nothing was changed."
            + (back if row["removed"] else "")
        )


def _scan(database: Any, painting: int, row: Row, absent: Path) -> int:
    known = rows_of(database, "scans", "sha256 = ? AND page = ?", [row["sha256"], row["page"]])
    if known:
        if known[0]["painting_id"] is None:
            database.table("scans").update(known[0]["id"], {"painting_id": painting})
        return int(known[0]["id"])
    values = {key: value for key, value in row.items() if key != "name"}
    return put(database, "scans", {**values, "painting_id": painting, "path": str(absent / row["name"])})


def _layer(database: Any, painting: int, scan: int, layer: LayerContents, absent: Path) -> None:
    transform = json.dumps(layer.row["transform"])
    row = {**layer.row, "transform": transform, "painting_id": painting, "scan_id": scan}
    number = put(database, "layers", row)
    steps: list[int] = []
    for parent, step in layer.steps:
        above = None if parent is None else steps[parent]
        steps.append(put(database, "steps", {**step, "layer_id": number, "parent_id": above}))
    ends = {"cursor": layer.cursor, "tip": layer.tip}
    database.table("layers").update(
        number, {key: None if place is None else steps[place] for key, place in ends.items()}
    )
    for place, record in layer.records:
        own = {"layer_id": number, "step_id": None if place is None else steps[place]}
        put(database, "records", {**record_row(record["record"]), **own, "created": record["created"]})
    for export in layer.exports:
        put(database, "exports", _export(export, number, absent))


def _export(export: Row, layer: int, absent: Path) -> Row:
    credential = export["credential"]
    return {
        "layer_id": layer,
        "path": str(absent / export["name"]),
        "kind": export["kind"],
        "sha256": export["sha256"],
        "credential_path": None if credential is None else str(absent / credential),
        "created": export["created"],
    }
