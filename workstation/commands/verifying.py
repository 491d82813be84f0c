"""Commands: verify, account."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from workstation.commands.command import Command, Console, Outcome, counted
from workstation.commands.studio import declare_export, studio_of
from workstation.credentials import trust
from workstation.credentials.account import Account, as_data_of
from workstation.credentials.sentences import deeds
from workstation.credentials.verdict import Verdict, as_data
from workstation.credentials.verifying import verify_all


def _declare_verify(parser: ArgumentParser) -> None:
    parser.add_argument("files", type=Path, nargs="+", metavar="file", help="pictures and other signed files")
    parser.add_argument("--anchors", type=Path, help="trust only the certificates of this file")


def _verify(arguments: Namespace, console: Console) -> Outcome:
    anchors = trust.as_pem(arguments.anchors) if arguments.anchors else None
    judged = console.run(verify_all(arguments.files, anchors))
    lines = tuple(line for verdict in judged.verdicts for line in _verdict_lines(verdict))
    data = {"results": [as_data(verdict) for verdict in judged.verdicts]}
    is_good = all(verdict.state == "trusted" for verdict in judged.verdicts)
    return Outcome(lines, data=data, ok=is_good and not judged.refused, undone=judged.refused)


def _verdict_lines(verdict: Verdict) -> list[str]:
    lines = [f"{verdict.path}: {verdict.state}. {verdict.sentence}"]
    for part in verdict.ancestors:
        done = f", {deeds(part.actions)}" if part.actions else ""
        lines.append(f"{'  ' * part.depth}from {part.title}: {part.state}{done}")
    return lines


def _declare_account(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="a picture or another signed file; it is only read")
    parser.add_argument("out", type=Path, metavar="OUT", help="the page (.html) or PDF (.pdf) to write")
    parser.add_argument("--anchors", type=Path, help="trust only the certificates of this file")
    declare_export(parser)


def _account(arguments: Namespace, console: Console) -> Outcome:
    from workstation.reports.account_exporting import check_account, write_account

    path, target = arguments.file, arguments.out
    path.open("rb").close()
    check_account(path, target, arguments.replace)
    anchors = trust.as_pem(arguments.anchors) if arguments.anchors else None
    studio = studio_of(arguments, console)
    account, files = console.run(write_account(path, target, studio, anchors, replace=arguments.replace))
    return Outcome(_account_lines(account, target), files, as_data_of(account), account.is_good)


def _account_lines(account: Account, target: Path) -> tuple[str, ...]:
    before = len(account.nodes) - 1
    chain = f"It names {counted(before, 'earlier file')}." if before else "It names no earlier files."
    verdict = account.verdict
    return (f"{verdict.path}: {verdict.state}. {verdict.sentence}", f"{chain} The account is in {target}.")


COMMANDS: tuple[Command, ...] = (
    Command(
        "verify",
        "Judge files by their credentials and those of all their ancestors, offline.",
        ("workstation verify signed.tif", "workstation verify *.tif --anchors other-museum.pem"),
        _declare_verify,
        _verify,
    ),
    Command(
        "account",
        "Write all that a file's credential tells as a page or PDF that anybody can read.",
        (
            "workstation account restored.tif account.html",
            "workstation account restored.tif account.pdf --anchors other-museum.pem",
        ),
        _declare_account,
        _account,
    ),
)
