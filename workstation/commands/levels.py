"""The commands on kept levels: build them for flat scans beforehand, list them, clear them."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workstation.commands.command import Command, Console, Outcome, counted
from workstation.scans.kept import Kept, clear_kept, folder, list_kept
from workstation.scans.levelling import build_levels
from workstation.scans.opening import describe, open_scan


def _declare_build(parser: ArgumentParser) -> None:
    parser.add_argument("scans", type=Path, nargs="+", metavar="SCAN", help="a TIFF or BigTIFF")


def _declare_list(parser: ArgumentParser) -> None:
    """Take no arguments of its own."""


def _declare_clear(parser: ArgumentParser) -> None:
    parser.add_argument("scans", type=Path, nargs="*", metavar="SCAN", help="only those of these scans")


def _build(arguments: Namespace, console: Console) -> Outcome:
    lines: list[str] = []
    pages: list[dict[str, Any]] = []
    for path in arguments.scans:
        for page in describe(path).pages:
            with open_scan(path, page.index) as scan:
                is_kept, damaged = console.run(build_levels(scan)), len(scan.damaged)
            pages.append({"path": str(path), "page": page.index, "kept": is_kept, "damaged": damaged})
            lines.append(_line(path, page.index, is_kept, damaged))
    return Outcome(tuple(lines), data={"levels": pages}, ok=not any(page["damaged"] for page in pages))


def _line(path: Path, page: int, is_kept: bool, damaged: int) -> str:
    place = f"{path}, page {page}"
    if not is_kept:
        return f"{place}: needs none, it opens at once as it is."
    return f"{place}: levels kept." + (f" {counted(damaged, 'damaged tile')}." if damaged else "")


def _list(arguments: Namespace, console: Console) -> Outcome:
    kept = list_kept()
    total = sum(one.bytes for one in kept)
    lines = [f"{one.scan}, page {one.page}: {counted(one.levels, 'level')}, {_size(one)}" for one in kept]
    lines.append(f"{counted(len(kept), 'scan')}, {total / 1e6:,.1f} MB in {folder()}.")
    found = [
        {
            "path": str(one.scan),
            "page": one.page,
            "levels": one.levels,
            "bytes": one.bytes,
            "used": datetime.fromtimestamp(one.used, UTC).isoformat(timespec="seconds"),
        }
        for one in kept
    ]
    return Outcome(tuple(lines), data={"folder": str(folder()), "levels": found})


def _size(one: Kept) -> str:
    return f"{one.bytes / 1e6:,.1f} MB, used {datetime.fromtimestamp(one.used):%Y-%m-%d %H:%M}"


def _clear(arguments: Namespace, console: Console) -> Outcome:
    files, size = clear_kept(arguments.scans or None)
    told = f"Cleared the levels of {counted(files, 'scan')}, {size / 1e6:,.1f} MB."
    return Outcome((told,), data={"cleared": files, "bytes": size})


COMMANDS: tuple[Command, ...] = (
    Command(
        "levels build",
        "Build the coarser levels that large flat scans lack, and keep them in the user's own folder.",
        ("workstation levels build xray.tif", "workstation levels build scans/*.tif --json"),
        _declare_build,
        _build,
    ),
    Command(
        "levels list",
        "List the kept levels: of which scans, how large, used when.",
        ("workstation levels list", "workstation levels list --json"),
        _declare_list,
        _list,
    ),
    Command(
        "levels clear",
        "Remove kept levels; the scans stay as they are, and levels are built anew when needed.",
        ("workstation levels clear", "workstation levels clear xray.tif"),
        _declare_clear,
        _clear,
    ),
)
