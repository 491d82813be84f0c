"""Long work as a generator that says how far it is and can be stopped between two steps.

The command line draws the progress as a bar, the window as a row in its jobs panel; both stop a job by
closing the generator, so `finally` blocks clean up and nothing half written stays. Where what is done is kept
for another run (see resumable.py), closing raises the CancelledError that says so.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from workstation.errors import CancelledError

Result = TypeVar("Result")
STOPPED = "Stopped. Nothing half done was kept."


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` steps of the stage named `what`."""

    done: int
    total: int
    what: str = ""
    already: int = 0
    """Steps that an earlier run did: they say nothing of how fast this one is."""


Job: TypeAlias = Generator[Progress, None, Result]


def finish(
    job: Job[Result],
    tell: Callable[[Progress], None] | None = None,
    stopped: Callable[[], bool] | None = None,
) -> Result:
    """Run a job to its end and return its result; raise CancelledError once `stopped()` is true."""
    with closing(job):
        while True:
            try:
                progress = next(job)
            except StopIteration as end:
                result: Result = end.value
                return result
            if tell is not None:
                tell(progress)
            if stopped is not None and stopped():
                raise CancelledError(STOPPED)
