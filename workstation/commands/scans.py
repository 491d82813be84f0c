"""The commands on scans: what a file is, whether it is whole, and a pyramid of it."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path

from workstation.commands.command import Command, Console, Outcome, counted
from workstation.commands.studio import declare_export, studio_of
from workstation.errors import UsageError
from workstation.files import check_targets
from workstation.scans.checking import check_file
from workstation.scans.encoding import COMPRESSIONS
from workstation.scans.exporting import export_pyramid
from workstation.scans.opening import PageInfo, describe, open_pages
from workstation.scans.scan import MOST_DAMAGE
from workstation.scans.source import Damage

_TIFF_NAMES = (".tif", ".tiff", ".btf", ".tf8")


def _declare_scan(parser: ArgumentParser) -> None:
    parser.add_argument("scan", type=Path, metavar="SCAN", help="a TIFF, BigTIFF, JPEG or PNG")


def _declare_pyramid(parser: ArgumentParser) -> None:
    parser.add_argument("source", type=Path, metavar="SRC", help="the scan; it is never changed")
    parser.add_argument("target", type=Path, metavar="DST", help="the TIFF to write")
    parser.add_argument(
        "--compression", choices=COMPRESSIONS, default="zstd", help="how tiles are stored (default: zstd)"
    )
    parser.add_argument("--page", type=int, default=0, help="which page of the scan, counted from 0")
    declare_export(parser)


def _info(arguments: Namespace, console: Console) -> Outcome:
    info = describe(arguments.scan)
    lines = [f"{arguments.scan}"] + [_page_line(page) for page in info.pages]
    return Outcome(tuple(lines), data={"pages": [asdict(page) for page in info.pages]})


def _page_line(page: PageInfo) -> str:
    words = [f"page {page.index}:"]
    words += [f"“{page.name}”"] if page.name else []
    words += [page.kind] if page.kind else []
    words.append(f"{page.width} × {page.height} px, {counted(page.channels, 'channel')} of {page.dtype},")
    words.append(f"{page.compression}, {counted(page.levels, 'level')}")
    words += [f", {page.pixels_per_mm:.4g} px/mm"] if page.pixels_per_mm else []
    words += [f", {page.icc}"] if page.icc else []
    words += [f", made from {page.made_from}"] if page.made_from else []
    words += [", turned upright"] if page.orientation != 1 else []
    return "  " + " ".join(words).replace(" ,", ",")


def _check(arguments: Namespace, console: Console) -> Outcome:
    scan = arguments.scan
    damaged = console.run(check_file(scan))
    blind = sorted({page.page.compression for page in open_pages(scan) if not page.has_checksums})
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
    return Outcome(
        tuple(lines),
        files,
        {"damaged": [asdict(damage) for damage in damaged]},
        ok=not damaged,
    )


COMMANDS: tuple[Command, ...] = (
    Command(
        "info",
        "Tell what a scan is: pages, sizes, levels, colour profile, scale.",
        ("workstation info painting.tif", "workstation info painting.tif --json"),
        _declare_scan,
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
