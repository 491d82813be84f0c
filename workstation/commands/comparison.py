"""Command: compare."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from workstation.commands.command import Command, Console, Outcome, counted
from workstation.commands.studio import declare_export, studio_of
from workstation.comparison.difference import SCALE, DifferenceSource
from workstation.comparison.exporting import Compared, check_map, check_png, export_difference
from workstation.comparison.statistics import Statistics, statistics
from workstation.files import FileMade
from workstation.scans.masks import read_mask
from workstation.scans.opening import open_scan


def _declare(parser: ArgumentParser) -> None:
    parser.add_argument("a", type=Path, help="the first scan, such as the one before treatment")
    parser.add_argument("b", type=Path, help="the second scan, of the same size")
    parser.add_argument("out", type=Path, nargs="?", help="map of the differences to write, a TIFF or PNG")
    parser.add_argument("--mask", type=Path, help="compare only where this picture is not black")
    parser.add_argument("--scale", type=float, default=SCALE, help="ΔE00 of the last colour (default 10)")
    parser.add_argument("--page-a", type=int, default=0, help="page of the first file (default 0)")
    parser.add_argument("--page-b", type=int, default=0, help="page of the second file (default 0)")
    declare_export(parser)


def _compare(arguments: Namespace, console: Console) -> Outcome:
    compared = Compared(arguments.a, arguments.b, arguments.mask)
    if arguments.out:
        check_map(compared, arguments.out, arguments.replace)
    signer = studio_of(arguments, console) if arguments.out else None
    mask = read_mask(arguments.mask) if arguments.mask else None
    with ExitStack() as stack:
        a = stack.enter_context(open_scan(arguments.a, arguments.page_a))
        b = stack.enter_context(open_scan(arguments.b, arguments.page_b))
        source = DifferenceSource(a, b, arguments.scale, mask)
        if arguments.out:
            check_png(arguments.out, source.levels[0])
        found = console.run(statistics(source))
        files: tuple[FileMade, ...] = ()
        if signer:
            replace = arguments.replace
            job = export_difference(source, compared, found, arguments.out, signer, replace=replace)
            files = console.run(job)
        damaged = len(source.damaged)
    data: dict[str, Any] = {"measure": source.measure, "scale": source.scale, "statistics": found.values()}
    data |= {"profiles": [encoding.name for encoding in source.encodings], "damaged_tiles": damaged}
    lines = [*_lines(source, found), *(f"Wrote {made.path} ({made.kind})." for made in files)]
    if damaged:
        lines.append(f"{counted(damaged, 'damaged tile')} compared as black: see workstation check.")
    return Outcome(tuple(lines), files, data, ok=not damaged)


def _lines(source: DifferenceSource, found: Statistics) -> list[str]:
    where = "in the mask" if source.extent else "in all"
    above = ", ".join(f"{100 * share:.2f} % above {limit}" for limit, share in found.above)
    return [
        f"{source.quantity} (CIEDE2000), {found.pixels:,} px {where}:",
        f"  mean {found.mean:.3f}, median {found.median:.3f}, 95 % below {found.p95:.3f}, "
        f"largest {found.largest:.3f}",
        f"  {above}",
        f"  colours read as: {source.encodings[0].name} | {source.encodings[1].name}",
    ]


COMMANDS: tuple[Command, ...] = (
    Command(
        "compare",
        "Measure where and how much two scans of the same size differ (CIEDE2000), and draw a map of it.",
        (
            "workstation compare before.tif after.tif",
            "workstation compare before.tif after.tif difference.tif --mask losses.tif --scale 5",
        ),
        _declare,
        _compare,
    ),
)
