"""The treatment record: what is known of one applied operation, as it is stored, reported and signed."""

from __future__ import annotations

import dataclasses
import getpass
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias

from workstation import portable
from workstation.operations.operation import State, values
from workstation.operations.regions import Region
from workstation.operations.treatment import Step
from workstation.versions import versions

FORMAT = 1
"""Of records as this programme writes them; a later one may not be replayed here."""
MaskKept: TypeAlias = Literal["credential", "beside"]


@dataclass(frozen=True, slots=True)
class Record:
    """One applied operation: what, with which parameters, where, on what, by whom, with which result."""

    operation: str
    version: int
    parameters: dict[str, Any]
    state: State
    mask_sha256: str | None
    regions: int
    area_px: int
    area_mm2: float | None
    share: float
    """The marked part of the picture, 0 to 1."""
    input_sha256: str
    input_page: int
    output_pixels_sha256: str | None
    """Of the last operation of a treatment: the hash of the decoded pixels (see render.pixels_hash)."""
    weights_sha256: str | None
    seed: int | None
    device: str
    versions: dict[str, str]
    when: str
    who: str
    mask_kept: MaskKept | None = None
    """Where the mask of a signed result is: in its credential, or in a file beside it."""
    processor: str = ""
    """The machine's processor and the vector instructions that were used."""
    format: int = FORMAT

    def as_json(self) -> dict[str, Any]:
        """Return the record as plain JSON values."""
        return dataclasses.asdict(self)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What all records of one render have in common."""

    input_sha256: str
    input_page: int
    pixels: int
    pixels_per_mm: float | None
    device: str
    processor: str
    who: str


def record_of(
    step: Step, state: State, around: Circumstances, output: str | None, regions: tuple[Region, ...]
) -> Record:
    """Write down one step; `output` is the hash of the resulting pixels where they were written."""
    area = step.mask.area if step.mask else around.pixels
    scale = around.pixels_per_mm
    return Record(
        operation=step.operation.name,
        version=step.operation.version,
        parameters=values(step.operation),
        state=state,
        mask_sha256=step.mask.sha256() if step.mask else None,
        regions=len(regions),
        area_px=area,
        area_mm2=area / scale**2 if scale else None,
        share=area / around.pixels,
        input_sha256=around.input_sha256,
        input_page=around.input_page,
        output_pixels_sha256=output,
        weights_sha256=step.operation.weights_sha256(),
        seed=getattr(step.operation, "seed", None),
        device=around.device,
        versions=versions(),
        when=datetime.now(UTC).isoformat(timespec="seconds"),
        who=around.who,
        processor=around.processor,
    )


def processor() -> str:
    """Name what besides the device has a say in how numbers are rounded."""
    from models.device import instructions

    return f"{portable.processor()}, {instructions()}"


def author() -> str:
    """Return the name of the person at the machine, as far as the system knows it."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
