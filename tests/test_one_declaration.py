"""Form, command line, record, credential, report and help page of every operation say the same.

Each is asked in its own way (widgets are built, a file is signed and read back by C2PA's own reader) and
compared with the one declaration: the dataclass of the operation.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import c2pa
import pytest
from pytestqt.qtbot import QtBot

from tests.operations.examples import painted
from widgets.fields import NumberField
from widgets.restore import OperationForm
from workstation.cli import run
from workstation.credentials.certificates import Studio, create_studio
from workstation.credentials.manifest import OWN
from workstation.errors import UsageError
from workstation.jobs import finish
from workstation.operations.describe import help_page, label
from workstation.operations.exporting import restore
from workstation.operations.mask import Mask
from workstation.operations.operation import (
    Operation,
    Parameter,
    Rect,
    build,
    load_all,
    named,
    parameters,
    summary,
    title,
    values,
)
from workstation.operations.treatment import Step, Treatment, step_from, step_values
from workstation.reports.contents import contents_of
from workstation.reports.treatment import TreatmentReport
from workstation.scans.pyramid import write_pyramid
from workstation.scans.source import ArraySource

NAMES = sorted(load_all())


def other_value(parameter: Parameter) -> Any:
    """Return a valid value that is not the default."""
    if parameter.choices:
        return next(choice for choice in parameter.choices if choice != parameter.default)
    if parameter.kind is bool:
        return not parameter.default
    if parameter.kind is Rect:
        return Rect(200, 150, 160, 120) if parameter.name == "cleaned" else Rect(40, 40, 120, 100)
    low, high = parameter.low or 0.0, parameter.high if parameter.high is not None else 10.0
    middle = parameter.kind(low + (high - low) / 4)
    return middle if middle != parameter.default else parameter.kind(low + (high - low) / 2)


def changed(name: str) -> Operation:
    """Return the operation with every parameter moved off its default."""
    return named(name)(**{parameter.name: other_value(parameter) for parameter in parameters(named(name))})


def written(value: Any) -> str:
    """Return a value as a person types it after --set NAME=."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return create_studio(tmp_path / "certificates", studio="Test studio", person="Test person")


@pytest.mark.parametrize("name", NAMES)
def test_the_declaration_is_complete(name: str) -> None:
    operation = named(name)
    assert summary(operation).endswith(".")
    assert [p.name for p in parameters(operation)] == [f.name for f in dataclasses.fields(operation)]
    for parameter in parameters(operation):
        assert parameter.help, parameter.name
        assert parameter.kind in (float, int, bool, str, Rect)
        if parameter.kind in (float, int):
            assert parameter.low is not None
            assert parameter.high is not None
        parameter.check(parameter.default)


@pytest.mark.parametrize("name", NAMES)
def test_the_form_builds_what_is_declared(name: str, qtbot: QtBot) -> None:
    form = OperationForm(named(name), lambda hand_over: None)
    qtbot.addWidget(form)
    assert values(form.built()) == values(named(name)())
    for parameter in parameters(named(name)):
        field = form.fields[parameter.name]
        assert parameter.help in field.toolTip()
        assert parameter.wanted in field.toolTip()
        field.set(other_value(parameter))
        if isinstance(field, NumberField):
            assert field.box.minimum() == parameter.low
            assert field.box.maximum() == parameter.high
    assert form.built() == changed(name)


@pytest.mark.parametrize("name", NAMES)
def test_the_command_line_takes_what_is_declared(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    texts = {parameter.name: written(other_value(parameter)) for parameter in parameters(named(name))}
    assert build(name, texts) == changed(name)
    assert run(["operations", name, "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["operations"]
    assert told["summary"] == summary(named(name))
    assert [p["name"] for p in told["parameters"]] == [p.name for p in parameters(named(name))]
    for parameter in parameters(named(name)):
        if parameter.high is not None:
            with pytest.raises(UsageError, match=parameter.name):
                build(name, {parameter.name: str(parameter.kind(parameter.high + 1))})
    with pytest.raises(UsageError, match="has no parameter"):
        build(name, {"nonsense": "1"})


@pytest.mark.parametrize("name", NAMES)
def test_the_recipe_and_record_bring_back_the_same_operation(name: str) -> None:
    step = Step(changed(name))
    assert step_from(json.loads(json.dumps(step_values(step))), None).operation == step.operation


@pytest.mark.parametrize("name", NAMES)
def test_the_help_page_shows_every_parameter(name: str) -> None:
    page = help_page(named(name))
    assert title(named(name)) in page
    for parameter in parameters(named(name)):
        assert f"  {parameter.name} = {written(parameter.default)}" in page
        assert parameter.help in page
        assert parameter.wanted in page


@pytest.mark.parametrize("name", NAMES)
def test_credential_and_report_tell_what_was_done(name: str, tmp_path: Path, studio: Studio) -> None:
    scan, result = tmp_path / "scan.tif", tmp_path / "result.tif"
    finish(write_pyramid(ArraySource(painted(400, 500)), scan))
    mask = Mask(400, 500)
    mask.write(300, 30, painted(40, 60)[..., 0] > 0)
    operation = changed(name)
    done = finish(restore(scan, Treatment((Step(operation, mask),)), result, studio))
    (record,) = (found.as_json() for found in done.rendered.records)
    assert record["parameters"] == values(operation)

    manifest = read_by_the_reference(result, studio)
    (actions,) = (
        a["data"]["actions"] for a in manifest["assertions"] if a["label"].startswith("c2pa.actions")
    )
    assert [action["action"] for action in actions] == ["c2pa.opened", operation.action]
    told = actions[1]
    assert told["digitalSourceType"].endswith("/" + operation.digital_source)
    assert told["softwareAgent"]["name"] == f"{name} {operation.version}"
    assert told["description"] == summary(type(operation))
    for key, value in values(operation).items():
        said = told["parameters"][f"{OWN}.{key}"]
        assert (json.loads(said) if isinstance(value, list) and isinstance(said, str) else said) == value

    shown = json.dumps(contents_of(report_of(record, scan)), ensure_ascii=False)
    for parameter in parameters(type(operation)):
        assert label(parameter.name) in shown
    assert title(type(operation)) in shown


def read_by_the_reference(path: Path, studio: Studio) -> dict[str, Any]:
    """Return the active manifest as C2PA's own reader gives it, which must find it trusted."""
    context = c2pa.Context.from_dict({"version": 1, "trust": {"trust_anchors": studio.anchor}})
    reader = c2pa.Reader(str(path), context=context)
    assert reader.get_validation_state() == "Trusted"
    store = json.loads(reader.json())
    manifest: dict[str, Any] = store["manifests"][store["active_manifest"]]
    return manifest


def report_of(record: dict[str, Any], scan: Path) -> TreatmentReport:
    from datetime import UTC, datetime

    return TreatmentReport("A painting", scan, "0" * 64, (record,), datetime(2026, 1, 1, tzinfo=UTC))
