"""What the catalogue knows of the layers on the table: their places and their histories."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from widgets.history import History, Row
from widgets.lighttable import Matrix
from workstation.operations.describe import parameter_lines
from workstation.operations.operation import load_all
from workstation.operations.record import author
from workstation.operations.treatment import Step, Treatment

if TYPE_CHECKING:
    from workstation.catalogue.catalogue import Catalogue
    from workstation.catalogue.facts import Layer, ScanEntry, StepEntry


class CatalogueHistory:
    """The history of a layer as the catalogue keeps it; pixels are always worked out anew."""

    def __init__(self, catalogue: Catalogue, layer_id: int) -> None:
        self._catalogue, self._layer_id = catalogue, layer_id
        self._kept: Treatment | None = None

    def treatment(self) -> Treatment:
        """Return the steps from the scan to the cursor."""
        if self._kept is None:
            self._kept = self._catalogue.recipe(self._layer_id)
        return self._kept

    def rows(self) -> tuple[Row, ...]:
        """Return all steps, the current way first, then the branches."""
        load_all()
        branches = self._catalogue.branches(self._layer_id)
        done = {step.id for step in self._catalogue.treatment(self._layer_id)}
        cursor, tip = self._catalogue.cursor_and_tip(self._layer_id)
        way = next((list(branch.steps) for branch in branches if branch.current), [])
        if not way and tip is not None:  # the tip has steps below it on other branches
            way = [step for branch in branches for step in branch.steps if branch.steps[-1].id == tip]
        listed = {step.id for step in way}
        aside = [step for branch in branches for step in branch.steps if step.id not in listed]
        unique = {step.id: step for step in aside}.values()
        return tuple(self._row(step, 0, step.id in done, cursor) for step in way) + tuple(
            self._row(step, 1, False, cursor) for step in unique
        )

    def add(self, step: Step) -> None:
        """Put a step after the cursor; what was undone stays as a branch."""
        self._catalogue.add_step(self._layer_id, step, author())
        self._kept = None

    def undo(self) -> bool:
        """Move the cursor one step back; False where it stands at the scan."""
        self._kept = None
        return self._catalogue.undo(self._layer_id) is not None

    def redo(self) -> bool:
        """Move the cursor one step forward; False at the end of the way."""
        self._kept = None
        return self._catalogue.redo(self._layer_id) is not None

    def go(self, id: int) -> None:
        """Move the cursor to a step of any branch; 0 is the scan."""
        self._kept = None
        self._catalogue.go_to(self._layer_id, id or None)

    def _row(self, step: StepEntry, depth: int, on_way: bool, cursor: int | None) -> Row:
        name = step.operation.replace("-", " ").capitalize()
        detail = " · ".join(parameter_lines(step.operation, step.parameters))
        return Row(step.id, name, detail, depth, on_way, step.id == cursor)


def moved_over(session: History, history: CatalogueHistory) -> CatalogueHistory:
    """Put what was done before the catalogue knew the layer into its history there."""
    if not history.treatment().steps:
        for step in session.treatment().steps:
            history.add(step)
    return history


def matrix_of(layer: Layer) -> Matrix:
    """Return the catalogue's transform as a matrix."""
    return np.array(layer.transform, dtype=np.float64).reshape(3, 3)


def scale_known(catalogue: Catalogue, layer: Layer, scan: ScanEntry) -> bool:
    """Tell whether the layer's place is in true millimetres."""
    painting = catalogue.painting(layer.painting_id)
    return bool(scan.pixels_per_mm or painting.width_mm or painting.height_mm)


def layers_with_scans(catalogue: Catalogue, painting_id: int) -> Iterator[tuple[Layer, ScanEntry]]:
    """Yield a painting's layers with their scans, the lowest first."""
    for layer in catalogue.layers(painting_id):
        yield layer, catalogue.scan(layer.scan_id)
