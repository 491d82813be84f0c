"""Commands: open (the window), doctor (what this machine lacks)."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from workstation.commands.command import Command, Console, Outcome
from workstation.doctor import examine


def _declare_open(parser: ArgumentParser) -> None:
    parser.add_argument("files", type=Path, nargs="*", help="scans to lay on the table")
    parser.add_argument(
        "--demonstration", action="store_true", help="show the demonstration painting, a made-up panel"
    )


def _open(arguments: Namespace, console: Console) -> Outcome:
    from workstation.app import run

    run(arguments.files, arguments.demonstration)
    return Outcome()


def _declare_doctor(parser: ArgumentParser) -> None:
    """Take no arguments of its own."""


def _doctor(arguments: Namespace, console: Console) -> Outcome:
    findings = examine()
    ready = all(finding.present for finding in findings)
    lines = [f"{'ok      ' if found.present else 'missing '} {found.part}" for found in findings]
    lines += [found.cure for found in findings if not found.present]
    data = {
        "findings": [
            {"part": found.part, "present": found.present, "cure": found.cure if not found.present else ""}
            for found in findings
        ]
    }
    return Outcome(tuple(lines), data=data, ok=ready)


COMMANDS = (
    Command(
        "open",
        "Open the window, with scans or with the demonstration painting.",
        ("workstation open", "workstation open VIS.tif IRR.tif XR.tif", "workstation open --demonstration"),
        _declare_open,
        _open,
    ),
    Command(
        "doctor",
        "Say what this machine lacks to open the window, and the line that mends it.",
        ("workstation doctor", "workstation doctor --json"),
        _declare_doctor,
        _doctor,
    ),
)
