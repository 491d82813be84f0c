"""What a command is: its words, its help with an example, and the function that does it."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from workstation.files import FileMade
from workstation.jobs import Job, Progress, Result, finish


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command did: the lines a person reads, and what `--json` prints."""

    lines: tuple[str, ...] = ()
    files: tuple[FileMade, ...] = ()
    data: dict[str, Any] = field(default_factory=dict)
    ok: bool = True
    """False where the command worked but something is wrong with the picture (exit status 1)."""


class Console:
    """Where a command tells how far it is: a bar on standard error, where that is a terminal."""

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet

    def run(self, job: Job[Result]) -> Result:
        """Run a job to its end behind a progress bar with rate and time left; Ctrl-C stops it cleanly."""
        if self.quiet or not sys.stderr.isatty():
            return finish(job)
        from tqdm import tqdm

        with tqdm(total=1, leave=False, file=sys.stderr, dynamic_ncols=True) as bar:

            def tell(progress: Progress) -> None:
                bar.total = progress.total
                bar.set_description_str(progress.what, refresh=False)
                bar.n = progress.done
                bar.update(0)

            return finish(job, tell)


@dataclass(frozen=True, slots=True)
class Command:
    """One command of the programme, such as "info" or "catalogue add"."""

    words: str
    summary: str
    examples: tuple[str, ...]
    declare: Callable[[ArgumentParser], None]
    """Add the command's own arguments; `--json` is there already."""
    run: Callable[[Namespace, Console], Outcome]


def as_json(outcome: Outcome) -> str:
    """Return the one object that `--json` prints."""
    files = [{"path": str(made.path), "kind": made.kind, "sha256": made.sha256} for made in outcome.files]
    return json.dumps({"ok": outcome.ok, "files": files, **outcome.data}, ensure_ascii=False, indent=2)
