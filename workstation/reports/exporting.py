"""A treatment report as a signed PDF that leaves the house."""

from __future__ import annotations

from pathlib import Path

from workstation.credentials.certificates import Studio
from workstation.credentials.content import Action, Content
from workstation.credentials.door import check_exports, export
from workstation.errors import UsageError
from workstation.files import FileMade, drafts
from workstation.reports.treatment import TreatmentReport, write_report


def export_report(
    facts: TreatmentReport, target: Path, studio: Studio, *, replace: bool = False
) -> tuple[FileMade, ...]:
    """Set the report and sign it; return the PDF and the file of its credential."""
    check_report(target, replace)
    with drafts(target) as folder:
        draft = folder / target.name
        write_report(facts, draft)
        created = Action("c2pa.created", "digitalCreation", "Treatment report set from the catalogue")
        content = Content(f"Treatment report: {facts.title}", (created,), records=facts.records)
        return export(draft, target, "report", content, studio, replace=replace)


def check_report(target: Path, replace: bool) -> None:
    """Raise an error unless a report can be written there."""
    if target.suffix.lower() != ".pdf":
        raise UsageError(f"A report is a PDF; {target.name} does not end in .pdf.")
    check_exports([target], replace=replace)
