"""A treatment: the ordered steps applied to one scan. Pixels are always computed from scan + treatment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workstation.errors import UsageError
from workstation.operations.mask import Mask
from workstation.operations.operation import Operation, build, values

MOST_STEPS = 16
MOST_BYTES = 2_000_000
"""A recipe file may have so many."""


@dataclass(frozen=True, slots=True)
class Step:
    """One operation with its parameters, and where it may act (None = everywhere)."""

    operation: Operation
    mask: Mask | None = None


@dataclass(frozen=True, slots=True)
class Treatment:
    """The recipe: the first step works on the scan, each next one on the result before it."""

    steps: tuple[Step, ...] = ()


def step_values(step: Step) -> dict[str, Any]:
    """Return a step as plain JSON values; the mask by its hash."""
    return {
        "operation": step.operation.name,
        "version": step.operation.version,
        "parameters": values(step.operation),
        "mask_sha256": step.mask.sha256() if step.mask else None,
    }


def step_from(found: Mapping[str, Any], mask: Mask | None) -> Step:
    """Build a step from plain JSON values; UsageError where they do not fit this version's operations."""
    name, version, parameters = found.get("operation"), found.get("version", 1), found.get("parameters", {})
    if not isinstance(name, str) or not isinstance(parameters, dict):
        raise UsageError("Each step of a recipe needs an operation's name and its parameters.")
    operation = build(name, parameters)
    if version != operation.version or isinstance(version, bool):
        raise UsageError(
            f"The recipe wants version {version} of {name}; this programme has {operation.version}."
        )
    return Step(operation, mask)


def read_recipe(path: Path) -> list[dict[str, Any]]:
    """Read the steps of a recipe file: {"treatment": 1, "steps": [{"operation": …, "mask": …}]}."""
    try:
        recipe = json.loads(_text(path))
        steps = recipe["steps"] if recipe["treatment"] == 1 else None
    except (ValueError, KeyError, TypeError, RecursionError):
        steps = None
    if isinstance(steps, list) and not 0 < len(steps) <= MOST_STEPS:
        raise wrong_length(len(steps))
    if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
        raise UsageError(f"{path} is not a treatment recipe of version 1.")
    return steps


def wrong_length(steps: int) -> UsageError:
    """Return the error to raise about a treatment without steps, or with too many."""
    return UsageError(f"A treatment needs from 1 to {MOST_STEPS} steps; this one has {steps}.")


def _text(path: Path) -> str:
    """Read a file of bounded size; ValueError where it is larger or no text."""
    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise ValueError("too large")
    return data.decode("utf-8-sig")
