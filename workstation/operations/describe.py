"""An operation in words, all from its one declaration: for help pages, reports and lists."""

from __future__ import annotations

import inspect
from typing import Any

from workstation.operations.operation import (
    Operation,
    Parameter,
    Rect,
    named,
    parameters,
    summary,
    title,
)


def label(name: str) -> str:
    """Return a parameter's name as a person reads it: "protect_edges" → "Protect edges"."""
    return name.replace("_", " ").capitalize()


def shown(parameter: Parameter, value: Any) -> str:
    """Return a parameter's value with its unit, as reports print it."""
    if parameter.kind is bool:
        return "yes" if value else "no"
    if parameter.kind is Rect:
        x, y, width, height = value
        return f"{width} × {height} px at {x}, {y}" if width and height else "not marked"
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return f"{text} {parameter.unit}".strip()


def parameter_lines(name: str, values: dict[str, Any]) -> tuple[str, ...]:
    """Return "Strength: 0.5" for each parameter of a record, in the order of the declaration."""
    return tuple(
        f"{label(parameter.name)}: {shown(parameter, values[parameter.name])}"
        for parameter in parameters(named(name))
        if parameter.name in values
    )


def help_page(operation: type[Operation]) -> str:
    """Return the page that `workstation operations NAME` prints."""
    body = inspect.getdoc(operation) or ""
    lines = [title(operation), "", body, "", f"Name: {operation.name}, version {operation.version}"]
    lines.append("Works on: " + _reach(operation))
    share = f"{100 * operation.tolerance:g} % of their range"
    lines.append(f"Run again on another machine, samples may differ by {share}, and by rounding.")
    lines += ["", "Parameters:"] if parameters(operation) else ["", "It has no parameters."]
    for parameter in parameters(operation):
        lines.append(f"  {parameter.name} = {_written(parameter.default)}   ({parameter.wanted})")
        lines.append(f"      {parameter.help}")
    words = f"{operation.name}{_needs(operation)}"
    lines += ["", "Example:", f"  workstation render scan.tif result.tif --operation {words}"]
    return "\n".join(lines)


def as_json(operation: type[Operation]) -> dict[str, Any]:
    """Return the declaration as plain JSON values, for scripts."""
    return {
        "name": operation.name,
        "title": title(operation),
        "summary": summary(operation),
        "version": operation.version,
        "kind": operation.kind,
        "needs_mask": operation.needs_mask,
        "action": operation.action,
        "digital_source": operation.digital_source,
        "tolerance": operation.tolerance,
        "gain": operation.gain,
        "parameters": [_parameter_json(parameter) for parameter in parameters(operation)],
    }


def _parameter_json(parameter: Parameter) -> dict[str, Any]:
    default = list(parameter.default) if isinstance(parameter.default, Rect) else parameter.default
    return {
        "name": parameter.name,
        "kind": parameter.kind.__name__,
        "default": default,
        "low": parameter.low,
        "high": parameter.high,
        "choices": list(parameter.choices),
        "unit": parameter.unit,
        "help": parameter.help,
    }


def _written(value: Any) -> str:
    """Return a value as `--set` takes it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ",".join(map(str, value)) if isinstance(value, Rect) else f"{value}"


def _reach(operation: type[Operation]) -> str:
    if operation.kind == "region":
        return "each marked region by itself; nothing outside the mask changes"
    where = "the mask" if operation.needs_mask else "the whole picture, or inside a mask"
    return f"{where}; nothing outside the mask changes"


def _needs(operation: type[Operation]) -> str:
    """Return the options without which the operation has nothing to go by: a mask, a place that is marked."""
    mask = " --mask losses.tif" if operation.needs_mask else ""
    places = [parameter for parameter in parameters(operation) if parameter.kind is Rect]
    return mask + "".join(f" --set {place.name}=790,429,298,374" for place in places[:1])
