"""The commands of the catalogue: what comes in, what is found, what leaves as a dossier."""

from __future__ import annotations

import dataclasses
from argparse import ArgumentParser, Namespace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workstation.commands.command import Command, Console, Outcome
from workstation.commands.studio import declare_replace
from workstation.errors import UsageError
from workstation.files import check_targets

if TYPE_CHECKING:
    from workstation.catalogue.catalogue import Catalogue
    from workstation.catalogue.facts import Arrival, Painting, ScanEntry, StepEntry

FIELDS = ("title", "artist", "accession", "height_mm", "width_mm", "note")


def _open(arguments: Namespace) -> Catalogue:
    from workstation.catalogue.catalogue import open_catalogue

    return open_catalogue(arguments.catalogue)


def _plain(fact: Any) -> dict[str, Any]:
    """Return a fact as JSON values."""
    return {key: _value(value) for key, value in dataclasses.asdict(fact).items()}


def _value(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    return value.isoformat() if isinstance(value, datetime) else value


def _fields(arguments: Namespace) -> dict[str, Any]:
    return {field: given for field in FIELDS if (given := getattr(arguments, field)) is not None}


def _painting_line(painting: Painting) -> str:
    size = ""
    if painting.height_mm and painting.width_mm:
        size = f"{painting.height_mm:g} × {painting.width_mm:g} mm"
    known = (painting.title, painting.artist, painting.accession, size)
    return f"{painting.id}  " + ", ".join(word for word in known if word)


def _scan_line(scan: ScanEntry) -> str:
    from workstation.catalogue.scans import in_place

    scale = f", {scan.pixels_per_mm:g} px/mm" if scan.pixels_per_mm else ""
    page = f" page {scan.page}" if scan.page else ""
    gone = "" if in_place(scan) else "  (not there: workstation catalogue find FOLDER)"
    return (
        f"  scan {scan.id}  {scan.kind or '?'}  {scan.width_px} × {scan.height_px} px{scale}  "
        f"{scan.path}{page}{gone}"
    )


def _step_line(step: StepEntry) -> str:
    values = ", ".join(f"{key} {value}" for key, value in step.parameters.items())
    return f"    {step.created:%Y-%m-%d %H:%M}  {step.operation}  {values}"


def _arrived(arrival: Arrival) -> Outcome:
    lines = ("Painting " + _painting_line(arrival.painting), *map(_scan_line, arrival.scans))
    return Outcome(lines, data=_arrival_data(arrival))


def _arrival_data(arrival: Arrival) -> dict[str, Any]:
    return {
        "painting": _plain(arrival.painting),
        "scans": [_plain(scan) for scan in arrival.scans],
        "layers": [_plain(layer) for layer in arrival.layers],
    }


def _add(arguments: Namespace, console: Console) -> Outcome:
    from workstation.catalogue.intake import taking_in

    with _open(arguments) as catalogue:
        job = taking_in(
            catalogue,
            arguments.scans,
            _fields(arguments),
            painting_id=arguments.painting,
            kind=arguments.kind,
            pixels_per_mm=arguments.pixels_per_mm,
        )
        return _arrived(console.run(job))


def _change(arguments: Namespace, console: Console) -> Outcome:
    with _open(arguments) as catalogue:
        painting = catalogue.change_painting(arguments.id, **_fields(arguments))
    return Outcome((_painting_line(painting),), data={"painting": _plain(painting)})


def _list(arguments: Namespace, console: Console) -> Outcome:
    with _open(arguments) as catalogue:
        paintings = catalogue.paintings()
    lines = tuple(map(_painting_line, paintings))
    return Outcome(lines or ("The catalogue is empty.",), data={"paintings": list(map(_plain, paintings))})


def _search(arguments: Namespace, console: Console) -> Outcome:
    with _open(arguments) as catalogue:
        hits = catalogue.search(" ".join(arguments.text))
    lines = tuple(f"{hit.subject} {hit.id}  (painting {hit.painting_id or '–'})  {hit.words}" for hit in hits)
    return Outcome(lines or ("Nothing was found.",), data={"hits": list(map(_plain, hits))})


def _show(arguments: Namespace, console: Console) -> Outcome:
    with _open(arguments) as catalogue:
        painting = catalogue.painting(arguments.id)
        scans, notes = catalogue.scans(painting.id), catalogue.notes(painting.id)
        lines = [_painting_line(painting), *([f"  {painting.note}"] if painting.note else [])]
        lines += [f"  {note.created:%Y-%m-%d}  {note.author}  {note.text}" for note in notes]
        lines += map(_scan_line, scans)
        layers = []
        for layer in catalogue.layers(painting.id):
            steps, exports = catalogue.treatment(layer.id), catalogue.exports(layer.id)
            lines += [f"  layer {layer.id}  {layer.name}", *map(_step_line, steps)]
            lines += [f"    {export.kind}  {export.path}" for export in exports]
            records = [_plain(record) for record in catalogue.records(layer.id)]
            history = {"treatment": list(map(_plain, steps)), "records": records}
            layers.append({**_plain(layer), **history, "exports": list(map(_plain, exports))})
    data = {"painting": _plain(painting), "scans": list(map(_plain, scans)), "layers": layers}
    return Outcome(tuple(lines), data={**data, "notes": list(map(_plain, notes))})


def _note(arguments: Namespace, console: Console) -> Outcome:
    with _open(arguments) as catalogue:
        note = catalogue.add_note(arguments.id, " ".join(arguments.text), arguments.author)
    return Outcome((f"Noted on painting {note.painting_id}.",), data={"note": _plain(note)})


def _remove(arguments: Namespace, console: Console) -> Outcome:
    with _open(arguments) as catalogue:
        painting = catalogue.remove_painting(arguments.id)
    line = f"Removed: {_painting_line(painting)}. Its scans were not touched."
    back = f"To bring it back: workstation catalogue restore {painting.id}"
    return Outcome((line, back), data={"painting": _plain(painting)})


def _restore(arguments: Namespace, console: Console) -> Outcome:
    with _open(arguments) as catalogue:
        painting = catalogue.restore_painting(arguments.id)
    return Outcome((_painting_line(painting),), data={"painting": _plain(painting)})


def _export(arguments: Namespace, console: Console) -> Outcome:
    from workstation.catalogue.dossier_writing import writing_dossier

    check_targets([arguments.file], replace=arguments.replace)
    with _open(arguments) as catalogue:
        made = console.run(writing_dossier(catalogue, arguments.painting, arguments.file))
    return Outcome((f"Wrote {made.path}. The scans are named in it, not contained.",), (made,))


def _import(arguments: Namespace, console: Console) -> Outcome:
    from workstation.catalogue.dossier_reading import reading_dossier

    with _open(arguments) as catalogue:
        return _arrived(console.run(reading_dossier(catalogue, arguments.file)))


def _find(arguments: Namespace, console: Console) -> Outcome:
    for folder in arguments.folders:
        if not folder.is_dir():
            raise UsageError(f"There is no folder {folder}.")
    with _open(arguments) as catalogue:
        found = console.run(catalogue.finding_moved(catalogue.missing_scans(), arguments.folders))
        missing = catalogue.missing_scans()
    lines = [f"{len(found)} found:", *map(_scan_line, found)] if found else ["Nothing was found."]
    lines += [f"{len(missing)} still missing:", *map(_scan_line, missing)] if missing else []
    data = {"found": list(map(_plain, found)), "missing": list(map(_plain, missing))}
    return Outcome(tuple(lines), data=data, ok=not missing)


def _where(parser: ArgumentParser) -> None:
    parser.add_argument("--catalogue", type=Path, metavar="FOLDER", help="another catalogue than your own")


def _painting_fields(parser: ArgumentParser) -> None:
    parser.add_argument("--title", help="title of the painting")
    parser.add_argument("--artist", help="who painted it")
    parser.add_argument("--accession", help="accession number")
    parser.add_argument("--height-mm", type=float, metavar="MM", help="height of the painting")
    parser.add_argument("--width-mm", type=float, metavar="MM", help="width of the painting")
    parser.add_argument("--note", help="whatever else is to be known of it")
    _where(parser)


def _declare_add(parser: ArgumentParser) -> None:
    parser.add_argument("scans", nargs="+", type=Path, metavar="SCAN", help="picture files of one painting")
    parser.add_argument("--painting", type=int, metavar="ID", help="a painting that is in the catalogue")
    parser.add_argument("--kind", help="VIS, IRR, UVF, RAK, XR, TL …; else as the file says")
    parser.add_argument("--pixels-per-mm", type=float, metavar="N", help="resolution on the painting")
    _painting_fields(parser)


def _declare_id(parser: ArgumentParser) -> None:
    parser.add_argument("id", type=int, metavar="ID", help="number of the painting")
    _where(parser)


def _declare_change(parser: ArgumentParser) -> None:
    parser.add_argument("id", type=int, metavar="ID", help="number of the painting")
    _painting_fields(parser)


def _declare_text(parser: ArgumentParser) -> None:
    parser.add_argument("text", nargs="+", metavar="TEXT", help="words, or how they begin")
    _where(parser)


def _declare_note(parser: ArgumentParser) -> None:
    parser.add_argument("id", type=int, metavar="ID", help="number of the painting")
    parser.add_argument("text", nargs="+", metavar="TEXT", help="what is to be remembered")
    parser.add_argument("--author", default="", help="who says so")
    _where(parser)


def _declare_export(parser: ArgumentParser) -> None:
    parser.add_argument("painting", type=int, metavar="PAINTING", help="number of the painting")
    parser.add_argument("file", type=Path, metavar="FILE", help="the dossier to write")
    declare_replace(parser)
    _where(parser)


def _declare_import(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="a dossier")
    _where(parser)


def _declare_find(parser: ArgumentParser) -> None:
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="where to look, and below")
    _where(parser)


def _command(words: str, summary: str, example: str, declare: Any, run: Any) -> Command:
    return Command(f"catalogue {words}", summary, (f"workstation catalogue {example}",), declare, run)


COMMANDS = (
    _command(
        "add",
        "Enter scans of a painting.",
        'add delft_VIS.tif delft_IRR.tif --title "View of Delft" --artist Vermeer --height-mm 965',
        _declare_add,
        _add,
    ),
    _command("list", "List the paintings.", "list", _where, _list),
    _command("search", "Find words in everything remembered.", "search vermeer varn", _declare_text, _search),
    _command("show", "Show all that is known of a painting.", "show 1", _declare_id, _show),
    _command(
        "change", "Correct what is known.", 'change 1 --artist "Johannes Vermeer"', _declare_change, _change
    ),
    _command("note", "Write a note on a painting.", 'note 1 "Relined in 1951"', _declare_note, _note),
    _command(
        "remove", "Take a painting out of the lists; no file is deleted.", "remove 1", _declare_id, _remove
    ),
    _command("restore", "Bring a removed painting back.", "restore 1", _declare_id, _restore),
    _command("export", "Write a painting as one file.", "export 1 delft.dossier", _declare_export, _export),
    _command("import", "Take in a painting's dossier.", "import delft.dossier", _declare_import, _import),
    _command("find", "Find scans that were moved.", "find /mnt/archive", _declare_find, _find),
)
