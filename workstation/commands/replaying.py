"""Command: replay."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workstation.commands.command import Command, Console, Outcome, counted
from workstation.commands.studio import declare_export, studio_of
from workstation.files import FileMade

if TYPE_CHECKING:
    from workstation.credentials.recalling import Recalled
    from workstation.credentials.verdict import Verdict
    from workstation.operations.replayed import Replayed

MOST_LINES = 8
"""Differing tiles that are told to a person; --json tells 200, a map all."""


def _declare(parser: ArgumentParser) -> None:
    parser.add_argument("result", type=Path, help="the signed result of a treatment; it is only read")
    parser.add_argument(
        "--scan", type=Path, help="its scan (default: by its hash from the catalogue, else beside the result)"
    )
    parser.add_argument("--page", type=int, help="page of the scan (default: the recorded one)")
    parser.add_argument(
        "--mask",
        type=Path,
        action="append",
        default=[],
        help="a mask that lies beside the result: too large for the credential; may be repeated",
    )
    parser.add_argument("--out", type=Path, metavar="MAP", help="where they differ: map of it, a TIFF or PNG")
    parser.add_argument(
        "--anyway",
        action="store_true",
        help="replay a file that was changed after it was signed all the same",
    )
    declare_export(parser)


def _replay(arguments: Namespace, console: Console) -> Outcome:
    from workstation.catalogue.results import files_of
    from workstation.comparison.replayed import check_map_of, export_map
    from workstation.credentials.recalling import recall
    from workstation.operations.replaying import Asked, recorded_in, replay

    for path in filter(None, (arguments.result, arguments.scan, *arguments.mask)):
        path.open("rb").close()
    asked = Asked(arguments.result, arguments.scan, arguments.page, tuple(arguments.mask))
    if arguments.out:
        check_map_of(asked, arguments.out, arguments.replace)
    studio = studio_of(arguments, console) if arguments.out else None
    recalled = recall(asked.result)
    recorded_in(asked.result, recalled)
    if not recalled.is_reliable and not arguments.anyway:
        return _unreliable(recalled)
    done = console.run(replay(asked, recalled, files_of))
    files: tuple[FileMade, ...] = ()
    if studio and done.match and done.match.pixels:
        files = console.run(export_map(done, arguments.out, studio, replace=arguments.replace))
    return _outcome(done, recalled, files, wanted=arguments.out)


def _unreliable(recalled: Recalled) -> Outcome:
    verdict = recalled.verdict
    lines = (
        f"{verdict.path}: {verdict.state}. {verdict.sentence}",
        "Its record cannot be relied on, so it was not replayed. To compare all the same, add --anyway.",
    )
    data: dict[str, Any] = {"state": None, "largest_difference": None, "credential": _credential(verdict)}
    return Outcome(lines, data=data, ok=False)


def _outcome(done: Replayed, recalled: Recalled, files: tuple[FileMade, ...], wanted: Path | None) -> Outcome:
    from workstation.operations.replayed import as_data, sentence

    verdict = recalled.verdict
    lines = [f"{done.result}: {done.state}. {sentence(done)}", *_where(done)]
    if verdict.state != "trusted":
        lines.append(f"Its credential: {verdict.state}. {verdict.sentence}")
    if done.damaged:
        lines.append(f"{counted(len(done.damaged), 'damaged tile')} of the scan could not be read.")
    lines += [f"Wrote {made.path} ({made.kind})." for made in files]
    if wanted and not files:
        lines.append(f"{wanted} was not written: there is no difference to show.")
    data = {**as_data(done), "credential": _credential(verdict)}
    return Outcome(tuple(lines), files, data, ok=done.is_good and recalled.is_reliable)


def _where(done: Replayed) -> list[str]:
    from workstation.operations.replayed import amount

    if done.match is None or not done.match.pixels:
        return []
    told = [
        f"  {tile.pixels:,} px in x {x0}–{x1 - 1}, y {y0}–{y1 - 1}, by up to {amount(done, tile.largest)}"
        for tile in done.match.tiles[:MOST_LINES]
        for y0, y1, x0, x1 in [tile.box]
    ]
    more = done.match.tiles_different - len(told)
    return [*told, f"  and {counted(more, 'further tile')}"] if more else told


def _credential(verdict: Verdict) -> dict[str, Any]:
    return {"state": verdict.state, "sentence": verdict.sentence, "signer": verdict.signer}


COMMANDS: tuple[Command, ...] = (
    Command(
        "replay",
        "Run the recorded treatment of a signed result again, and tell whether and where the pixels differ.",
        (
            "workstation replay restored.tif --scan scan.tif",
            "workstation replay restored.tif --out differences.tif",
        ),
        _declare,
        _replay,
    ),
)
