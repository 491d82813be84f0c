"""Records of what was done, and the files that left the house."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from workstation.catalogue import checking
from workstation.catalogue.facts import ExportEntry, RecordEntry
from workstation.catalogue.shelf import Row, Shelf, now, put, row_of, rows_of
from workstation.errors import CatalogueError

MOST_ASKED = 500
"""Hashes asked for at once: SQLite takes so many values."""


class Exports(Shelf):
    """The part of the catalogue that keeps records and exports."""

    def add_record(self, layer_id: int, record: dict[str, Any], step_id: int | None = None) -> RecordEntry:
        """Keep the record of one applied operation; its input and output hashes are taken from it."""
        row = {**record_row(record), "layer_id": layer_id, "step_id": step_id, "created": now()}
        with self.database.changing() as database:
            row_of(database, "layers", "layer", layer_id)
            if step_id is not None and row_of(database, "steps", "step", step_id)["layer_id"] != layer_id:
                raise CatalogueError(f"Step {step_id} does not belong to layer {layer_id}.")
            return record_from({**row, "id": put(database, "records", row)})

    def records(self, layer_id: int) -> tuple[RecordEntry, ...]:
        """Return the records of a layer, oldest first."""
        with self.database.reading() as database:
            return tuple(map(record_from, rows_of(database, "records", "layer_id = ?", [layer_id])))

    def scans_treated_as(self, input_sha256: str) -> frozenset[int]:
        """Return the scans of layers with a record of work on a file that had this hash."""
        with self.database.reading() as database:
            records = rows_of(database, "records", "input_sha256 = ?", [input_sha256])
            layers = {row["layer_id"] for row in records}
            return frozenset(row_of(database, "layers", "layer", layer)["scan_id"] for layer in layers)

    def add_export(
        self,
        path: Path,
        kind: str,
        sha256: str,
        layer_id: int | None = None,
        credential_path: Path | None = None,
    ) -> ExportEntry:
        """Remember a file that was exported."""
        row: Row = {
            "layer_id": layer_id,
            "path": str(checking.path(path)),
            "kind": checking.name(kind, "kind of the export"),
            "sha256": checking.sha256(sha256, "export"),
            "credential_path": None if credential_path is None else str(checking.path(credential_path)),
            "created": now(),
        }
        with self.database.changing() as database:
            if layer_id is not None:
                row_of(database, "layers", "layer", layer_id)
            return export_from({**row, "id": put(database, "exports", row)})

    def exports(self, layer_id: int | None = None) -> tuple[ExportEntry, ...]:
        """Return the exports of a layer, or all of them, oldest first."""
        where, values = ("1", []) if layer_id is None else ("layer_id = ?", [layer_id])
        with self.database.reading() as database:
            return tuple(map(export_from, rows_of(database, "exports", where, values)))

    def known_files(self, hashes: Iterable[str]) -> dict[str, Path]:
        """Return where files of these SHA-256 lie, as far as the catalogue knows and something lies there."""
        wanted = [sha256 for sha256 in dict.fromkeys(hashes) if re.fullmatch("[0-9a-f]{64}", sha256)]
        found: dict[str, Path] = {}
        with self.database.reading() as database:
            for start in range(0, len(wanted), MOST_ASKED):
                some = wanted[start : start + MOST_ASKED]
                where = f"sha256 IN ({','.join('?' * len(some))})"
                for table in ("exports", "scans"):
                    for row in rows_of(database, table, where, some):
                        path = Path(row["path"])
                        if path.is_file():
                            found[row["sha256"]] = path
        return found


def record_row(record: dict[str, Any]) -> Row:
    """Write a record as the table keeps it, with the hashes that it is found by."""
    written = checking.as_json(record, "record")
    return {
        "record": written,
        "sha256": hashlib.sha256(written.encode()).hexdigest(),
        "input_sha256": _hash(record, "input_sha256"),
        "output_sha256": _hash(record, "output_pixels_sha256", "output_sha256"),
    }


def record_from(row: Row) -> RecordEntry:
    """Read a row of the table of records."""
    created = datetime.fromisoformat(row["created"])
    return RecordEntry(**{**row, "record": json.loads(row["record"]), "created": created})


def export_from(row: Row) -> ExportEntry:
    """Read a row of the table of exports."""
    credential = row["credential_path"]
    return ExportEntry(
        **{
            **row,
            "path": Path(row["path"]),
            "credential_path": None if credential is None else Path(credential),
            "created": datetime.fromisoformat(row["created"]),
        }
    )


def _hash(record: dict[str, Any], *names: str) -> str | None:
    """Return the first of a record's fields that holds a SHA-256, for finding the record by it."""
    for field in names:
        found = record.get(field)
        if isinstance(found, str) and re.fullmatch("[0-9a-f]{64}", found):
            return found
    return None
