"""What a command is: its words, its help with an example, and the function that does it."""

from __future__ import annotations

import json
import math
import sys
import unicodedata
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from textwrap import indent
from typing import Any

from workstation.errors import WorkstationError
from workstation.files import FileMade
from workstation.jobs import Job, Progress, Result, finish
from workstation.portable import stopping_politely


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command did: the lines a person reads, and what `--json` prints."""

    lines: tuple[str, ...] = ()
    files: tuple[FileMade, ...] = ()
    data: dict[str, Any] = field(default_factory=dict)
    ok: bool = True
    """False where the command worked but something is wrong with the picture (exit status 1)."""
    undone: tuple[WorkstationError, ...] = ()
    """What could not be done, although the rest was (exit status 2)."""
    many: tuple[str, Iterator[dict[str, Any]]] | None = None
    """The name and the values of a list that may be long: `--json` writes it value by value."""

    @property
    def error(self) -> WorkstationError | None:
        """All that could not be done as one error."""
        return type(self.undone[0])(" ".join(map(str, self.undone))) if self.undone else None


MILLION = 10**6


class Console:
    """Where a command tells how far it is: a bar on standard error, where that is a terminal."""

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet

    def run(self, job: Job[Result]) -> Result:
        """Run a job to its end behind a progress bar with rate and time left; Ctrl-C stops it cleanly."""
        with stopping_politely() as stopped:
            return self._run(job, stopped)

    def _run(self, job: Job[Result], stopped: Callable[[], bool]) -> Result:
        if self.quiet or not sys.stderr or not sys.stderr.isatty():
            return finish(job, stopped=stopped)
        from tqdm import tqdm

        with tqdm(total=1, leave=False, file=sys.stderr, dynamic_ncols=True, unit="") as bar:

            def tell(progress: Progress) -> None:
                bar.total, bar.initial = progress.total, progress.already
                bar.unit_scale = progress.total >= MILLION  # bytes: 625M of 3.22G
                bar.set_description_str(progress.what, refresh=False)
                bar.n = progress.done
                bar.update(0)

            return finish(job, tell, stopped)


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
    told = {"ok": outcome.ok, "files": files, **outcome.data}
    return one_object(told | ({"error": error_as_data(outcome.error)} if outcome.error else {}))


def json_parts(outcome: Outcome) -> Iterator[str]:
    """Yield what `--json` prints, so that a long list never lies in memory as a whole."""
    if outcome.many is None:
        yield as_json(outcome)
        return
    name, values = outcome.many
    mark = "here come many values"
    text = as_json(replace(outcome, data={**outcome.data, name: mark}))
    before, _, after = text.partition(f'"{name}": "{mark}"')
    yield f'{before}"{name}": ['
    separator = "\n"
    for value in values:
        yield separator + indent(one_object(value), "    ")
        separator = ",\n"
    yield ("]" if separator == "\n" else "\n  ]") + after


def error_as_data(error: WorkstationError) -> dict[str, str]:
    """Return an error as `--json` prints it."""
    return {"code": error.code, "message": str(error)}


def one_object(values: dict[str, Any]) -> str:
    """Return values as JSON that every terminal, locale and parser takes: ASCII, without NaN and infinity.

    A byte of a file's name that is no text becomes a lone surrogate, as Python's own os.fsdecode has it.
    """
    return json.dumps(_finite(values), indent=2, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _finite(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def counted(number: int, what: str) -> str:
    """Return "1 page", "2 pages"."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def amount(size: int) -> str:
    """Return "640 bytes", "1.5 MB", "2,150.6 GB"."""
    for unit, name in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if size >= unit:
            return f"{size / unit:,.1f} {name}"
    return counted(size, "byte")


def readable(text: str, keep: str = "\n\t") -> str:
    """Return text that cannot steer a terminal: signs of control, and bytes that are no text, as escapes."""
    return "".join(
        sign if sign in keep or unicodedata.category(sign) not in ("Cc", "Cs") else ascii(sign)[1:-1]
        for sign in text
    )
