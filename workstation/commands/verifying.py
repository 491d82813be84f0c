"""Commands: verify, account."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from workstation.commands.command import Command, Console, Outcome, counted, readable
from workstation.commands.studio import declare_export, declare_replace, studio_of
from workstation.credentials import trust
from workstation.credentials.account import Account, as_data_of
from workstation.credentials.batch import REFUSED, Batch, judge_all
from workstation.credentials.listing import listing_in
from workstation.credentials.searching import search
from workstation.credentials.sentences import deeds
from workstation.errors import UsageError, WorkstationError
from workstation.files import check_targets, made
from workstation.reports.verification import summary, words_of, write_csv, write_page

FEW = 20
"""So many files are told one by one, each with its chain; of more only what does not hold."""
MOST_REFUSED = MOST_OF_STATE = 20
MOST_TILES = 8
"""Changed tiles of a file that are told to a person; --json tells all of them."""


def _declare_verify(parser: ArgumentParser) -> None:
    parser.add_argument(
        "files",
        type=Path,
        nargs="+",
        metavar="FILE|FOLDER",
        help="pictures and other signed files; a folder is judged as a whole if it was signed as one, else "
        "searched with all that lies in it, without following links and without what is hidden",
    )
    parser.add_argument("--anchors", type=Path, help="trust only the certificates of this file")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write the results as a table, too")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write the results as a page, too")
    parser.add_argument("--verbose", action="store_true", help="tell of every file, the trusted ones, too")
    declare_replace(parser)


def _verify(arguments: Namespace, console: Console) -> Outcome:
    anchors = trust.from_file(arguments.anchors) if arguments.anchors else None
    targets = [target for target in (arguments.csv, arguments.html) if target is not None]
    _check_tables(arguments, targets)
    found = console.run(search(arguments.files))
    batch = console.run(judge_all(found.files, anchors, found.refused))
    if arguments.csv is not None:
        write_csv(batch, arguments.csv)
    if arguments.html is not None:
        write_page(batch, arguments.html)
    files = tuple(made(target, "report") for target in targets)
    data = {"counts": dict(summary(batch))}
    undone = _few(batch.refused)
    if console.quiet:
        return Outcome((), files, data, batch.is_good, undone, ("results", _results(batch)))
    with closing(batch):
        many = found.has_folder or len(found.files) > FEW
        lines = _told(batch, brief=many and not arguments.verbose, counted_up=many)
        lines += [f"{target} is written." for target in targets]
        return Outcome(tuple(lines), files, data, batch.is_good, undone)


def _results(batch: Batch) -> Iterator[dict[str, Any]]:
    """Yield the verdicts in the order of the files, then let go of the batch."""
    with closing(batch):
        yield from (entry.data for entry in batch.entries() if entry.state != REFUSED)


def _check_tables(arguments: Namespace, targets: list[Path]) -> None:
    if len(targets) == 2 and targets[0].absolute() == targets[1].absolute():
        raise UsageError("The table and the page need different names.")
    read = [path for path in arguments.files if not path.is_dir()]
    check_targets(targets, replace=arguments.replace, keep=read)


def _told(batch: Batch, *, brief: bool, counted_up: bool) -> list[str]:
    """Return what a person reads: how many files are in which state, then file by file."""
    lines = []
    if counted_up:
        lines.append(f"{counted(sum(batch.counts.values()), 'file')} checked:")
        for state, count in summary(batch):
            lines.append(f"{count:>9,}  {state}: {words_of(state)[0]}")
        lines.append("")
    told: Counter[str] = Counter()
    for entry in batch.entries(gravest_first=brief):
        if entry.state != REFUSED and not (brief and entry.state == "trusted"):
            told[entry.state] += 1
            if not brief or told[entry.state] <= MOST_OF_STATE:
                lines += _entry_lines(entry.data, brief)
    left = sum(max(count - MOST_OF_STATE, 0) for count in told.values()) if brief else 0
    if left:
        lines.append(f"{counted(left, 'further file')} in these states; --verbose and --html tell all.")
    return lines[:-1] if lines and not lines[-1] else lines


def _entry_lines(data: dict[str, Any], brief: bool) -> list[str]:
    lines = [f"{data['path']}: {data['state']}. {data['sentence']}"]
    lines += [f"  {file['change']}: {file['path']}" for file in data["changed_files"]]
    lines += _tile_lines(data["changed_tiles"])
    for part in data["ancestors"] if not brief else []:
        done = f", {deeds(tuple(part['actions']))}" if part["actions"] else ""
        lines.append(f"{'  ' * part['depth']}from {part['title']}: {part['state']}{done}")
    return [readable(line, keep="") for line in lines]  # a line break in a name would forge a verdict


def _tile_lines(tiles: list[dict[str, Any]]) -> list[str]:
    paged = any(tile["page"] for tile in tiles)
    lines = []
    for tile in tiles[:MOST_TILES]:
        y0, y1, x0, x1 = tile["box"]
        page = f"page {tile['page'] + 1}, " if paged else ""
        level = f", at level {tile['level']}" if tile["level"] else ""
        place = f"row {tile['row']}, column {tile['column']} (x {x0}–{x1}, y {y0}–{y1} px{level})"
        lines.append(f"  changed tile: {page}{place}")
    more = len(tiles) - len(lines)
    return [*lines, f"  and {counted(more, 'further changed tile')}"] if more else lines


def _few(refused: list[WorkstationError]) -> tuple[WorkstationError, ...]:
    """Return the first of many errors, and how many there are more."""
    more = len(refused) - MOST_REFUSED
    rest = (UsageError(f"{counted(more, 'further file')} could not be checked."),) if more > 0 else ()
    return (*refused[:MOST_REFUSED], *rest)


def _declare_account(parser: ArgumentParser) -> None:
    parser.add_argument(
        "file", type=Path, help="a picture, another signed file, or a signed folder; it is only read"
    )
    parser.add_argument("out", type=Path, metavar="OUT", help="the page (.html) or PDF (.pdf) to write")
    parser.add_argument("--anchors", type=Path, help="trust only the certificates of this file")
    declare_export(parser)


def _account(arguments: Namespace, console: Console) -> Outcome:
    from workstation.reports.account_exporting import check_account, write_account

    path, target = arguments.file, arguments.out
    if not path.is_dir() or listing_in(path) is None:
        path.open("rb").close()
    check_account(path, target, arguments.replace)
    anchors = trust.from_file(arguments.anchors) if arguments.anchors else None
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
        "Judge files by their credentials and those of all earlier files they came from, offline.",
        (
            "workstation verify signed.tif",
            "workstation verify *.tif --anchors other-museum.pem",
            "workstation verify exhibition",
            "workstation verify /archive/2026 --csv check.csv --html check.html",
        ),
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
