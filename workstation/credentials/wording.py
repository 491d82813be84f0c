"""What a credential says was done, in words that a person without training reads.

All of it is what the signer says: a credential proves who said so and when, not that it is true.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from workstation.credentials.judging import plain_line, text_of, told_actions
from workstation.credentials.manifest import OWN, PROGRAMME, SOURCE_TYPES
from workstation.credentials.sentences import ACTIONS
from workstation.errors import UsageError
from workstation.operations.describe import label, shown
from workstation.operations.operation import Operation, Parameter, named, parameters, title

MOST_DEEDS, MOST_FACTS = 200, 40

SENTENCES = {
    "c2pa.created": "The picture was made.",
    "c2pa.opened": "A file that existed was opened.",
    "c2pa.edited": "The picture was edited; how is not told.",
    "c2pa.cropped": "The picture was cropped.",
    "c2pa.resized": "The picture was made larger or smaller.",
    "c2pa.transcoded": "The picture was stored in another form; what it shows was not edited.",
    "c2pa.placed": "A picture was laid into or over another one.",
    "c2pa.published": "The file was made public.",
    "c2pa.adjustedColor": "The colours were adjusted.",
    "c2pa.color_adjustments": "The colours were adjusted.",
    "c2pa.unknown": "Something was done that the signer could not name.",
}
NATURE = {
    "digitalCapture": "Recorded from a real scene or object by a camera or scanner.",
    "computationalCapture": "Recorded by a camera that computes its picture from several exposures.",
    "negativeFilm": "Digitised from a negative on film.",
    "positiveFilm": "Digitised from a positive on film.",
    "print": "Digitised from a print.",
    "digitalCreation": "Made by a person with a computer.",
    "humanEdits": "Changed as a person directed it, without a trained model.",
    "minorHumanEdits": "Changed a little as a person directed it, without a trained model.",
    "algorithmicallyEnhanced": "Computed from the picture's own pixels, without a trained model.",
    "algorithmicMedia": "Made by a fixed rule and not taken from a picture: no evidence of an original.",
    "composite": "Put together from several pictures.",
    "compositeCapture": "Put together from several pictures of real things.",
    "compositeSynthetic": "Partly made up by a machine: where it acted, it is no evidence.",
    "compositeWithTrainedAlgorithmicMedia": "Partly made up by a trained model: there it is no evidence.",
    "trainedAlgorithmicMedia": "Made up by a trained model: no evidence of an original.",
    "dataDrivenMedia": "Drawn from data.",
    "screenCapture": "Recorded from a screen.",
    "virtualRecording": "Recorded from a made-up scene.",
    "softwareImage": "Made with a computer.",
    "digitalArt": "Made by a person with a computer.",
}
"""The names of IPTC's vocabulary of digital source types, in plain words."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that the signer says was done."""

    action: str
    """In C2PA's own words."""
    title: str
    words: str
    nature: str = ""
    """How its pixels came to be."""
    where: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    """Names and values of its parameters."""
    agent: str = ""
    when: str = ""


def deeds_of(manifest: dict[str, Any], records: tuple[dict[str, Any], ...]) -> tuple[Deed, ...]:
    """Return what a manifest says was done, in order; `records` are those that it carries."""
    left = list(records)
    return tuple(_deed(action, left) for action in islice(told_actions(manifest), MOST_DEEDS))


def programme_of(manifest: dict[str, Any]) -> str:
    """Return the name and version of the programme that wrote a credential."""
    told = manifest.get("claim_generator_info")
    first = told[0] if isinstance(told, list) and told and isinstance(told[0], dict) else {}
    return f"{text_of(first.get('name')) or ''} {text_of(first.get('version')) or ''}".strip()


def _deed(action: dict[str, Any], records: list[dict[str, Any]]) -> Deed:
    name = text_of(action.get("action")) or "?"
    agent = _agent(action)
    operation = _operation(agent)
    record = _record(agent, records) if operation else {}
    told = text_of(action.get("description"))
    short = name.removeprefix("c2pa.")
    return Deed(
        action=name,
        title=title(operation) if operation else ACTIONS.get(name, short).capitalize(),
        words=_ended(told) or SENTENCES.get(name, f"The signer names it “{short}” and says no more."),
        nature=_nature(action),
        where=_where(action, record),
        facts=tuple(_facts(operation, action, record)),
        agent=agent,
        when=text_of(action.get("when")) or "",
    )


def _ended(told: str | None) -> str:
    if not told or told.endswith((".", "!", "?", "…")):
        return told or ""
    return f"{told}."


def _agent(action: dict[str, Any]) -> str:
    told = action.get("softwareAgent")
    name = text_of(told.get("name")) if isinstance(told, dict) else text_of(told)
    return "" if name is None or name == PROGRAMME else name


def _operation(agent: str) -> type[Operation] | None:
    try:
        return named(agent.partition(" ")[0])
    except UsageError:
        return None  # of another programme, or of another version of ours


def _record(agent: str, records: list[dict[str, Any]]) -> dict[str, Any]:
    """Take the record that belongs to an action: they stand in the same order."""
    wanted = agent.partition(" ")[0]
    at = next((at for at, record in enumerate(records) if record.get("operation") == wanted), None)
    return records.pop(at) if at is not None else {}


def _nature(action: dict[str, Any]) -> str:
    told = text_of(action.get("digitalSourceType"))
    if told is None:
        return ""
    return NATURE.get(told.removeprefix(SOURCE_TYPES), f"Of the kind “{told.rpartition('/')[2]}”.")


def _where(action: dict[str, Any], record: dict[str, Any]) -> str:
    told = action.get("parameters")
    given = told if isinstance(told, dict) else {}
    changes = action.get("changes")
    places = given.get(f"{OWN}.regions", len(changes) if isinstance(changes, list) else 0)
    count = int(places) if isinstance(places, int | float) and 0 < places < 1e9 else 0
    parts = [f"in {count:,} place{'s' if count != 1 else ''}"] if count else []
    area, share = _finite(record.get("area_mm2")), _finite(record.get("share"))
    if record and not record.get("mask_sha256"):
        parts.append("everywhere")
    if area is not None:
        parts.append(f"{area:,.1f} mm²")
    if share is not None and record.get("mask_sha256"):
        parts.append(f"{share:.2%} of the picture" if share >= 0.0001 else "below 0.01% of the picture")
    return ", ".join(parts)


def _facts(
    operation: type[Operation] | None, action: dict[str, Any], record: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    told = action.get("parameters")
    own = {
        name.removeprefix(f"{OWN}."): value
        for name, value in (told if isinstance(told, dict) else {}).items()
        if name.startswith(f"{OWN}.") and name != f"{OWN}.regions"
    }
    kept = record.get("parameters")
    values = own | (kept if isinstance(kept, dict) else {})
    declared = {parameter.name: parameter for parameter in parameters(operation)} if operation else {}
    for name, value in list(values.items())[:MOST_FACTS]:
        yield plain_line(label(str(name))), _value(declared.get(name), value)
    for name in ("device", "who"):
        if text_of(record.get(name)):
            yield {"device": "Computed on", "who": "By"}[name], str(text_of(record[name]))


def _value(parameter: Parameter | None, value: Any) -> str:
    if parameter is not None:
        try:
            whole = json.loads(value) if isinstance(value, str) and value.startswith("[") else value
            fitting = parameter.kind(*whole) if isinstance(whole, list) else whole
            parameter.check(fitting)
            return plain_line(shown(parameter, fitting))
        except (UsageError, TypeError, ValueError):
            pass
    return plain_line(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _finite(value: object) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if is_number and isinstance(value, int | float) else None
