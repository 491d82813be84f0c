"""The commands on scans: what a file is, whether it is whole, and a pyramid of it."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path

from workstation.commands.command import Command, Console, Outcome, amount, counted
from workstation.commands.studio import declare_export, studio_of
from workstation.commands.telling import closing_lines, left_lines, page_line, page_lines
from workstation.errors import UsageError
from workstation.files import check_targets
from workstation.scans.checking import check_file
from workstation.scans.damaged import MOST_DAMAGE
from workstation.scans.encoding import COMPRESSIONS, GOOD_FOR
from workstation.scans.exporting import export_pyramid
from workstation.scans.facts import facts_of, facts_of_pages
from workstation.scans.opening import open_pages, open_scan
from workstation.scans.source import Damage

_TIFF_NAMES = (".tif", ".tiff", ".btf", ".tf8")


def _declare_scan(parser: ArgumentParser) -> None:
    parser.add_argument("scan", type=Path, metavar="SCAN", help="a TIFF, BigTIFF, JPEG or PNG")


def _declare_pyramid(parser: ArgumentParser) -> None:
    parser.add_argument("source", type=Path, metavar="SRC", help="the scan; it is never changed")
    parser.add_argument("target", type=Path, metavar="DST", help="the TIFF to write")
    good_for = "; ".join(f"{name}: {words}" for name, words in GOOD_FOR.items())
    parser.add_argument(
        "--compression",
        choices=COMPRESSIONS,
        default="zstd",
        help=f"how tiles are stored (default: zstd). {good_for}",
    )
    parser.add_argument("--page", type=int, default=0, help="which page of the scan, counted from 0")
    declare_export(parser)


def _declare_info(parser: ArgumentParser) -> None:
    _declare_scan(parser)
    parser.add_argument("--page", type=int, help="only this page, counted from 0, and all about it")


def _info(arguments: Namespace, console: Console) -> Outcome:
    path, wanted = arguments.scan, arguments.page
    if wanted is None:
        known = list(facts_of_pages(path))
    else:
        with open_scan(path, wanted) as scan:
            known = [(scan.page, facts_of(scan))]
    lines = [f"{path}, {amount(path.stat().st_size)}"]
    if len(known) == 1:
        lines += page_lines(*known[0])
    else:
        lines += [page_line(page, len(known)) for page, _ in known]
        lines += closing_lines([facts for _, facts in known])
    return Outcome(tuple(lines), data={"pages": [asdict(page) | asdict(facts) for page, facts in known]})


def _check(arguments: Namespace, console: Console) -> Outcome:
    scan = arguments.scan
    damaged = console.run(check_file(scan))
    blind = sorted({page.page.compression for page in open_pages(scan) if not page.has_checksums()})
    lines = [_damage_line(damage) for damage in damaged]
    if damaged:
        more = " or more" if len(damaged) >= MOST_DAMAGE else ""
        lines.append(f"{scan}: {counted(len(damaged), 'damaged tile')}{more}. Look for a good copy.")
    elif blind:
        lines.append(
            f"Every tile of {scan} can be decoded. Its compression ({', '.join(blind)}) carries no checksum: "
            "a few changed bits may pass unseen."
        )
    else:
        lines.append(f"{scan} is whole.")
    data = {"damaged": [asdict(damage) for damage in damaged], "checksums": not blind}
    return Outcome(tuple(lines), data=data, ok=not damaged)


def _damage_line(damage: Damage) -> str:
    place = f"page {damage.page}, level {damage.level}, row {damage.row}, column {damage.column}"
    return f"  {place}: {damage.reason}"


def _pyramid(arguments: Namespace, console: Console) -> Outcome:
    source, target = arguments.source, arguments.target
    if target.suffix.lower() not in _TIFF_NAMES:
        raise UsageError(f"A pyramid is a TIFF: give {target} a name that ends in .tif.")
    check_targets([target], replace=arguments.replace, keep=[source])
    studio = studio_of(arguments, console)
    job = export_pyramid(
        source,
        target,
        studio,
        page=arguments.page,
        compression=arguments.compression,
        replace=arguments.replace,
    )
    files, damaged = console.run(job)
    lines = [_damage_line(damage) for damage in damaged]
    lines.append(f"Wrote {target}, signed by {studio.person} ({studio.name}).")
    if damaged:
        lines.append(
            f"{counted(len(damaged), 'damaged tile')} of {source} could not be read and stayed black."
        )
    with open_scan(source, arguments.page) as scan:
        facts = facts_of(scan)
    lines += [f"Stayed behind: {line}." for line in left_lines(facts)]
    return Outcome(
        tuple(lines),
        files,
        {
            "damaged": [asdict(damage) for damage in damaged],
            "left": [asdict(left) for left in facts.left],
        },
        ok=not damaged,
    )


COMMANDS: tuple[Command, ...] = (
    Command(
        "info",
        "Tell what a scan is and carries: pages, sizes, levels, colour, words, blocks.",
        ("workstation info painting.tif", "workstation info layers.tif --page 3 --json"),
        _declare_info,
        _info,
    ),
    Command(
        "check",
        "Decode every tile of a scan and name the damaged ones.",
        ("workstation check painting.tif",),
        _declare_scan,
        _check,
    ),
    Command(
        "pyramid",
        "Write a scan as a signed, tiled pyramid that opens at once at any size.",
        (
            "workstation pyramid painting.tif painting-pyramid.tif",
            "workstation pyramid layers.tif xray.tif --page 3 --compression deflate",
        ),
        _declare_pyramid,
        _pyramid,
    ),
)
