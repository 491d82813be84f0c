"""From the records in a credential back to a treatment; a stranger may have written them.

Nothing is believed before it is checked, and whatever does not fit is told in one sentence of bounded length.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workstation.errors import CredentialError, WorkstationError
from workstation.operations.operation import Operation, build, load_all
from workstation.operations.record import FORMAT
from workstation.operations.treatment import MOST_STEPS

LONGEST_PARAMETERS = 20_000
"""Of one step, as JSON text; an honest one has a few hundred characters."""
LARGEST_WHOLE = 1 << 53
LONGEST_TEXT = 200
_HASH = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class RecordedStep:
    """One step as its record tells it, and the operation that it names."""

    operation: Operation
    mask_sha256: str | None
    mask_beside: bool
    told: Mapping[str, Any]
    """The whole record."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """The treatment that a credential tells."""

    steps: tuple[RecordedStep, ...]
    input_sha256: str
    input_page: int
    output_sha256: str | None
    """Of the decoded pixels of the result."""
    device: str
    processor: str
    versions: Mapping[str, str]


def read_records(records: Sequence[Mapping[str, Any]]) -> Recorded:
    """Read the records of a result; CredentialError where they cannot be replayed by this programme."""
    if not 0 < len(records) <= MOST_STEPS:
        raise _refused(f"they tell {len(records)} steps; a treatment has from 1 to {MOST_STEPS}")
    fields = [_Fields(record, number) for number, record in enumerate(records, 1)]
    steps = tuple(_step(step) for step in fields)
    first, last = fields[0], fields[-1]
    inputs = {(step.hash("input_sha256"), step.whole("input_page")) for step in fields}
    if len(inputs) > 1:
        raise _refused("they name more than one scan")
    scan, page = first.hash("input_sha256"), first.whole("input_page")
    if scan is None:
        raise _refused("they do not name the scan")
    output = last.hash("output_pixels_sha256")
    versions = {
        key: value[:LONGEST_TEXT]
        for key, value in first.mapping("versions").items()
        if isinstance(value, str) and len(key) <= LONGEST_TEXT
    }
    around = {name: {step.text(name) for step in fields} for name in ("device", "processor")}
    if any(len(said) > 1 for said in around.values()):
        raise _refused("their steps were made on more than one machine")
    return Recorded(steps, scan, page, output, first.text("device"), first.text("processor"), versions)


def _step(fields: _Fields) -> RecordedStep:
    if fields.whole("format", 1) > FORMAT:
        raise _refused("a newer version of the workstation wrote them. Update this one")
    name, version = fields.text("operation"), fields.whole("version", 1)
    kind = load_all().get(name)
    if kind is None:
        raise _refused(f"step {fields.number} used {name!r}, which this version of the workstation lacks")
    if version != kind.version:
        has = f"this version of the workstation has version {kind.version}"
        raise _refused(f"step {fields.number} used version {version} of {name}; {has}")
    operation = _operation(fields, name)
    _check_weights(fields, operation)
    mask = fields.hash("mask_sha256")
    if operation.needs_mask and mask is None:
        raise _refused(f"step {fields.number}, {name}, has no mask")
    return RecordedStep(operation, mask, fields.told.get("mask_kept") == "beside", fields.told)


def _operation(fields: _Fields, name: str) -> Operation:
    parameters = fields.mapping("parameters")
    if len(json.dumps(parameters)) > LONGEST_PARAMETERS:
        raise _refused(f"step {fields.number} has parameters of no reasonable length")
    try:
        return build(name, dict(parameters))
    except WorkstationError as error:
        raise _refused(f"step {fields.number}: {str(error)[:LONGEST_TEXT].rstrip('.')}") from None


def _check_weights(fields: _Fields, operation: Operation) -> None:
    """Without the very weights that were used there is nothing to replay."""
    told, here = fields.hash("weights_sha256"), operation.weights_sha256()
    if told != here:
        has = "none" if here is None else f"{here[:12]}…"
        used = "none" if told is None else f"{told[:12]}…"
        raise _refused(
            f"step {fields.number}, {operation.name}, used trained weights {used}; here it has {has}"
        )


class _Fields:
    """One record, read field by field."""

    def __init__(self, told: Mapping[str, Any], number: int) -> None:
        self.told, self.number = told, number

    def text(self, key: str) -> str:
        value = self.told.get(key, "")
        if not isinstance(value, str) or len(value) > LONGEST_TEXT:
            raise self._wrong(key)
        return value

    def whole(self, key: str, default: int = 0) -> int:
        value = self.told.get(key, default)
        if type(value) is not int or not 0 <= value < LARGEST_WHOLE:
            raise self._wrong(key)
        return value

    def hash(self, key: str) -> str | None:
        value = self.told.get(key)
        if value is not None and (not isinstance(value, str) or not _HASH.fullmatch(value)):
            raise self._wrong(key)
        return value

    def mapping(self, key: str) -> Mapping[str, Any]:
        value = self.told.get(key, {})
        if not isinstance(value, dict) or len(value) > 64:
            raise self._wrong(key)
        return value

    def _wrong(self, key: str) -> CredentialError:
        return _refused(f"step {self.number} has no proper {key!r}")


def _refused(reason: str) -> CredentialError:
    return CredentialError(f"The records in the credential cannot be replayed: {reason}.")
