"""Layers: scans placed on a painting, in its millimetres."""

from __future__ import annotations

import json
from typing import Any

from workstation.catalogue import checking
from workstation.catalogue.facts import Layer, Painting, ScanEntry, Transform
from workstation.catalogue.shelf import Row, Shelf, put, row_of
from workstation.errors import UsageError

CHANGEABLE = ("name", "transform", "visible", "opacity", "order")


class Layers(Shelf):
    """The part of the catalogue that knows which scan lies where on its painting."""

    def add_layer(
        self, painting_id: int, scan_id: int, name: str = "", transform: Transform | None = None
    ) -> Layer:
        """Place a scan on top of a painting: by `transform`, its resolution or the painting's size."""
        from workstation.catalogue.paintings import painting_from
        from workstation.catalogue.scans import scan_from

        with self.database.changing() as database:
            painting = painting_from(row_of(database, "paintings", "painting", painting_id))
            scan = scan_from(row_of(database, "scans", "scan", scan_id))
            row = {
                "painting_id": painting_id,
                "scan_id": scan_id,
                "name": checking.name(name or scan.kind or scan.path.stem, "name of the layer"),
                "transform": _written(transform or placed(scan, painting)),
                "visible": 1,
                "opacity": 1.0,
                "order": _top(database, painting_id),
            }
            return self.layer(put(database, "layers", row))

    def layer(self, layer_id: int) -> Layer:
        """Return one layer; CatalogueError where there is none of that number."""
        with self.database.reading() as database:
            return layer_from(row_of(database, "layers", "layer", layer_id))

    def layers(self, painting_id: int) -> tuple[Layer, ...]:
        """Return a painting's layers, the lowest first."""
        query = 'SELECT * FROM layers WHERE painting_id = ? ORDER BY "order", id'
        with self.database.reading() as database:
            return tuple(map(layer_from, database.query(query, [painting_id])))

    def set_layer(self, layer_id: int, **changes: Any) -> Layer:
        """Change a layer's name, transform, visible, opacity or order."""
        values = {key: _checked(key, value) for key, value in changes.items()}
        with self.database.changing() as database:
            row_of(database, "layers", "layer", layer_id)
            database.table("layers").update(layer_id, values)
            return self.layer(layer_id)


def placed(scan: ScanEntry, painting: Painting) -> Transform:
    """Return the transform of a scan of which only its resolution, or its painting's size, is known."""
    if scan.pixels_per_mm:
        across = down = 1 / scan.pixels_per_mm
    elif painting.width_mm or painting.height_mm:
        across = (painting.width_mm or 0) / scan.width_px or (painting.height_mm or 0) / scan.height_px
        down = (painting.height_mm or 0) / scan.height_px or across
    else:
        across = down = 1.0
    return (across, 0.0, 0.0, 0.0, down, 0.0, 0.0, 0.0, 1.0)


def layer_from(row: Row) -> Layer:
    """Read a row of the table of layers."""
    return Layer(
        id=row["id"],
        painting_id=row["painting_id"],
        scan_id=row["scan_id"],
        name=row["name"],
        transform=checking.transform(json.loads(row["transform"])),
        visible=bool(row["visible"]),
        opacity=row["opacity"],
        order=row["order"],
    )


def _checked(key: str, value: Any) -> Any:
    if key not in CHANGEABLE:
        raise UsageError(f"A layer has no {key!r} to change. It has: {', '.join(CHANGEABLE)}.")
    if key == "name":
        return checking.name(value, "name of the layer")
    if key == "transform":
        return _written(value)
    if key == "opacity":
        return checking.opacity(value)
    if not isinstance(value, int) or abs(value) > 1_000_000:
        raise UsageError(f"The {key} of a layer cannot be {value!r}.")
    return int(value)


def _written(transform: Transform) -> str:
    return json.dumps(checking.transform(transform))


def _top(database: Any, painting_id: int) -> int:
    query = 'SELECT coalesce(max("order") + 1, 0) FROM layers WHERE painting_id = ?'
    return int(database.execute(query, [painting_id]).fetchone()[0])
