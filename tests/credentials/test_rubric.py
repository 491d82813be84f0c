"""C2PA's own machine-readable rules judge every kind of export; skipped where rules or Node are absent."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.credentials.conftest import BESIDE, CREATED, INSIDE, opened, signed, thumbnail
from tests.node import node
from workstation.credentials import engine
from workstation.credentials.certificates import Studio
from workstation.credentials.content import Action, Content, Ingredient
from workstation.credentials.door import export
from workstation.credentials.formats import sidecar_of
from workstation.operations.operation import Rect

FOLDER = Path(__file__).resolve().parents[1] / "rubric"
EDITED = Action(
    "c2pa.edited",
    "algorithmicallyEnhanced",
    description="fill losses",
    agent="fill-losses",
    parameters={"radius": 2.5, "window": [1, 2]},
    regions=(Rect(1, 2, 3, 4),),
)


@pytest.fixture
def rules(shared_data: Path) -> Path:
    """Return the folder of C2PA's rules, where they and their formula language are here."""
    if not (FOLDER / "node_modules" / "@adobe" / "json-formula").is_dir():
        pytest.skip("the rules' formula language is not installed: npm ci --ignore-scripts in tests/rubric")
    return shared_data / "c2pa" / "asset-rubrics"


@pytest.fixture
def reports(rules: Path, tmp_path: Path, studio: Studio) -> list[Path]:
    """Return the reports of every kind of file, opened from a parent inside or beside, and newly made."""
    made: list[Path] = []
    for name, make in (INSIDE | BESIDE).items():
        make(tmp_path / name)
    parents = [
        signed(tmp_path / name, tmp_path / f"p-{name}", studio) for name in ("striped.tif", "overlay.glb")
    ]
    parents.append(opened(parents[1], tmp_path / "p-p.glb", studio))
    parents.append(tmp_path / "tiled.tif")
    can_be_read = [name for name in (*INSIDE, *BESIDE) if name != "levels-big.tif"]  # by the library
    for number, name in enumerate(can_be_read):
        parent = parents[number % len(parents)]
        content = Content(
            name,
            (Action("c2pa.opened"), EDITED, Action("c2pa.adjustedColor", "humanEdits")),
            (Ingredient(parent, parent.name),),
            records=({"n": [1, 2], "t": "x" * 300_000 * (number % 3)},),
            thumbnail=thumbnail(),
        )
        made.append(tmp_path / f"restored-{name}")
        export(tmp_path / name, made[-1], "restored", content, studio)
        parts = (Ingredient(parents[0], "base", "componentOf"), Ingredient(parents[1], "in", "inputTo"))
        made.append(tmp_path / f"new-{name}")
        whole = Content(name, (*CREATED, Action("c2pa.placed")), parts)
        export(tmp_path / name, made[-1], "overlay", whole, studio)
    return [_report(path, studio) for path in made]


def test_every_kind_of_export_passes_all_rules(rules: Path, reports: list[Path], tmp_path: Path) -> None:
    for name, count in (("asset-rubric-conformance0.2-spec2.4.yml", 31), ("asset-rubric-integrity.yml", 6)):
        found = _judged(rules / name, reports, tmp_path)
        assert [entry for entry in found if entry["failed"]] == []
        assert {entry["passed"] for entry in found} == {count}


def test_the_rules_find_what_is_wrong_with_an_altered_file(
    rules: Path, shared_data: Path, tmp_path: Path
) -> None:
    from c2pa import Reader

    report = tmp_path / "altered.json"
    report.write_text(Reader(shared_data / "c2pa" / "c2pa-rs" / "XCA.jpg").crjson())
    [found] = _judged(rules / "asset-rubric-integrity.yml", [report], tmp_path)
    assert found["failed"] == ["validation:valid_success", "validation:trusted_success"]


def _judged(rubric: Path, reports: list[Path], tmp_path: Path) -> list[dict[str, object]]:
    yaml = pytest.importorskip("yaml")
    as_json = tmp_path / "rules.json"
    as_json.write_text(json.dumps(list(yaml.safe_load_all(rubric.read_text())), default=str))
    words = [node(), str(FOLDER / "judge.js"), str(as_json), *map(str, reports)]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=120)
    return list(json.loads(done.stdout))


def _report(path: Path, studio: Studio) -> Path:
    from c2pa import Reader

    context, beside = engine.context(studio.anchor), sidecar_of(path)
    target = path.with_name(f"{path.name}.report.json")
    if beside.exists():
        with path.open("rb") as file:
            reader = Reader("application/octet-stream", file, beside.read_bytes(), context=context)
            target.write_text(reader.crjson())
    else:
        target.write_text(Reader(path, context=context).crjson())
    return target
