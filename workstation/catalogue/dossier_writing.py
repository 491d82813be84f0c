"""A painting as one portable file: a zip of dossier.json and masks; the scans are named by their hashes."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workstation.catalogue.facts import ExportEntry, Layer, RecordEntry, ScanEntry, StepEntry
from workstation.catalogue.shelf import Row, row_of
from workstation.errors import CatalogueError
from workstation.files import FileMade, made, replacing
from workstation.jobs import Job, Progress

if TYPE_CHECKING:
    from workstation.catalogue.catalogue import Catalogue

FORMAT = 1
CONTENTS = "dossier.json"
EPOCH = (1980, 1, 1, 0, 0, 0)
"""All entries carry one date, so that the same painting gives the same bytes."""


def writing_dossier(catalogue: Catalogue, painting_id: int, target: Path) -> Job[FileMade]:
    """Write all that is known of a painting to `target`."""
    contents = contents_of(catalogue, painting_id)
    masks = sorted({step["mask_sha256"] for layer in contents["layers"] for step in layer["steps"]} - {None})
    with replacing(target) as temporary:
        try:
            with zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED, allowZip64=False) as packed:
                written = json.dumps(contents, ensure_ascii=False, indent=1)
                packed.writestr(zipfile.ZipInfo(CONTENTS, EPOCH), written)
                for done, sha256 in enumerate(masks):
                    yield Progress(done, len(masks), "Packing masks")
                    _pack(packed, catalogue.mask_path(sha256), sha256)
        except zipfile.LargeZipFile:
            raise CatalogueError("This painting's masks are too large for one dossier (4 GiB).") from None
    return made(target, "dossier")


def contents_of(catalogue: Catalogue, painting_id: int) -> Row:
    """Return what a dossier says of a painting, as plain JSON values that all belong to one moment."""
    with catalogue.database.reading() as database:
        painting = catalogue.painting(painting_id)
        row = row_of(database, "paintings", "painting", painting.id)
        layers = catalogue.layers(painting_id)
        scans = {scan.id: scan for scan in catalogue.scans(painting_id)}
        scans |= {layer.scan_id: catalogue.scan(layer.scan_id) for layer in layers}
        places = {scan_id: place for place, scan_id in enumerate(scans)}
        notes = catalogue.notes(painting_id)
        return {
            "dossier": FORMAT,
            "painting": {key: value for key, value in row.items() if key not in ("id", "removed")},
            "notes": [
                {"text": note.text, "author": note.author, "created": note.created.isoformat()}
                for note in notes
            ],
            "scans": [_scan(scan) for scan in scans.values()],
            "layers": [_layer(catalogue, layer, places[layer.scan_id]) for layer in layers],
        }


def _scan(scan: ScanEntry) -> Row:
    return {
        "name": _bare(scan.path),
        "page": scan.page,
        "sha256": scan.sha256,
        "size_bytes": scan.size_bytes,
        "kind": scan.kind,
        "pixels_per_mm": scan.pixels_per_mm,
        "width_px": scan.width_px,
        "height_px": scan.height_px,
    }


def _layer(catalogue: Catalogue, layer: Layer, scan: int) -> Row:
    steps = catalogue.steps(layer.id)
    places: dict[int | None, int] = {step.id: place for place, step in enumerate(steps)}
    cursor, tip = catalogue.cursor_and_tip(layer.id)
    return {
        "scan": scan,
        "name": layer.name,
        "transform": layer.transform,
        "visible": layer.visible,
        "opacity": layer.opacity,
        "order": layer.order,
        "cursor": places.get(cursor),
        "tip": places.get(tip),
        "steps": [_step(step, places) for step in steps],
        "records": [_record(record, places) for record in catalogue.records(layer.id)],
        "exports": [_export(export) for export in catalogue.exports(layer.id)],
    }


def _step(step: StepEntry, places: dict[int | None, int]) -> Row:
    values: dict[str, Any] = step.values()
    parent = places.get(step.parent_id)
    return {**values, "parent": parent, "created": step.created.isoformat(), "author": step.author}


def _record(record: RecordEntry, places: dict[int | None, int]) -> Row:
    step = places.get(record.step_id)
    return {"step": step, "record": record.record, "created": record.created.isoformat()}


def _export(export: ExportEntry) -> Row:
    credential = export.credential_path
    return {
        "name": _bare(export.path),
        "kind": export.kind,
        "sha256": export.sha256,
        "credential": None if credential is None else _bare(credential),
        "created": export.created.isoformat(),
    }


def _bare(path: Path) -> str:
    """Return a file's name without the signs that lead into folders on some system or other."""
    return re.sub(r"[/\\:]", "_", path.name)


def _pack(packed: zipfile.ZipFile, mask: Path, sha256: str) -> None:
    try:
        packed.writestr(zipfile.ZipInfo(f"masks/{sha256}.mask", EPOCH), mask.read_bytes())
    except FileNotFoundError:
        raise CatalogueError(f"The mask {sha256} of this painting is gone from {mask.parent}.") from None
