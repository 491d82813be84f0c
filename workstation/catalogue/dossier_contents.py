"""What a dossier says, read field by field into rows that are known to be sound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workstation.catalogue import checking
from workstation.catalogue.dossier_writing import FORMAT
from workstation.catalogue.history import step_row
from workstation.catalogue.paintings import checked_fields
from workstation.catalogue.shelf import Row
from workstation.catalogue.untrusted import Fields, keeping, refused


@dataclass(frozen=True, slots=True)
class LayerContents:
    """One layer of a dossier; numbers of scans and steps are places in the lists of the dossier."""

    scan: int
    row: Row
    cursor: int | None
    tip: int | None
    steps: tuple[tuple[int | None, Row], ...]
    """The parent of each step, and its row."""
    records: tuple[tuple[int | None, Row], ...]
    """The step of each record, and the record with its moment."""
    exports: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """All of a dossier but the bytes of its masks."""

    painting: Row
    notes: tuple[Row, ...]
    scans: tuple[Row, ...]
    layers: tuple[LayerContents, ...]

    @property
    def masks(self) -> set[str]:
        """The hashes of all masks that the steps name."""
        named = {row["mask_sha256"] for layer in self.layers for _, row in layer.steps}
        return {sha256 for sha256 in named if sha256}


def read_contents(fields: Fields) -> Contents:
    """Read a dossier; CatalogueError with the first thing that is not as it should be."""
    version = fields.whole("dossier", 1)
    if version > FORMAT:
        raise refused("it was written by a newer workstation; update this programme")
    scans = fields.entries("scans", _scan, "scan")
    if len({(scan["sha256"], scan["page"]) for scan in scans}) != len(scans):
        raise refused("it names one scan twice")
    return Contents(
        painting=_painting(Fields(fields.mapping("painting"), "its painting")),
        notes=fields.entries("notes", _note, "note"),
        scans=scans,
        layers=fields.entries("layers", lambda entry: _layer(entry, len(scans)), "layer"),
    )


def _painting(fields: Fields) -> Row:
    row: Row = {key: fields.text(key) for key in ("title", "artist", "accession", "note")}
    row |= {key: fields.number(key) for key in ("height_mm", "width_mm")}
    uid = fields.text("uid", 32)
    if len(uid) != 32 or not uid.isalnum() or not uid.isascii():
        raise refused("its painting has no proper 'uid'")
    return {**keeping(lambda: checked_fields(row)), "uid": uid, "created": fields.moment("created")}


def _note(fields: Fields) -> Row:
    return {
        "text": keeping(lambda: checking.text(fields.text("text"), "note")),
        "author": _author(fields),
        "created": fields.moment("created"),
    }


def _scan(fields: Fields) -> Row:
    row = {key: fields.whole(key) for key in ("page", "size_bytes")}
    row |= {key: fields.whole(key, 1) for key in ("width_px", "height_px")}
    resolution = fields.number("pixels_per_mm")
    return {
        **row,
        "name": _file_name(fields, "name"),
        "sha256": fields.sha256("sha256"),
        "kind": keeping(lambda: checking.text(fields.text("kind"), "kind", 100)),
        "pixels_per_mm": keeping(lambda: checking.positive(resolution, "number of pixels per mm")),
    }


def _layer(fields: Fields, scans: int) -> LayerContents:
    scan = fields.known("scan", scans)
    if scan is None:
        raise refused("a layer has no scan")
    steps = fields.entries("steps", _step, "step")
    if any(parent is not None and parent >= place for place, (parent, _) in enumerate(steps)):
        raise refused("a step comes before the one that it works on")
    row = {
        "name": keeping(lambda: checking.name(fields.text("name"), "name of a layer")),
        "transform": keeping(lambda: checking.transform(fields.numbers("transform"))),
        "visible": fields.flag("visible"),
        "opacity": keeping(lambda: checking.opacity(fields.number("opacity") or 0.0)),
        "order": min(fields.whole("order", -1_000_000), 1_000_000),
    }
    cursor, tip = fields.known("cursor", len(steps)), fields.known("tip", len(steps))
    _check_cursor(cursor, tip, [parent for parent, _ in steps])
    records = fields.entries("records", lambda entry: _record(entry, len(steps)), "record")
    return LayerContents(scan, row, cursor, tip, steps, records, fields.entries("exports", _export, "export"))


def _check_cursor(cursor: int | None, tip: int | None, parents: list[int | None]) -> None:
    """Refuse a cursor that undo and redo on the branch of the tip could not have reached."""
    place = tip
    while place != cursor:
        if place is None:
            raise refused("the cursor of a layer does not lie on its branch")
        place = parents[place]


def _step(fields: Fields) -> tuple[int | None, Row]:
    values: dict[str, Any] = {
        "operation": fields.text("operation", 1000),
        "version": fields.whole("version", 1),
        "parameters": fields.mapping("parameters"),
    }
    row = {
        **keeping(lambda: step_row(values)),
        "mask_sha256": fields.maybe("mask_sha256", fields.sha256),
        "created": fields.moment("created"),
        "author": _author(fields),
    }
    return fields.maybe("parent", fields.whole), row


def _record(fields: Fields, steps: int) -> tuple[int | None, Row]:
    record = fields.mapping("record")
    keeping(lambda: checking.as_json(record, "record"))
    return fields.known("step", steps), {"record": record, "created": fields.moment("created")}


def _export(fields: Fields) -> Row:
    return {
        "name": _file_name(fields, "name"),
        "kind": keeping(lambda: checking.name(fields.text("kind", 100), "kind of an export")),
        "sha256": fields.sha256("sha256"),
        "credential": fields.maybe("credential", lambda key: _file_name(fields, key)),
        "created": fields.moment("created"),
    }


def _author(fields: Fields) -> str:
    return keeping(lambda: checking.text(fields.text("author"), "author", 1000))


def _file_name(fields: Fields, key: str) -> str:
    """Return the bare name of a file; anything that could lead into another folder is refused."""
    name = keeping(lambda: checking.text(fields.text(key, 255), "name of a file"))
    if name in ("", ".", "..") or any(sign in name for sign in "/\\:"):
        raise refused("the name of a file in it is a path")
    return name
