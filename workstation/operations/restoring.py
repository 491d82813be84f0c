"""From what a credential tells to a treatment that can be run: operations, and the masks they acted in."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from workstation.errors import CredentialError, MaskError
from workstation.jobs import Job, Progress
from workstation.operations.carrying import name_of
from workstation.operations.mask import Mask
from workstation.operations.packing import read, read_head
from workstation.operations.recorded import Recorded
from workstation.operations.treatment import Step, Treatment
from workstation.scans.masks import read_mask
from workstation.scans.source import Level

MOST_PARTIAL = 1 << 14
"""Tiles that a mask from a credential may mark in part: 512 MiB in memory."""


def treatment_of(
    recorded: Recorded, attachments: Mapping[str, bytes], given: Sequence[Path], level: Level
) -> Job[Treatment]:
    """Build the recorded treatment for a scan of this size; `given` are pictures of masks.

    Raises MaskError where a mask lies beside the result and is not given, or a given one is another.
    """
    wanted = {step.mask_sha256: number for number, step in enumerate(recorded.steps, 1) if step.mask_sha256}
    masks: dict[str, Mask] = {}
    for path in given:
        yield Progress(0, 1, f"reading {path.name}")
        mask = read_mask(path)
        if (sha256 := mask.sha256()) not in wanted:
            raise MaskError(
                f"{path} is not the mask of any step of the recorded treatment: its pixels differ."
            )
        masks[sha256] = mask
    for sha256, number in wanted.items():
        yield Progress(0, 1, "reading the masks")
        if sha256 not in masks:
            masks[sha256] = _carried(attachments, sha256, number, level)
    for mask in masks.values():
        mask.check_fits(level.height, level.width)
    return Treatment(
        tuple(Step(s.operation, masks[s.mask_sha256] if s.mask_sha256 else None) for s in recorded.steps)
    )


def _carried(attachments: Mapping[str, bytes], sha256: str, number: int, level: Level) -> Mask:
    data = attachments.get(name_of(sha256))
    if data is None:
        raise MaskError(
            f"The mask of step {number} is not in the credential. Where its picture lies beside the result, "
            "name it with --mask."
        )
    try:
        head = read_head(io.BytesIO(data))
        Mask(head.height, head.width).check_fits(level.height, level.width)
        mask, found = read(io.BytesIO(data), MOST_PARTIAL)
    except MaskError as error:
        raise CredentialError(
            f"The mask of step {number} in the credential cannot be used: {error}"
        ) from error
    if found != sha256:
        raise CredentialError(f"The mask of step {number} in the credential is not the one its record names.")
    return mask
