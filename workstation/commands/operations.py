"""Commands: operations (what there is), render (a restoration at full resolution, signed)."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from workstation.commands.command import Command, Console, Outcome, counted
from workstation.commands.studio import declare_export, studio_of
from workstation.errors import UsageError
from workstation.files import check_targets
from workstation.operations.describe import as_json, help_page
from workstation.operations.mask import Mask
from workstation.operations.operation import build, load_all, named, summary
from workstation.operations.treatment import Step, Treatment, read_recipe, step_from

if TYPE_CHECKING:
    from workstation.operations.exporting import Restoration

RECIPE = (
    '{"treatment": 1, "steps": [{"operation": "fill-losses", "mask": "losses.png", '
    '"parameters": {"tension": 0.75}}, {"operation": "suppress-noise"}]}'
)
"""A recipe as the help shows it; masks are named from the recipe's own folder."""


def _declare_operations(parser: ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", help="show the help page of this operation")


def _operations(arguments: Namespace, console: Console) -> Outcome:
    if arguments.name:
        operation = named(arguments.name)
        return Outcome((help_page(operation),), data={"operations": [as_json(operation)]})
    known = [operation for _, operation in sorted(load_all().items())]
    lines = [f"{operation.name:18} {summary(operation)}" for operation in known]
    return Outcome(tuple(lines), data={"operations": [as_json(operation) for operation in known]})


def _declare_render(parser: ArgumentParser) -> None:
    parser.add_argument("scan", type=Path, help="the scan; it is only read")
    parser.add_argument("result", type=Path, help="the restored picture to write, a TIFF with pyramid")
    parser.add_argument("--operation", help="the operation to apply (see: workstation operations)")
    parser.add_argument("--mask", type=Path, help="picture of the scan's size; marked where it is not black")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter; may be repeated"
    )
    parser.add_argument("--treatment", type=Path, metavar="RECIPE", help=f"several steps, as JSON: {RECIPE}")
    parser.add_argument("--page", type=int, default=0, help="page of a multi-page scan, from 0")
    parser.add_argument("--compression", default="deflate", help="deflate, zstd, lzw, none or jpegxl")
    declare_export(parser)


def _render(arguments: Namespace, console: Console) -> Outcome:
    from workstation.catalogue.catalogue import open_catalogue
    from workstation.operations.exporting import restore

    if arguments.result.suffix.lower() not in {".tif", ".tiff"}:
        raise UsageError(f"A restoration is written as a TIFF; {arguments.result.name} does not end in .tif.")
    asked = [path for path in (arguments.scan, arguments.mask, arguments.treatment) if path]
    check_targets([arguments.result], replace=arguments.replace, keep=asked)
    treatment = _treatment(arguments)
    studio = studio_of(arguments, console)
    open_catalogue().close()  # a catalogue that cannot be used must not be found out after the work
    job = restore(
        arguments.scan,
        treatment,
        arguments.result,
        studio,
        page=arguments.page,
        compression=arguments.compression,
        replace=arguments.replace,
    )
    done = console.run(job)
    rendered = done.rendered
    known = _remember(done, arguments.page)
    size = f", {rendered.area_mm2:.1f} mm²" if rendered.area_mm2 is not None else ""
    where = "the whole picture"
    if any(step.mask for step in treatment.steps):
        where = f"{counted(rendered.regions, 'region')}, {rendered.area_px:,} px{size} marked"
    lines = [
        f"{arguments.result}: {where}, {rendered.changed_px:,} px changed; "
        "every sample outside the mask equals the scan's.",
        f"{rendered.seconds:.1f} s on {rendered.device}. Signed by {studio.person} ({studio.name}).",
    ]
    lines += ["The catalogue knows the scan and keeps the records."] if known else []
    if rendered.damaged:
        count = counted(len(rendered.damaged), "damaged tile")
        lines.append(f"{count} of the scan could not be read and stayed black: see workstation check.")
    data = {
        "outside_mask_identical": True,  # a difference ends the render with an error
        "regions": rendered.regions,
        "area_mm2": rendered.area_mm2,
        "area_px": rendered.area_px,
        "changed_px": rendered.changed_px,
        "seconds": rendered.seconds,
        "device": rendered.device,
        "damaged": [asdict(tile) for tile in rendered.damaged],
        "record": [record.as_json() for record in rendered.records],
    }
    return Outcome(tuple(lines), done.files, data, ok=not rendered.damaged)


def _remember(done: Restoration, page: int) -> bool:
    """Keep records and files in the catalogue where it knows the scan; tell whether it does."""
    from workstation.catalogue.catalogue import open_catalogue
    from workstation.catalogue.results import layers_of_scan, remember

    records = [record.as_json() for record in done.rendered.records]
    with open_catalogue() as catalogue:
        layers = layers_of_scan(catalogue, records[0]["input_sha256"], page)
        for layer in layers:
            remember(catalogue, layer.id, done.files, records)
    return bool(layers)


def _treatment(arguments: Namespace) -> Treatment:
    if bool(arguments.operation) == bool(arguments.treatment):
        raise UsageError("Name either one --operation or one --treatment recipe.")
    if arguments.treatment:
        if arguments.set or arguments.mask:
            raise UsageError("With --treatment, masks and parameters stand in the recipe.")
        return _from_recipe(arguments.treatment)
    values = dict(_pair(text) for text in arguments.set)
    return Treatment((Step(build(arguments.operation, values), _mask(arguments.mask)),))


def _from_recipe(path: Path) -> Treatment:
    steps = []
    for found in read_recipe(path):
        mask = found.get("mask")
        if mask is not None and (not isinstance(mask, str) or "\0" in mask):
            raise UsageError("The mask of a step is the path of a picture.")
        steps.append(step_from(found, _mask(path.parent / mask if mask else None)))
    return Treatment(tuple(steps))


def _mask(path: Path | None) -> Mask | None:
    from workstation.scans.masks import read_mask

    return read_mask(path) if path else None


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"--set takes NAME=VALUE, not {text!r}.")
    return name.strip(), value


COMMANDS = (
    Command(
        "operations",
        "List what can be done to a scan, or show one operation's help page.",
        ("workstation operations", "workstation operations fill-losses"),
        _declare_operations,
        _operations,
    ),
    Command(
        "render",
        "Apply an operation or a whole treatment at full resolution; sign result and change map.",
        (
            "workstation render scan.tif filled.tif --operation fill-losses --mask losses.png",
            "workstation render scan.tif calm.tif --operation suppress-noise --set strength=0.4",
            "workstation render scan.tif restored.tif --treatment recipe.json",
        ),
        _declare_render,
        _render,
    ),
)
