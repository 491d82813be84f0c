"""What a treatment report says, worded: from records to lines and tables of plain text."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from workstation import VERSION
from workstation.errors import UsageError
from workstation.operations.describe import label, shown
from workstation.operations.operation import Operation, Parameter, named, parameters, summary, title

if TYPE_CHECKING:
    from workstation.reports.treatment import TreatmentReport

MOST_RECORDS = 200
MOST_ROWS = 60

NATURE = {
    "algorithmicallyEnhanced": "Computed from the scan's own pixels, without a trained model.",
    "humanEdits": "Computed as a person directed it, without a trained model.",
    "algorithmicMedia": "Made by a fixed rule and not taken from the scan: no evidence of the original.",
    "compositeSynthetic": "Partly made up: where it acted, it is a proposal and no evidence of the original.",
    "compositeWithTrainedAlgorithmicMedia": "Predicted in part by a trained model: no evidence.",
    "trainedAlgorithmicMedia": "Predicted by a trained model: no evidence of the original.",
}
"""What the digital source type of an operation means, in a sentence for the reader."""

Rows = list[list[str]]


def contents_of(report: TreatmentReport) -> dict[str, Any]:
    """Return the report as the template takes it: texts, and rows of texts."""
    records = report.records[:MOST_RECORDS]
    left_out = len(report.records) - len(records)
    return {
        "title": report.title or "Untitled painting",
        "painting": _painting(report),
        "author": report.author or "not named",
        "date": f"{report.created:%d %B %Y, %H:%M} {report.created.tzname() or ''}".strip(),
        "has_before": bool(report.before),
        "has_after": bool(report.after),
        "scan": _scan(report),
        "steps": [_step(number, record) for number, record in enumerate(records, 1)],
        "left_out": f"{left_out} further operations are not listed." if left_out else "",
        "provenance": _provenance(records),
        "credential": report.credential or "The result carries no credential that was checked.",
        "note": report.note,
        "programme": f"Conservation Workstation {VERSION}",
    }


def _painting(report: TreatmentReport) -> Rows:
    size = ""
    if report.size_mm:
        size = f"{report.size_mm[0]:g} × {report.size_mm[1]:g} mm (height × width)"
    rows = [["Artist", report.artist], ["Accession number", report.accession], ["Size", size]]
    return _filled(rows)


def _scan(report: TreatmentReport) -> Rows:
    pixels = f"{report.scan_px[1]} × {report.scan_px[0]} px" if report.scan_px else ""
    page = f"page {report.scan_page}" if report.scan_page else ""
    about = ", ".join(word for word in (report.scan_kind, pixels, page) if word)
    rows = [
        ["Scan", report.scan_path.name],
        ["", about],
        ["SHA-256 of the scan", report.scan_sha256],
        ["Result", report.result_path.name if report.result_path else ""],
        ["SHA-256 of the result", report.result_sha256],
    ]
    return _filled(rows)


def _filled(rows: Rows) -> Rows:
    return [row for row in rows if row[1]]


def _step(number: int, record: dict[str, Any]) -> dict[str, Any]:
    operation = _operation(record)
    name = str(record.get("operation", "unknown"))
    return {
        "number": str(number),
        "name": title(operation) if operation else label(name.replace("-", "_")),
        "summary": summary(operation) if operation else "This version of the programme does not know it.",
        "nature": NATURE.get(operation.digital_source, operation.digital_source) if operation else "",
        "parameters": _parameters(operation, record.get("parameters")),
        "where": "inside a mask" if record.get("mask_sha256") else "everywhere",
        "regions": _number(record.get("regions")) if record.get("mask_sha256") else "–",
        "area_mm2": _number(record.get("area_mm2"), 2),
        "share": _share(record.get("share")),
        "who": _plain(record.get("who")),
        "when": _plain(record.get("when")).replace("T", " "),
        "facts": _filled(
            [
                ["Version", _plain(record.get("version"))],
                ["Device", _plain(record.get("device"))],
                ["Seed", _plain(record.get("seed"))],
                ["SHA-256 of the mask", _plain(record.get("mask_sha256"))],
                ["SHA-256 of the weights", _plain(record.get("weights_sha256"))],
                ["SHA-256 of the pixels", _plain(record.get("output_pixels_sha256"))],
            ]
        ),
    }


def _operation(record: dict[str, Any]) -> type[Operation] | None:
    try:
        return named(str(record.get("operation")))
    except UsageError:
        return None  # made by another version: the record is printed as it stands


def _parameters(operation: type[Operation] | None, values: Any) -> Rows:
    """Return name, value and help of each parameter, in the order of the declaration."""
    given = values if isinstance(values, dict) else {}
    declared = {parameter.name: parameter for parameter in parameters(operation)} if operation else {}
    rows = [
        [label(name), _value(parameter, given[name]), parameter.help]
        for name, parameter in declared.items()
        if name in given
    ]
    rows += [[label(str(name)), _plain(given[name]), ""] for name in given if name not in declared]
    return rows[:MOST_ROWS]


def _value(parameter: Parameter, value: Any) -> str:
    try:
        parameter.check(parameter.kind(*value) if isinstance(value, list | tuple) else value)
    except (UsageError, TypeError, ValueError):
        return _plain(value)
    return shown(parameter, value)


def _provenance(records: Iterable[dict[str, Any]]) -> Rows:
    """Return what had a say in the pixels, each named once."""
    found: dict[str, list[str]] = {"Device": [], "Input": [], "Weights": [], "By": []}
    fields = {"Device": "device", "Input": "input_sha256", "Weights": "weights_sha256", "By": "who"}
    for record in records:
        for row, field in fields.items():
            found[row].append(_plain(record.get(field)))
        versions = record.get("versions")
        for name, number in list((versions if isinstance(versions, dict) else {}).items())[:MOST_ROWS]:
            found.setdefault(label(str(name)), []).append(_plain(number))
    rows = [[row, ", ".join(dict.fromkeys(filter(None, values)))] for row, values in found.items()]
    return _filled(rows)[:MOST_ROWS]


def _number(value: Any, digits: int = 0) -> str:
    if not isinstance(value, int | float) or not math.isfinite(value):
        return "not known"
    return f"{value:,.{digits}f}".replace(",", "\u202f")


def _share(value: Any) -> str:
    if not isinstance(value, int | float) or not math.isfinite(value):
        return "not known"
    percent = value * 100
    return f"{percent:.3g} %" if percent >= 0.001 or percent == 0 else "below 0.001 %"


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
