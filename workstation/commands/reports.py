"""The command that writes a treatment report."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from pathlib import Path

from workstation.commands.command import Command, Console, Outcome, counted
from workstation.commands.studio import declare_export, studio_of


def _declare(parser: ArgumentParser) -> None:
    parser.add_argument("painting", type=int, metavar="PAINTING", help="its number in the catalogue")
    parser.add_argument("target", type=Path, metavar="REPORT.pdf", help="the PDF to write")
    parser.add_argument("--layer", type=int, metavar="ID", help="else the layer that was worked on last")
    parser.add_argument("--author", default="", help="who answers for the report")
    parser.add_argument("--catalogue", type=Path, metavar="FOLDER", help="another catalogue than your own")
    declare_export(parser)


def _report(arguments: Namespace, console: Console) -> Outcome:
    from workstation.catalogue.catalogue import open_catalogue
    from workstation.catalogue.results import remember
    from workstation.reports.exporting import check_report, export_report
    from workstation.reports.gathering import gather, layer_to_report

    check_report(arguments.target, arguments.replace)
    studio = studio_of(arguments, console)
    with open_catalogue(arguments.catalogue) as catalogue:
        layer = layer_to_report(catalogue, arguments.painting, arguments.layer)
        facts = gather(catalogue, layer, datetime.now(UTC), arguments.author or studio.person)
        made = export_report(facts, arguments.target, studio, replace=arguments.replace)
        remember(catalogue, layer.id, made)
        beside = next((file.path for file in made if file.kind == "credential"), None)
    lines = (
        f"Wrote {arguments.target}: {counted(len(facts.records), 'operation')} on {facts.title}.",
        *([f"Its credential lies beside it: {beside}"] if beside else []),
    )
    return Outcome(lines, made, {"operations": len(facts.records), "credential": facts.credential})


COMMANDS = (
    Command(
        "report",
        "Write the treatment report of a painting as PDF.",
        ("workstation report 1 delft-treatment.pdf", 'workstation report 1 out.pdf --author "B. de Vries"'),
        _declare,
        _report,
    ),
)
