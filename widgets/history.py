"""The treatment of a layer as a tree of steps with a cursor: undo moves the cursor, new work branches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from workstation.operations.operation import title, values
from workstation.operations.treatment import Step, Treatment


@dataclass(frozen=True, slots=True)
class Row:
    """One step as the history panel lists it."""

    id: int
    title: str
    detail: str
    depth: int
    """How many branches aside of the current way it lies: 0 is the current one."""
    on_way: bool
    """Whether the picture shows it."""
    current: bool


class History(Protocol):
    """What the window needs of a layer's history, wherever that is kept."""

    def treatment(self) -> Treatment:
        """Return the steps from the scan to the cursor."""
        ...

    def rows(self) -> tuple[Row, ...]:
        """Return all steps, the current way first, then the branches."""
        ...

    def add(self, step: Step) -> None:
        """Put a step after the cursor; what was undone stays as a branch."""
        ...

    def undo(self) -> bool:
        """Move the cursor one step back; False where it stands at the scan."""
        ...

    def redo(self) -> bool:
        """Move the cursor one step forward; False at the end of the way."""
        ...

    def go(self, id: int) -> None:
        """Move the cursor to a step of any branch; 0 is the scan."""
        ...


@dataclass(slots=True)
class _Node:
    id: int
    parent: int
    step: Step


class SessionHistory:
    """A history that lives as long as the window: for layers that are not in the catalogue."""

    def __init__(self) -> None:
        self._nodes: dict[int, _Node] = {}
        self._cursor = 0
        self._tip = 0

    def treatment(self) -> Treatment:
        """Return the steps from the scan to the cursor."""
        return Treatment(tuple(self._nodes[id].step for id in self._way(self._cursor)))

    def rows(self) -> tuple[Row, ...]:
        """Return all steps, the current way first, then the branches."""
        way, done = self._way(self._tip), set(self._way(self._cursor))
        aside = [id for id in self._nodes if id not in way]
        return tuple(self._row(id, 0, id in done) for id in way) + tuple(
            self._row(id, 1, False) for id in aside
        )

    def add(self, step: Step) -> None:
        """Put a step after the cursor; what was undone stays as a branch."""
        id = len(self._nodes) + 1
        self._nodes[id] = _Node(id, self._cursor, step)
        self._cursor = self._tip = id

    def undo(self) -> bool:
        """Move the cursor one step back; False where it stands at the scan."""
        if not self._cursor:
            return False
        self._cursor = self._nodes[self._cursor].parent
        return True

    def redo(self) -> bool:
        """Move the cursor one step forward; False at the end of the way."""
        way = self._way(self._tip)
        place = way.index(self._cursor) + 1 if self._cursor else 0
        if place >= len(way):
            return False
        self._cursor = way[place]
        return True

    def go(self, id: int) -> None:
        """Move the cursor to a step of any branch; 0 is the scan."""
        self._cursor = id
        if id and id not in self._way(self._tip):
            self._tip = id

    def _way(self, id: int) -> list[int]:
        way: list[int] = []
        while id:
            way.append(id)
            id = self._nodes[id].parent
        return way[::-1]

    def _row(self, id: int, depth: int, on_way: bool) -> Row:
        step = self._nodes[id].step
        name, detail = described(step)
        return Row(id, name, detail, depth, on_way, id == self._cursor)


def described(step: Step) -> tuple[str, str]:
    """Return a step's name and its parameters in short."""
    found = values(step.operation)
    parts = [f"{name.replace('_', ' ')} {_short(value)}" for name, value in found.items()]
    return title(type(step.operation)), " · ".join(parts)


def _short(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, list):
        return "whole picture" if not any(value) else f"{value[2]} × {value[3]} px"
    return str(value)
