"""Which masks of a treatment its credential carries, so that whoever has result and scan can replay it.

Each mask is packed as in the catalogue and named by its hash. What would make the credential too large is
written beside the result instead, as a picture of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from workstation.credentials.content import ATTACHED, Action, Attachment, Content, Ingredient
from workstation.operations.mask import Mask
from workstation.operations.packing import packed
from workstation.operations.record import Record

if TYPE_CHECKING:
    from workstation.operations.treatment import Treatment

FORMAT = f"{ATTACHED}-mask"
MOST_BYTES = 30_000_000
"""A credential holds 32 MB at most, and the catalogue and exports made of the result carry it along."""


@dataclass(frozen=True, slots=True)
class Carried:
    """The masks of a treatment, each once, by hash."""

    inside: dict[str, bytes] = field(default_factory=dict)
    beside: dict[str, Mask] = field(default_factory=dict)

    def records(self, records: Iterable[Record]) -> tuple[Record, ...]:
        """Return the records, each of which says where its mask is."""
        return tuple(
            replace(record, mask_kept="credential" if record.mask_sha256 in self.inside else "beside")
            if record.mask_sha256
            else record
            for record in records
        )

    def attachments(self, records: Iterable[Record]) -> tuple[Attachment, ...]:
        """Return what the credential carries; action 0 is the opening, action n that of step n."""
        users: dict[str, list[int]] = {}
        for place, record in enumerate(records, 1):
            users.setdefault(record.mask_sha256 or "", []).append(place)
        return tuple(
            Attachment(name_of(sha256), data, tuple(users.get(sha256, ())), FORMAT)
            for sha256, data in self.inside.items()
        )


def name_of(sha256: str) -> str:
    """Return the name under which a credential carries the mask of that hash."""
    return f"mask-{sha256}"


def carried(treatment: Treatment, most_bytes: int = MOST_BYTES) -> Carried:
    """Pack the masks of a treatment; the later ones lie beside where all are too large together."""
    found = Carried()
    for step in treatment.steps:
        if step.mask is None:
            continue
        sha256 = step.mask.sha256()
        if sha256 in found.inside or sha256 in found.beside:
            continue
        data = packed(step.mask)
        if sum(map(len, found.inside.values())) + len(data) <= most_bytes:
            found.inside[sha256] = data
        else:
            found.beside[sha256] = step.mask
    return found


def mask_path(target: Path, number: int) -> Path:
    """Return where a mask of a result lies that its credential cannot carry: result-mask-1.tif."""
    return target.with_name(f"{target.stem}-mask-{number}.tif")


def mask_content(target: Path, scan: Path) -> Content:
    """Say in the words of a credential what a mask beside a result is."""
    made = Action("c2pa.created", "humanEdits", f"Where a step of the treatment of {target.name} may act")
    return Content(f"Mask of {target.name}", (made,), (Ingredient(scan, scan.name, "inputTo"),))
