"""The command line: finds the command, reads its words, runs it, and tells how it ended.

Exit status: 0 = done or genuine, 1 = done but something is wrong with the picture, 2 = cannot do it.
"""

from __future__ import annotations

import math
import os
import sys
from argparse import (
    ArgumentParser,
    ArgumentTypeError,
    Namespace,
    RawDescriptionHelpFormatter,
    _SubParsersAction,
)
from collections.abc import Iterable
from contextlib import suppress
from importlib import import_module
from typing import Any, NoReturn, TypeAlias

from workstation import VERSION
from workstation.commands.command import (
    Command,
    Console,
    Outcome,
    error_as_data,
    json_parts,
    one_object,
    readable,
)
from workstation.errors import CancelledError, UsageError, WorkstationError
from workstation.files import unusable
from workstation.jobs import STOPPED

FAMILIES = {
    "scans": ("info", "check", "pyramid"),
    "levels": ("levels",),
    "operations": ("operations", "render"),
    "replaying": ("replay",),
    "comparison": ("compare",),
    "credentials": ("sign", "unsign"),
    "verifying": ("verify", "account"),
    "certificates": ("certificate",),
    "trusting": ("certificate",),
    "exhibits": ("exhibit",),
    "catalogue": ("catalogue",),
    "reports": ("report",),
    "demonstration": ("demo", "phantom"),
    "window": ("open", "doctor"),
}
"""Which module of workstation.commands holds which first words: only that one is imported to run."""

GROUPS = {
    "levels": "Build, list and clear the coarser levels that are kept of large flat scans.",
    "certificate": "Make the certificates with which your studio signs, and say whom you trust.",
    "exhibit": "Build an exhibit for augmented reality from a description.",
    "catalogue": "Keep paintings, their scans, notes and treatments; search and hand them on.",
}
"""What the first words are for that have commands of their own."""

Groups: TypeAlias = "_SubParsersAction[_Parser]"


class _Parser(ArgumentParser):
    """An argument parser that raises our own error instead of leaving the programme."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.register("type", int, _whole_number)
        self.register("type", float, _number)

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[:1].upper()}{message[1:]}. See: {self.prog} --help")


def run(words: list[str]) -> int:
    """Run the command that `words` name and return its exit status; never a traceback for bad input."""
    wants_json = "--json" in words
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # so that a terminal without "×" gets an escape, not a traceback
            stream.reconfigure(errors="backslashreplace")
    try:
        arguments = parser(words).parse_args(words)
        outcome = _run(arguments)
        _print(json_parts(outcome) if wants_json else [readable("\n".join(outcome.lines))])
    except WorkstationError as error:
        return _fail(error, wants_json)
    except KeyboardInterrupt:
        return _fail(CancelledError(STOPPED), wants_json)
    if outcome.error:
        return _told(outcome.error)
    return 0 if outcome.ok else 1


def parser(words: list[str]) -> ArgumentParser:
    """Build the parser: of all commands for the general help, else only of the family asked for."""
    first = next((word for word in words if not word.startswith("-")), "")
    families = [family for family, firsts in FAMILIES.items() if first in firsts] or list(FAMILIES)
    top = _Parser(
        prog="workstation",
        description="Open, compare, restore, exhibit and credential scans of paintings, offline.",
        epilog="Without a command the window opens. Each command has its own --help with an example.",
    )
    top.add_argument("--version", action="version", version=f"workstation {VERSION}")
    groups: Groups = top.add_subparsers(
        title="commands", metavar="COMMAND", required=True, parser_class=_Parser
    )
    nested: dict[str, Groups] = {}
    for command in commands(families):
        _add(command, groups, nested)
    return top


def commands(families: list[str] | None = None) -> list[Command]:
    """Return the commands of the named families, or all."""
    found: list[Command] = []
    for family in families or FAMILIES:
        found.extend(import_module(f"workstation.commands.{family}").COMMANDS)
    return found


def _add(command: Command, groups: Groups, nested: dict[str, Groups]) -> None:
    first, _, second = command.words.partition(" ")
    if second and first not in nested:
        family = groups.add_parser(first, help=GROUPS[first], description=GROUPS[first])
        nested[first] = family.add_subparsers(metavar="COMMAND", required=True, parser_class=_Parser)
    own = (nested[first] if second else groups).add_parser(
        second or first,
        help=command.summary,
        description=command.summary,
        epilog="examples:\n" + "\n".join(f"  {example}" for example in command.examples),
        formatter_class=RawDescriptionHelpFormatter,
    )
    command.declare(own)
    own.add_argument("--json", action="store_true", help="print one JSON object instead of text")
    own.set_defaults(command=command)


def _run(arguments: Namespace) -> Outcome:
    command: Command = arguments.command
    try:
        return command.run(arguments, Console(quiet=arguments.json))
    except OSError as error:
        known = unusable(error)
        if known is None:
            raise
        raise known from error
    except MemoryError as error:
        raise WorkstationError("This does not fit into the memory of this machine.") from error


def _print(parts: Iterable[str]) -> None:
    """Write to standard output; WorkstationError where it takes nothing."""
    if not sys.stdout:
        return
    try:
        size = sum(sys.stdout.write(part) for part in parts)
        sys.stdout.write("\n" if size else "")
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python tries again at its end
        if not isinstance(error, BrokenPipeError):  # a reader that left has seen enough
            raise WorkstationError(f"The answer cannot be written: {error.strerror}.") from error


def _fail(error: WorkstationError, wants_json: bool) -> int:
    if wants_json:
        with suppress(WorkstationError):
            _print([one_object({"ok": False, "files": [], "error": error_as_data(error)})])
    return _told(error)


def _told(error: WorkstationError) -> int:
    if sys.stderr:
        with suppress(OSError):
            sys.stderr.write(readable(str(error), keep="") + "\n")
    return 2


def _whole_number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ArgumentTypeError(f"takes a whole number, not {text!r}") from None


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ArgumentTypeError(f"takes a number, not {text!r}")
    return value
