"""The history only grows: undo, redo and branches against a model of what they mean."""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from tests.catalogue.conftest import blob, measured, noise
from workstation.catalogue.catalogue import Catalogue, open_catalogue
from workstation.catalogue.facts import Layer
from workstation.errors import CatalogueError, UsageError
from workstation.operations.operation import build
from workstation.operations.treatment import Step


def strengths(catalogue: Catalogue, layer: Layer) -> list[float]:
    return [step.parameters["strength"] for step in catalogue.treatment(layer.id)]


def test_undo_and_redo_walk_the_steps(catalogue: Catalogue, layer: Layer) -> None:
    for value in (0.1, 0.2, 0.3):
        catalogue.append_step(layer.id, noise(value), author="A. Jansen")
    undone = catalogue.undo(layer.id)
    assert undone is not None
    assert undone.parameters == {"strength": 0.3}
    assert strengths(catalogue, layer) == [0.1, 0.2]
    assert catalogue.undo(layer.id) is not None
    assert catalogue.undo(layer.id) is not None
    assert catalogue.undo(layer.id) is None
    assert strengths(catalogue, layer) == []
    for expected in (0.1, 0.2, 0.3):
        step = catalogue.redo(layer.id)
        assert step is not None
        assert step.parameters["strength"] == expected
    assert catalogue.redo(layer.id) is None


def test_new_work_after_undo_is_a_branch_and_the_old_one_stays(catalogue: Catalogue, layer: Layer) -> None:
    for value in (0.1, 0.2):
        catalogue.append_step(layer.id, noise(value))
    catalogue.undo(layer.id)
    catalogue.append_step(layer.id, noise(0.9))
    assert strengths(catalogue, layer) == [0.1, 0.9]
    old, new = catalogue.branches(layer.id)
    assert (old.current, new.current) == (False, True)
    assert [step.parameters["strength"] for step in old.steps] == [0.1, 0.2]
    catalogue.go_to(layer.id, old.tip.id)
    assert strengths(catalogue, layer) == [0.1, 0.2]
    assert len(catalogue.steps(layer.id)) == 3


def test_a_step_of_another_layer_is_refused(catalogue: Catalogue, layer: Layer) -> None:
    other = catalogue.add_layer(layer.painting_id, layer.scan_id, "other")
    step = catalogue.append_step(other.id, noise())
    with pytest.raises(CatalogueError, match="does not belong"):
        catalogue.go_to(layer.id, step.id)


def test_the_file_itself_refuses_to_change_or_lose_a_step(catalogue: Catalogue, layer: Layer) -> None:
    catalogue.append_step(layer.id, noise())
    connection = sqlite3.connect(catalogue.database.path)
    for change in ("UPDATE steps SET operation = 'x'", "DELETE FROM steps"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(change)
    connection.close()


def test_a_treatment_comes_back_ready_to_be_rendered(catalogue: Catalogue, layer: Layer) -> None:
    mask = blob()
    operation = build("suppress-noise", {})
    catalogue.add_step(layer.id, Step(operation, mask), "A. Jansen")
    (step,) = catalogue.recipe(layer.id).steps
    assert step.operation == operation
    assert step.mask is not None
    assert step.mask.sha256() == mask.sha256()


@pytest.mark.parametrize(
    "values",
    [
        {"operation": ""},
        {"operation": "x", "version": 0},
        {"operation": "x", "version": True},
        {"operation": "x", "parameters": [1]},
        {"operation": "x", "parameters": {"strength": float("nan")}},
        {"operation": "x", "parameters": {"strength": object()}},
    ],
)
def test_a_step_that_could_not_be_replayed_is_refused(
    catalogue: Catalogue, layer: Layer, values: dict[str, object]
) -> None:
    with pytest.raises(UsageError):
        catalogue.append_step(layer.id, values)
    assert catalogue.steps(layer.id) == ()


def test_a_step_with_a_mask_that_is_not_kept_is_refused(catalogue: Catalogue, layer: Layer) -> None:
    with pytest.raises(CatalogueError, match="not in the catalogue"):
        catalogue.append_step(layer.id, noise(), "ab" * 32)


class Histories(RuleBasedStateMachine):
    """Plays a user at random, beside a model: a tree of parents, a cursor and a tip."""

    made = Bundle("made")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.catalogue = open_catalogue(Path(self.folder.name))
        painting = self.catalogue.add_painting("Model")
        path = Path(self.folder.name) / "a.tif"
        path.write_bytes(b"pixels")
        (scan,) = self.catalogue.enter_scans((measured(path),), painting.id)
        self.layer = self.catalogue.add_layer(painting.id, scan.id).id
        self.parents: dict[int, int | None] = {}
        self.cursor: int | None = None
        self.tip: int | None = None

    def up(self, step: int | None) -> list[int]:
        path = []
        while step is not None:
            path.insert(0, step)
            step = self.parents[step]
        return path

    @rule(target=made, value=st.floats(0, 1))
    def append(self, value: float) -> int:
        step = self.catalogue.append_step(self.layer, noise(value))
        assert step.parent_id == self.cursor
        self.parents[step.id] = self.cursor
        self.cursor = self.tip = step.id
        return step.id

    @rule()
    def undo(self) -> None:
        step = self.catalogue.undo(self.layer)
        assert (step and step.id) == self.cursor
        if self.cursor is not None:
            self.cursor = self.parents[self.cursor]

    @rule()
    def redo(self) -> None:
        branch = self.up(self.tip)
        ahead = branch[len(self.up(self.cursor)) :]
        step = self.catalogue.redo(self.layer)
        assert (step and step.id) == (ahead[0] if ahead else None)
        self.cursor = ahead[0] if ahead else self.cursor

    @rule(step=consumes(made))
    def go_to(self, step: int) -> None:
        self.catalogue.go_to(self.layer, step)
        if step not in self.up(self.tip):
            self.tip = max(known for known in self.parents if step in self.up(known))
        self.cursor = step

    @rule()
    def go_to_the_scan(self) -> None:
        self.catalogue.go_to(self.layer, None)
        self.cursor = None

    @rule()
    def reopen(self) -> None:
        self.catalogue.close()
        self.catalogue = open_catalogue(Path(self.folder.name))

    @invariant()
    def the_treatment_is_the_way_to_the_cursor(self) -> None:
        assert [step.id for step in self.catalogue.treatment(self.layer)] == self.up(self.cursor)

    @invariant()
    def nothing_was_ever_lost(self) -> None:
        assert {step.id: step.parent_id for step in self.catalogue.steps(self.layer)} == self.parents
        branches = self.catalogue.branches(self.layer)
        leaves = set(self.parents) - {parent for parent in self.parents.values() if parent}
        assert {branch.tip.id for branch in branches} == leaves
        assert [branch.tip.id for branch in branches if branch.current] == [self.tip] * bool(self.tip)

    def teardown(self) -> None:
        self.catalogue.close()
        self.folder.cleanup()


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)
