"""The command that writes a treatment report."""

from __future__ import annotations

import tempfile
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from workstation.commands.command import Command, Console, Outcome
from workstation.commands.studio import declare_studio, studio_of
from workstation.files import FileMade

if TYPE_CHECKING:
    from workstation.credentials.certificates import Studio
    from workstation.reports.treatment import TreatmentReport


def _declare(parser: ArgumentParser) -> None:
    parser.add_argument("painting", type=int, metavar="PAINTING", help="its number in the catalogue")
    parser.add_argument("target", type=Path, metavar="REPORT.pdf", help="the PDF to write")
    parser.add_argument("--layer", type=int, metavar="ID", help="else the layer that was worked on last")
    parser.add_argument("--author", default="", help="who answers for the report")
    parser.add_argument("--catalogue", type=Path, metavar="FOLDER", help="another catalogue than your own")
    declare_studio(parser)


def _report(arguments: Namespace, console: Console) -> Outcome:
    from workstation.catalogue.catalogue import open_catalogue
    from workstation.reports.gathering import gather, layer_to_report

    studio = studio_of(arguments, console)
    with open_catalogue(arguments.catalogue) as catalogue:
        layer = layer_to_report(catalogue, arguments.painting, arguments.layer)
        facts = gather(catalogue, layer, datetime.now(UTC), arguments.author or studio.person)
        made = _signed(facts, arguments.target, studio)
        beside = next((file.path for file in made if file.kind == "credential"), None)
        catalogue.add_export(made[0].path, made[0].kind, made[0].sha256, layer.id, beside)
    lines = (
        f"Wrote {arguments.target}: {len(facts.records)} operations on {facts.title}.",
        *([f"Its credential lies beside it: {beside}"] if beside else []),
    )
    return Outcome(lines, made, {"operations": len(facts.records), "credential": facts.credential})


def _signed(facts: TreatmentReport, target: Path, studio: Studio) -> tuple[FileMade, ...]:
    """Write the report and let it out through the one door."""
    from workstation.credentials.content import Action, Content
    from workstation.credentials.door import export
    from workstation.reports.treatment import write_report

    with tempfile.TemporaryDirectory(prefix="report-") as folder:
        draft = Path(folder) / "report.pdf"
        write_report(facts, draft)
        created = Action("c2pa.created", "digitalCreation", "Treatment report set from the catalogue")
        content = Content(f"Treatment report: {facts.title}", (created,), records=facts.records)
        return export(draft, target, "report", content, studio)


COMMANDS = (
    Command(
        "report",
        "Write the treatment report of a painting as PDF.",
        ("workstation report 1 delft-treatment.pdf", 'workstation report 1 out.pdf --author "B. de Vries"'),
        _declare,
        _report,
    ),
)
