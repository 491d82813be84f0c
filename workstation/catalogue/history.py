"""The history of a layer: a tree of steps that only grows, and a cursor in it.

A layer remembers two places: the cursor, up to which its pixels are computed, and the tip, the end of the
branch that undo and redo move on. Undo and redo move only the cursor; new work after an undo grows a new
branch from the cursor, and the old one stays.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from workstation.catalogue import checking
from workstation.catalogue.facts import Branch, StepEntry
from workstation.catalogue.masks import Masks
from workstation.catalogue.shelf import Row, now, put, row_of, rows_of
from workstation.errors import CatalogueError, UsageError

if TYPE_CHECKING:
    from workstation.operations.treatment import Step, Treatment

PATH = """WITH RECURSIVE path (id, depth) AS (
    SELECT ?, 0 UNION ALL SELECT steps.parent_id, depth + 1 FROM steps JOIN path ON steps.id = path.id
) SELECT steps.* FROM path JOIN steps ON steps.id = path.id ORDER BY depth DESC"""

NEWEST_BELOW = """WITH RECURSIVE below (id) AS (
    SELECT ? UNION ALL SELECT steps.id FROM steps JOIN below ON steps.parent_id = below.id
) SELECT max(id) FROM below"""


class History(Masks):
    """The part of the catalogue that keeps what was done to each layer."""

    def append_step(
        self, layer_id: int, values: Mapping[str, Any], mask_sha256: str | None = None, author: str = ""
    ) -> StepEntry:
        """Add a step after the cursor and move the cursor onto it; `values` as `step_values` returns them."""
        row = self._step_row(values, mask_sha256, author)
        with self.database.changing() as database:
            layer = row_of(database, "layers", "layer", layer_id)
            step = put(database, "steps", {**row, "layer_id": layer_id, "parent_id": layer["cursor"]})
            database.table("layers").update(layer_id, {"cursor": step, "tip": step})
            return step_from_row(row_of(database, "steps", "step", step))

    def add_step(self, layer_id: int, step: Step, author: str = "") -> StepEntry:
        """Keep the step's mask and add the step after the cursor."""
        from workstation.operations.treatment import step_values

        sha256 = self.store_mask(step.mask) if step.mask is not None else None
        return self.append_step(layer_id, step_values(step), sha256, author)

    def treatment(self, layer_id: int) -> tuple[StepEntry, ...]:
        """Return the steps from the scan to the cursor: what the layer shows."""
        with self.database.reading() as database:
            cursor = row_of(database, "layers", "layer", layer_id)["cursor"]
            return _path(database, cursor)

    def recipe(self, layer_id: int) -> Treatment:
        """Return the treatment up to the cursor with its masks, ready to be rendered."""
        from workstation.operations.treatment import Treatment, step_from

        steps = self.treatment(layer_id)
        masks = {sha256: self.mask(sha256) for sha256 in {step.mask_sha256 for step in steps} if sha256}
        return Treatment(tuple(step_from(step.values(), masks.get(step.mask_sha256 or "")) for step in steps))

    def steps(self, layer_id: int) -> tuple[StepEntry, ...]:
        """Return every step ever taken on a layer, in the order of their making."""
        with self.database.reading() as database:
            return tuple(map(step_from_row, rows_of(database, "steps", "layer_id = ?", [layer_id])))

    def cursor_and_tip(self, layer_id: int) -> tuple[int | None, int | None]:
        """Return the numbers of the step that is shown last and of the step that redo leads to."""
        with self.database.reading() as database:
            layer = row_of(database, "layers", "layer", layer_id)
            return layer["cursor"], layer["tip"]

    def undo(self, layer_id: int) -> StepEntry | None:
        """Move the cursor one step back and return the step undone; None at the scan itself."""
        with self.database.changing() as database:
            cursor = row_of(database, "layers", "layer", layer_id)["cursor"]
            if cursor is None:
                return None
            step = step_from_row(row_of(database, "steps", "step", cursor))
            database.table("layers").update(layer_id, {"cursor": step.parent_id})
            return step

    def redo(self, layer_id: int) -> StepEntry | None:
        """Move the cursor one step forward on its branch and return the step redone; None at the tip."""
        with self.database.changing() as database:
            layer = row_of(database, "layers", "layer", layer_id)
            ahead = [step for step in _path(database, layer["tip"]) if step.parent_id == layer["cursor"]]
            if not ahead or layer["cursor"] == layer["tip"]:
                return None
            database.table("layers").update(layer_id, {"cursor": ahead[0].id})
            return ahead[0]

    def branches(self, layer_id: int) -> tuple[Branch, ...]:
        """Return every way through the history, the oldest first."""
        with self.database.reading() as database:
            tip = row_of(database, "layers", "layer", layer_id)["tip"]
            rows = rows_of(database, "steps", "layer_id = ?", [layer_id])
        known = {row["id"]: step_from_row(row) for row in rows}
        parents = {step.parent_id for step in known.values()}
        return tuple(Branch(_up(known, leaf), leaf == tip) for leaf in known if leaf not in parents)

    def go_to(self, layer_id: int, step_id: int | None) -> None:
        """Move the cursor to any step of the layer, None being the scan; redo then leads on to its tip."""
        with self.database.changing() as database:
            layer = row_of(database, "layers", "layer", layer_id)
            if step_id is None:
                database.table("layers").update(layer_id, {"cursor": None})
                return
            if row_of(database, "steps", "step", step_id)["layer_id"] != layer_id:
                raise CatalogueError(f"Step {step_id} does not belong to layer {layer_id}.")
            tip = layer["tip"]
            if step_id not in {step.id for step in _path(database, tip)}:
                tip = database.execute(NEWEST_BELOW, [step_id]).fetchone()[0]
            database.table("layers").update(layer_id, {"cursor": step_id, "tip": tip})

    def _step_row(self, values: Mapping[str, Any], mask_sha256: str | None, author: str) -> Row:
        mask = mask_sha256 or values.get("mask_sha256")
        if mask is not None and not self.has_mask(mask):
            raise CatalogueError(f"The mask {mask} is not in the catalogue. Store it before the step.")
        return {**step_row(values), "mask_sha256": mask, "created": now(), "author": _author(author)}


def step_row(values: Mapping[str, Any]) -> Row:
    """Check a step's operation, version and parameters, and write them as the table keeps them."""
    version, parameters = values.get("version", 1), values.get("parameters", {})
    if not isinstance(version, int) or isinstance(version, bool) or not 0 < version < 1_000_000:
        raise UsageError("The version of an operation must be a whole number above 0.")
    if not isinstance(parameters, dict):
        raise UsageError("The parameters of a step must be names with values.")
    return {
        "operation": checking.name(values.get("operation", ""), "operation's name"),
        "version": version,
        "parameters": checking.as_json(parameters, "parameters of the step"),
    }


def step_from_row(row: Row) -> StepEntry:
    """Read a row of the table of steps."""
    created = datetime.fromisoformat(row["created"])
    return StepEntry(**{**row, "parameters": json.loads(row["parameters"]), "created": created})


def _author(author: str) -> str:
    return checking.text(author, "author", 1000)


def _path(database: Any, step_id: int | None) -> tuple[StepEntry, ...]:
    return tuple(map(step_from_row, database.query(PATH, [step_id])))


def _up(known: dict[int, StepEntry], leaf: int) -> tuple[StepEntry, ...]:
    steps = [known[leaf]]
    while (parent := steps[-1].parent_id) is not None:
        steps.append(known[parent])
    return tuple(reversed(steps))
