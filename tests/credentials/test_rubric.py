"""C2PA's own machine-readable rules judge every kind of export; skipped where rules or Node are absent."""

from __future__ import annotations

import ast
import io
import json
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import cast, get_args

import pytest

from tests.credentials.conftest import BESIDE, CREATED, INSIDE, opened, signed, thumbnail
from tests.credentials.media import BARE, MEDIA
from tests.exhibits.specs import written
from tests.node import node
from widgets.lighttable import TableLayer
from workstation.cli import run
from workstation.credentials import engine
from workstation.credentials.certificates import Studio, load_studio
from workstation.credentials.content import Action, Content, Ingredient
from workstation.credentials.door import export
from workstation.credentials.formats import sidecar_of
from workstation.credentials.reading import read_store
from workstation.credentials.verifying import verify
from workstation.files import FileKind
from workstation.jobs import finish
from workstation.operations.operation import Rect
from workstation.scans.opening import open_scan

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "tests" / "rubric"
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
    every = INSIDE | BESIDE | MEDIA | BARE
    for name, make in every.items():
        make(tmp_path / name)
    parents = [
        signed(tmp_path / name, tmp_path / f"p-{name}", studio) for name in ("striped.tif", "overlay.glb")
    ]
    parents.append(opened(parents[1], tmp_path / "p-p.glb", studio))
    parents.append(tmp_path / "tiled.tif")
    not_read = ("levels-big.tif", "nothing.bin")  # by the library
    can_be_read = [name for name in every if name not in not_read]
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
    return [_report(path, studio.anchor) for path in made]


def test_every_kind_of_export_passes_all_rules(rules: Path, reports: list[Path], tmp_path: Path) -> None:
    for name, count in (("asset-rubric-conformance0.2-spec2.4.yml", 31), ("asset-rubric-integrity.yml", 6)):
        found = _judged(rules / name, reports, tmp_path)
        assert [entry for entry in found if entry["failed"]] == []
        assert {entry["passed"] for entry in found} == {count}


WHO_EXPORTS = {
    "widgets/exporting.py",
    "widgets/signing_itself.py",
    "workstation/commands/credentials.py",
    "workstation/comparison/exporting.py",
    "workstation/credentials/folders.py",
    "workstation/exhibits/bundle.py",
    "workstation/operations/exporting.py",
    "workstation/phantom/exporting.py",
    "workstation/reports/account_exporting.py",
    "workstation/reports/exporting.py",
    "workstation/scans/exporting.py",
}
"""Who uses the door; the exports of each are judged below."""
UNSIGNED: set[str] = {"certificate", "credential", "dossier"}
"""What is no export: keys, the credentials themselves, and the catalogue's own archive."""


def test_nobody_exports_whose_exports_are_not_judged_here() -> None:
    found, ways = set(), {"export", "exporting", "sign_in_place"}
    for package in ("workstation", "widgets"):
        for path in (ROOT / package).rglob("*.py"):
            for node_ in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node_, ast.ImportFrom) and node_.module == "workstation.credentials.door":
                    named = {name.name for name in node_.names}
                    found |= {path.relative_to(ROOT).as_posix()} if named & ways else set()
    assert found == WHO_EXPORTS


def test_every_export_of_every_command_passes_all_rules(
    rules: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = exports_of_all(tmp_path, capsys)
    assert {kind for _, kind in files} == set(get_args(FileKind)) - UNSIGNED
    anchors = "".join(path.read_text() for path in tmp_path.rglob("*.pem") if "key" not in path.name)
    reports = [_report(path, anchors) for path, _ in files]
    for name, count in (("asset-rubric-conformance0.2-spec2.4.yml", 31), ("asset-rubric-integrity.yml", 6)):
        found = _judged(rules / name, reports, tmp_path)
        assert [(entry["report"], entry["failed"]) for entry in found if entry["failed"]] == []
        assert {entry["passed"] for entry in found} == {count}


def exports_of_all(folder: Path, capsys: pytest.CaptureFixture[str]) -> list[tuple[Path, str]]:
    """Run every command that exports; return its signed files with their kinds."""
    found: list[tuple[Path, str]] = []

    def told(*words: str | Path) -> list[Path]:
        capsys.readouterr()
        status = run([*map(str, words), "--json"])
        answer = json.loads(capsys.readouterr().out)
        assert status == 0, answer
        files = [
            (Path(file["path"]), file["kind"]) for file in answer["files"] if file["kind"] not in UNSIGNED
        ]
        found.extend(files)
        return [path for path, _ in files]

    run(["certificate", "create", "--studio", "Museum of the Harbour", "--person", "Ada Novak"])
    told("demo", folder / "demo", "--width", "400")
    scans = told("phantom", folder / "phantom", "--width", "300", "--layers", "VIS,IRR", "--bits", "8")
    bare = folder / "scan.tif"
    INSIDE["deflated.tif"](bare)
    for number, source in enumerate((bare, scans[0])):
        for compression in ("deflate", "jpeg", "zstd"):
            told("pyramid", source, folder / f"{number}-{compression}.tif", "--compression", compression)
        told("render", source, folder / f"{number}.tif", "--operation", "suppress-noise")
    told("compare", bare, folder / "0.tif", folder / "map.tif")
    told("exhibit", "build", written(folder), folder / "exhibit")
    told("exhibit", "build", written(folder), folder / "exhibit-webp", "--webp")
    for path in [
        *scans,
        folder / "0.tif",
        folder / "exhibit" / "exhibit.glb",
        folder / "demo" / "report.pdf",
    ]:
        told("sign", path, folder / f"signed-{path.name}")
    told("sign", folder / "exhibit")
    for name in ("account.html", "account.pdf"):
        told("account", folder / "0.tif", folder / name)
    shutil.copy(bare, folder / "here.tif")
    told("sign", folder / "here.tif", "--in-place")
    found += _from_the_window(folder)
    return found


def _from_the_window(folder: Path) -> list[tuple[Path, str]]:
    """Export what the window exports by itself: a signed copy of a layer, and a scan signed in place."""
    from widgets.exporting import copying
    from widgets.signing_itself import signing

    with open_scan(folder / "0.tif") as scan:
        layer = SimpleNamespace(path=folder / "0.tif", scan=scan)
        files = finish(copying(cast(TableLayer, layer), folder / "copy.tif", load_studio()))
    shutil.copy(folder / "scan.tif", folder / "itself.tif")
    files += (finish(signing(folder / "itself.tif", load_studio(), tiles=True)),)
    return [(file.path, file.kind) for file in files]


def test_what_the_library_cannot_find_in_a_pyramid_above_4_gib_obeys_the_rules(
    rules: Path, tmp_path: Path, studio: Studio
) -> None:
    """The binding to the bytes is judged by us alone, so the one rule that rests on it finds nothing."""
    from c2pa import Reader

    INSIDE["levels-big.tif"](tmp_path / "levels.tif")
    target = opened(signed(tmp_path / "levels.tif", tmp_path / "a.tif", studio), tmp_path / "b.tif", studio)
    credential = read_store(target, sidecar_of(target), studio.anchor).credential
    assert credential is not None
    reader = Reader("application/c2pa", io.BytesIO(credential), context=engine.context(studio.anchor))
    (report := tmp_path / "report.json").write_text(reader.crjson())
    [found] = _judged(rules / "asset-rubric-conformance0.2-spec2.4.yml", [report], tmp_path)
    assert (found["failed"], found["passed"]) == (["validation:valid_success"], 30)
    assert verify(target, studio.anchor).state == "trusted"


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


def _report(path: Path, anchors: str) -> Path:
    from c2pa import Reader

    context, beside = engine.context(anchors), sidecar_of(path)
    target = path.with_name(f"{path.name}.report.json")
    if beside.exists():
        with path.open("rb") as file:
            reader = Reader("application/octet-stream", file, beside.read_bytes(), context=context)
            target.write_text(reader.crjson())
    else:
        target.write_text(Reader(path, context=context).crjson())
    return target
