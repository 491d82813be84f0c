"""The treatment report: what was done to the picture of a painting, for the file that stays with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from workstation.files import replacing
from workstation.reports.contents import contents_of
from workstation.reports.typesetting import typeset


@dataclass(frozen=True, slots=True)
class TreatmentReport:
    """All that a treatment report says."""

    title: str
    scan_path: Path
    scan_sha256: str
    records: tuple[dict[str, Any], ...]
    """What was done, in this order, as plain JSON of operations.record.Record."""
    created: datetime
    artist: str = ""
    accession: str = ""
    size_mm: tuple[float, float] | None = None
    """Height and width of the painting."""
    scan_page: int = 0
    scan_kind: str = ""
    scan_px: tuple[int, int] | None = None
    """Height and width of the scan."""
    result_path: Path | None = None
    result_sha256: str = ""
    before: bytes | None = None
    """A small JPEG of the scan."""
    after: bytes | None = None
    """A small JPEG of the result."""
    author: str = ""
    credential: str = ""
    """The sentence in which the credential of the result was judged."""
    note: str = ""


def write_report(facts: TreatmentReport, target: Path) -> None:
    """Write the report as PDF/A, whole or not at all; the same facts give the same bytes."""
    pictures = {"before.jpg": facts.before, "after.jpg": facts.after}
    files = {name: data for name, data in pictures.items() if data}
    pdf = typeset("treatment.typ", contents_of(facts), files, facts.created)
    with replacing(target) as temporary:
        temporary.write_bytes(pdf)
