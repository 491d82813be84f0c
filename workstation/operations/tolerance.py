"""What may differ, and by how much, when a treatment is run on another machine than the recorded one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workstation.credentials.judging import plain_line
from workstation.operations.record import processor
from workstation.versions import versions

if TYPE_CHECKING:
    from workstation.operations.recorded import Recorded
    from workstation.operations.treatment import Treatment
    from workstation.scans.source import Level


def circumstances(recorded: Recorded) -> tuple[str, ...]:
    """Return what is another here than where the result was made; where nothing is, all must be the same."""
    from models.device import describe

    here = {"device": describe(), "processor": processor(), **versions()}
    there = {"device": recorded.device, "processor": recorded.processor, **recorded.versions}
    return tuple(
        f"{name} {value} instead of {plain_line(str(there.get(name) or '')) or 'one that is not told'}"
        for name, value in here.items()
        if there.get(name) != value
    )


def tolerance(treatment: Treatment, level: Level, span: float) -> float:
    """Return how far samples may lie apart: what each step may add to the steps before, and its rounding.

    `span` is the range of the samples that there are; whole numbers use that of their type.
    """
    is_float = level.dtype.kind == "f"
    limits = np.finfo(level.dtype) if is_float else np.iinfo(level.dtype)
    whole = span if is_float else float(int(limits.max) - int(limits.min))
    rounding = float(np.finfo(level.dtype).eps) if is_float else 1 / whole
    share = 0.0
    for step in treatment.steps:
        share = share * step.operation.gain + step.operation.tolerance + rounding
    apart = min(share, 1.0) * whole
    return apart if is_float else float(int(apart + 1e-9))
