"""The command render and what follows it, as a user runs them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from tests.commands.conftest import Told, contents
from tests.credentials.conftest import change_a_pixel
from workstation.__main__ import main
from workstation.commands.operations import RECIPE

FILL = ("--operation", "fill-losses", "--mask")


def test_a_restoration_is_written_signed_and_recorded(desk: Path, told: Told) -> None:
    status, answer = told("render", desk / "scan.tif", desk / "r.tif", *FILL, desk / "losses.png")
    assert status == 0
    assert [Path(file["path"]).name for file in answer["files"]] == ["r.tif", "r-changes.tif"]
    assert (answer["outside_mask_identical"], answer["regions"], answer["area_px"]) == (True, 1, 160)
    assert answer["damaged"] == []
    before, after = tifffile.imread(desk / "scan.tif"), tifffile.imread(desk / "r.tif")
    changed = np.argwhere((before != after).any(axis=-1))
    assert changed.min(axis=0).tolist() >= [30, 20]
    assert changed.max(axis=0).tolist() <= [33, 59]
    assert told("verify", desk / "r.tif")[0] == 0


def test_a_changed_pixel_and_a_changed_ancestor_are_found(desk: Path, told: Told) -> None:
    plain = ("--compression", "none")  # in any other the flipped bit would be damage
    assert told("pyramid", desk / "scan.tif", desk / "parent.tif", *plain)[0] == 0
    render = ("--operation", "suppress-noise")
    assert told("render", desk / "parent.tif", desk / "good.tif", *render)[0] == 0
    change_a_pixel(desk / "parent.tif")
    assert told("render", desk / "parent.tif", desk / "child.tif", *render)[0] == 0
    change_a_pixel(desk / "good.tif")
    status, answer = told("verify", desk / "good.tif", desk / "child.tif")
    assert status == 1
    assert [result["state"] for result in answer["results"]] == ["altered", "altered-ancestor"]
    assert "changed after it was signed" in answer["results"][0]["sentence"]
    assert "parent.tif" in answer["results"][1]["sentence"]


@pytest.mark.parametrize("command", ["render", "pyramid", "compare", "sign", "report", "dossier", "example"])
def test_nothing_that_exists_is_replaced_unasked(command: str, desk: Path, told: Told) -> None:
    target = desk / ("old.pdf" if command == "report" else "old.tif")
    scan = desk / "scan.tif"
    assert told("catalogue", "add", scan)[0] == 0
    words = {
        "render": ("render", scan, target, *FILL, desk / "losses.png"),
        "pyramid": ("pyramid", scan, target),
        "compare": ("compare", scan, scan, target),
        "sign": ("sign", scan, target),
        "report": ("report", 1, target),
        "dossier": ("catalogue", "export", 1, target),
        "example": ("exhibit", "example", target),
    }[command]
    target.write_text("years of work")
    before = contents(desk)
    status, answer = told(*words)
    assert status == 2
    assert "exists already" in answer["error"]["message"]
    assert contents(desk) == before
    assert told(*words, "--replace")[0] == 0
    assert target.read_bytes() != b"years of work"


@pytest.mark.parametrize("replace", [(), ("--replace",)])
def test_a_scan_or_a_mask_is_never_the_target(replace: tuple[str, ...], desk: Path, told: Told) -> None:
    scan = desk / "scan.tif"
    (desk / "hard.tif").hardlink_to(scan)
    (desk / "soft.tif").symlink_to(scan)
    Image.open(desk / "losses.png").save(desk / "mask.tif")
    before = contents(desk)
    for target in ("scan.tif", "../desk/scan.tif", "hard.tif", "soft.tif", "mask.tif"):
        status, answer = told("render", scan, desk / target, *FILL, desk / "mask.tif", *replace)
        assert status == 2
        assert "never changed" in answer["error"]["message"]
    for words in (("pyramid", scan, scan), ("compare", scan, desk / "hard.tif", scan), ("sign", scan, scan)):
        assert told(*words, *replace)[0] == 2
    assert contents(desk) == before


def test_a_credential_that_lies_beside_is_not_lost_either(desk: Path, told: Told) -> None:
    (desk / "r.tif.c2pa").write_text("of a file that was moved")
    status, answer = told("render", desk / "scan.tif", desk / "r.tif", "--operation", "suppress-noise")
    assert status == 2
    assert "r.tif.c2pa exists already" in answer["error"]["message"]
    assert not (desk / "r.tif").exists()


def test_a_mask_may_be_transparent_coloured_or_smeared_by_jpeg(desk: Path, told: Told) -> None:
    marked = np.asarray(Image.open(desk / "losses.png"))
    solid = np.full_like(marked, 255)
    Image.fromarray(np.dstack([marked, marked, marked, solid])).save(desk / "opaque.png")
    Image.fromarray(np.dstack([solid, solid * 0, solid, marked])).save(desk / "layer.png")
    Image.fromarray(marked).save(desk / "smeared.jpg", quality=60)
    for name in ("opaque.png", "layer.png", "smeared.jpg"):
        target = desk / f"{name}.tif"
        status, answer = told("render", desk / "scan.tif", target, *FILL, desk / name)
        assert (status, answer["area_px"]) == (0, 160), name


def test_damaged_tiles_of_the_scan_are_named_and_end_1(desk: Path, told: Told) -> None:
    whole = (desk / "scan.tif").read_bytes()
    (desk / "cut.tif").write_bytes(whole[:-20])
    status, answer = told("render", desk / "cut.tif", desk / "r.tif", "--operation", "suppress-noise")
    assert status == 1
    assert [(tile["row"], tile["column"]) for tile in answer["damaged"]] == [(1, 2)]
    assert answer["ok"] is False


def test_what_a_person_reads_counts_rightly(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["render", str(desk / "scan.tif"), str(desk / "r.tif"), *FILL, str(desk / "losses.png")])
    assert "1 region, 160 px marked, 160 px changed" in capsys.readouterr().out
    main(["render", str(desk / "scan.tif"), str(desk / "n.tif"), "--operation", "suppress-noise"])
    assert "the whole picture, " in capsys.readouterr().out


@pytest.mark.parametrize(
    "recipe",
    [
        "",
        "[" * 100_000,
        "[]",
        '{"treatment": 1, "steps": []}',
        '{"treatment": 1, "steps": [1]}',
        json.dumps({"treatment": 1, "steps": [{"operation": "suppress-noise"}] * 5000}),
        json.dumps({"treatment": 1, "steps": [{"operation": "x" * 50_000}]}),
        json.dumps({"treatment": 1, "steps": [{"operation": "fill-losses", "mask": "x\0y"}]}),
        json.dumps({"treatment": 1, "steps": [{"operation": "fill-losses", "mask": 3}]}),
        json.dumps(
            {"treatment": 1, "steps": [{"operation": "suppress-noise", "parameters": {"strength": {}}}]}
        ),
        '{"treatment": 1, "steps": [{"operation": "suppress-noise", "parameters": {"strength": NaN}}]}',
        *(
            json.dumps(
                {"treatment": 1, "steps": [{"operation": "thin-varnish", "parameters": {"cleaned": found}}]}
            )
            for found in ([1, 2, 3, "x"], [None] * 4, [1.5, 2, 30, 30], [0, 0, 10**30, 30], [True, 1, 30, 30])
        ),
    ],
)
def test_a_wrong_recipe_is_one_short_sentence(recipe: str, desk: Path, told: Told) -> None:
    (desk / "recipe.json").write_text(recipe)
    status, answer = told("render", desk / "scan.tif", desk / "r.tif", "--treatment", desk / "recipe.json")
    assert status == 2
    assert len(answer["error"]["message"]) < 400
    assert not (desk / "r.tif").exists()


def test_an_endless_recipe_is_refused_without_being_read(desk: Path, told: Told) -> None:
    status, answer = told("render", desk / "scan.tif", desk / "r.tif", "--treatment", "/dev/zero")
    assert status == 2
    assert "not a treatment recipe" in answer["error"]["message"]


def test_the_recipe_that_the_help_shows_works(desk: Path, told: Told) -> None:
    (desk / "recipe.json").write_text(RECIPE)
    words = ("render", desk / "scan.tif", desk / "r.tif", "--treatment", desk / "recipe.json")
    status, answer = told(*words)
    assert status == 0
    assert [record["operation"] for record in answer["record"]] == ["fill-losses", "suppress-noise"]
