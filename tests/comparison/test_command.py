"""The command compare: numbers, a map that other programmes open, a legend, credentials."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from tests.comparison.pictures import noisy, painted
from workstation.cli import run
from workstation.comparison.difference import DifferenceSource
from workstation.comparison.palette import NOT_COMPARED
from workstation.credentials.certificates import Studio
from workstation.credentials.verifying import verify
from workstation.scans.source import ArraySource


@pytest.fixture
def pictures(tmp_path: Path) -> tuple[Path, Path, Path]:
    a, b = painted(700, 900), noisy(painted(700, 900), 9)
    mask = np.zeros((700, 900), np.uint8)
    mask[100:400, 200:500] = 255
    for name, pixels in (("a", a), ("b", b), ("mask", mask)):
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
    return tmp_path / "a.png", tmp_path / "b.png", tmp_path / "mask.png"


def answered(words: list[str], status: int, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert run([*words, "--json"]) == status
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def test_compare_alone_measures_and_writes_nothing(
    pictures: tuple[Path, Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = set(tmp_path.iterdir())
    answer = answered(["compare", str(pictures[0]), str(pictures[1])], 0, capsys)
    assert answer["files"] == []
    assert answer["measure"] == "colour"
    assert answer["statistics"]["pixels"] == 630_000
    assert 1 < answer["statistics"]["mean"] < answer["statistics"]["largest"]
    assert {path for path in tmp_path.iterdir() if path.name != "home"} == before - {tmp_path / "home"}
    assert run(["compare", str(pictures[0]), str(pictures[1])]) == 0
    assert "Colour difference ΔE00 (CIEDE2000), 630,000 px in all:" in capsys.readouterr().out


def test_compare_writes_a_signed_pyramid_and_its_legend(
    pictures: tuple[Path, Path, Path], tmp_path: Path, studio: Studio, capsys: pytest.CaptureFixture[str]
) -> None:
    a, b, mask = pictures
    out = tmp_path / "map.tif"
    words = ["compare", str(a), str(b), str(out), "--mask", str(mask), "--scale", "5"]
    answer = answered([*words, "--certificates", str(studio.folder)], 0, capsys)
    assert answer["statistics"]["pixels"] == 90_000
    made = {Path(one["path"]).name: one["kind"] for one in answer["files"]}
    assert made["map.tif"] == made["map.legend.png"] == "difference"
    wanted = DifferenceSource(ArraySource(painted(700, 900)), ArraySource(noisy(painted(700, 900), 9)), 5)
    found = tifffile.imread(out)
    assert np.array_equal(found[100:400, 200:500], wanted.read(0, 100, 400, 200, 500))
    assert (found[:100] == NOT_COMPARED).all()
    with tifffile.TiffFile(out) as file:
        assert len(file.series[0].levels) > 1
    verdict = verify(out, studio.anchor)
    assert verdict.state == "trusted"
    assert {"a.png", "b.png", "mask.png"} <= {ancestor.title for ancestor in verdict.ancestors}
    assert verify(tmp_path / "map.legend.png", studio.anchor).state == "trusted"
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".compare")]


def test_compare_never_writes_over_a_file(
    pictures: tuple[Path, Path, Path], studio: Studio, capsys: pytest.CaptureFixture[str]
) -> None:
    a, b, _ = pictures
    before = b.read_bytes()
    answer = answered(["compare", str(a), str(b), str(b), "--certificates", str(studio.folder)], 2, capsys)
    assert "never changed" in answer["error"]["message"]
    assert b.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["a.png", "small.png"], "Register one to the other first"),
        (["a.png", "b.png", "--scale", "0"], "from 0.1 to 100"),
        (["a.png", "b.png", "--scale", "red"], "--scale"),
        (["a.png", "b.png", "--mask", "small.png"], "mask is 9 × 8 px"),
        (["a.png", "b.png", "--mask", "black.png"], "marks no pixel"),
        (["a.png", "gone.png"], "no file"),
        (["a.png", "words.txt"], "words.txt"),
        (["a.png", "b.png", "gone/map.tif"], "its folder does not exist"),
        (["a.png", "b.png", "map.jpg"], "a TIFF or PNG; map.jpg ends in neither"),
    ],
)
def test_what_cannot_be_compared_ends_2_with_one_sentence(
    pictures: tuple[Path, Path, Path],
    tmp_path: Path,
    studio: Studio,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    sentence: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Image.fromarray(painted(8, 9)).save("small.png")
    Image.fromarray(np.zeros((700, 900), np.uint8)).save("black.png")
    Path("words.txt").write_text("no picture")
    answer = answered(["compare", *words, "--certificates", str(studio.folder)], 2, capsys)
    assert sentence in answer["error"]["message"]
