"""The commands info, check and pyramid, run as a user runs them."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from pathlib import Path

import numpy as np
import pytest
import tifffile

from tests.scans.pictures import picture, written
from tests.scans.tagged import Tags, plain, read_tags, tiff
from tests.scans.test_metadata import every_block, rational
from tests.scans.test_opening import save, whole
from workstation.cli import run
from workstation.scans.profiles import srgb_profile
from workstation.scans.source import Metadata
from workstation.scans.tags import SOFTWARE

pytestmark = pytest.mark.usefixtures("own_studio")


def answer(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, dict]:
    status = run([*map(str, words), "--json"])
    return status, json.loads(capsys.readouterr().out)


def test_info_says_how_inks_became_rgb_and_what_was_turned(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inks, side = picture(20, 30, 4), [(274, 3, 1, 6, True)]
    tifffile.imwrite(tmp_path / "s.tif", inks, photometric="separated", metadata=None, extratags=side)
    assert run(["info", str(tmp_path / "s.tif")]) == 0
    told = capsys.readouterr().out
    assert "20 × 30 px" in told
    assert "made from CMYK by a plain formula" in told
    assert "turned upright" in told


def test_info_tells_every_fact_of_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    icc = srgb_profile()
    metadata = Metadata(pixels_per_mm=20, icc=icc, page_name="1957.12_BT_recto_IRR_01")
    path = written(picture(700, 1300, 3, "u2"), tmp_path / "p.tif", "deflate", metadata=metadata)
    status, told = answer(capsys, "info", path)
    assert status == 0
    assert told["ok"] is True
    assert told["files"] == []
    (page,) = told["pages"]
    blocks = {block["name"]: block["bytes"] for block in page.pop("blocks")}
    assert blocks["ICC profile"] == len(icc)
    assert [page] == [
        {
            "index": 0,
            "name": "1957.12_BT_recto_IRR_01",
            "kind": "IRR",
            "width": 1300,
            "height": 700,
            "channels": 3,
            "dtype": "uint16",
            "compression": "deflate",
            "levels": 3,
            "icc": "sRGB built-in",
            "pixels_per_mm": 20.0,
            "made_from": None,
            "orientation": 1,
            "width_mm": 65.0,
            "height_mm": 35.0,
            "resolutions": [
                {"width": 1300, "height": 700, "in_file": True},
                {"width": 650, "height": 350, "in_file": True},
                {"width": 325, "height": 175, "in_file": True},
            ],
            "colour": "RGB",
            "decoded_bytes": 1300 * 700 * 6,
            "description": None,
            "artist": None,
            "copyright": None,
            "date": None,
            "device": None,
            "software": SOFTWARE,
            "left": [],
        }
    ]


def test_info_tells_a_page_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blocks: Tags = {**every_block(), 283: (5, rational(2_362_204, 1000)), 65001: (13, rational(8))}
    (tmp_path / "s.tif").write_bytes(tiff(picture(300, 600), blocks, ">", opaque=(33723,)))
    assert run(["info", str(tmp_path / "s.tif")]) == 0
    told = " ".join(capsys.readouterr().out.split())
    for words in (
        "Size 600 × 300 px",
        "On the painting 5.1 × 1.3 mm, at 118.1 px/mm",
        "Levels 600 × 300 in the file; 300 × 150 computed",
        "Stored uncompressed",
        "Description Öl auf Holz, um 1530",
        "Taken or written 17 May 2024, 10:11",
        "By Anna; Bert",
        "With Maker, Model, 120 mm, Scanner control 7.1",
        "Copyright (c) Museum",
        "Carries ICC profile 1.3 kB, EXIF 863 bytes, XMP 60 bytes, GPS 30 bytes",
        "Opened whole 540.0 kB of memory",
        "Stays behind tag 65001: it points to data that only its maker can follow",
    ):
        assert words in told


def test_info_lists_many_pages_a_line_each_and_one_in_full(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with tifffile.TiffWriter(tmp_path / "s.tif") as file:
        for page in range(12):
            name = [(285, 2, 0, f"1957.12_BT_recto_IRR_{page:02}", True)]
            file.write(picture(40, 50), photometric="rgb", metadata=None, extratags=name)
    assert run(["info", str(tmp_path / "s.tif")]) == 0
    told = capsys.readouterr().out.splitlines()
    assert sum("px, 3 channels of uint8, none, 1 level" in line for line in told) == 12
    assert len({line.index("“") for line in told if "“" in line}) == 1
    assert "all pages together take 72.0 kB of memory" in told[13]
    assert run(["info", str(tmp_path / "s.tif"), "--page", "7"]) == 0
    assert "7, 1957.12_BT_recto_IRR_07, IRR" in capsys.readouterr().out
    assert run(["info", str(tmp_path / "s.tif"), "--page", "12"]) == 2


def test_a_signed_pyramid_carries_every_block_and_says_what_stayed_behind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blocks: Tags = {**every_block(), 65001: (13, rational(8))}
    (tmp_path / "s.tif").write_bytes(tiff(picture(300, 600), blocks, ">", opaque=(33723,)))
    status, told = answer(capsys, "pyramid", tmp_path / "s.tif", tmp_path / "p.tif")
    assert status == 0
    assert [left["code"] for left in told["left"]] == [65001]
    found = read_tags(tmp_path / "p.tif")
    assert 52545 in found
    assert plain({code: found[code] for code in every_block()}) == plain(every_block())


def test_check_of_a_whole_scan_ends_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(picture(700, 1300), tmp_path / "p.tif")
    assert answer(capsys, "check", path) == (0, {"ok": True, "files": [], "damaged": [], "checksums": True})


def test_check_names_damaged_tiles_of_every_page_and_level(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "s.tif"
    with tifffile.TiffWriter(path) as file:
        for _ in range(2):
            file.write(
                picture(600, 600), tile=(256, 256), compression="zlib", subifds=1, metadata=None,
                photometric="rgb",
            )  # fmt: skip
            file.write(
                picture(300, 300), tile=(256, 256), compression="zlib", subfiletype=1, metadata=None,
                photometric="rgb",
            )  # fmt: skip
    with tifffile.TiffFile(path) as file:
        places = [file.pages[1].dataoffsets[4], file.pages[1].pages[0].dataoffsets[3]]
    data = bytearray(path.read_bytes())
    for place in places:
        data[place : place + 20] = bytes(20)
    path.write_bytes(data)
    status, told = answer(capsys, "check", path)
    assert status == 1
    assert told["ok"] is False
    assert [(d["page"], d["level"], d["row"], d["column"]) for d in told["damaged"]] == [
        (1, 0, 1, 1),
        (1, 1, 1, 1),
    ]
    assert all(d["reason"] for d in told["damaged"])
    assert run(["check", str(path)]) == 1
    assert "page 1, level 0, row 1, column 1" in capsys.readouterr().out


def test_pyramid_writes_the_page_that_was_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with tifffile.TiffWriter(tmp_path / "s.tif") as file:
        for seed in range(2):
            file.write(picture(600, 700, seed=seed), photometric="rgb", metadata=None)
    target = tmp_path / "p.tif"
    words = ("pyramid", tmp_path / "s.tif", target, "--page", 1, "--compression", "lzw")
    status, told = answer(capsys, *words)
    assert status == 0
    assert told["files"] == [
        {"path": str(target), "kind": "pyramid", "sha256": hashlib.sha256(target.read_bytes()).hexdigest()}
    ]
    assert np.array_equal(whole(target), picture(600, 700, seed=1))


def test_pyramid_of_a_damaged_scan_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = save(tmp_path / "s.tif", picture(64, 80), rowsperstrip=8)
    path.write_bytes(path.read_bytes()[:-600])
    status, told = answer(capsys, "pyramid", path, tmp_path / "p.tif")
    assert status == 1
    assert told["damaged"]
    assert (tmp_path / "p.tif").exists()


@pytest.mark.parametrize(
    ("target", "words"),
    [("s.tif", "never changed"), ("p.jpg", "ends in .tif"), ("no/p.tif", "does not exist")],
)
def test_pyramid_refuses_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], target: str, words: str
) -> None:
    path = save(tmp_path / "s.tif", picture(64, 80))
    before = path.read_bytes()
    status, told = answer(capsys, "pyramid", path, tmp_path / target)
    assert status == 2
    assert words in told["error"]["message"]
    assert path.read_bytes() == before


@pytest.mark.parametrize("command", ["info", "check"])
def test_what_is_not_there_or_no_picture_ends_with_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    (tmp_path / "text.tif").write_text("no picture")
    for path in (tmp_path / "none.tif", tmp_path / "text.tif", tmp_path):
        status, told = answer(capsys, command, path)
        assert status == 2
        assert told["ok"] is False
        assert told["error"]["message"].endswith(".")


@pytest.mark.skipif(not hasattr(os, "pread"), reason="needs a call that can be made to fail")
@pytest.mark.parametrize("words", [["info"], ["check"]])
def test_a_scan_on_a_broken_disk_is_one_sentence(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(picture(64, 64), tmp_path / "scan.tif")

    def failing(handle: int, count: int, offset: int) -> bytes:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "pread", failing)
    assert run([*words, str(path)]) == 2
    assert capsys.readouterr().err == f"{path} cannot be used: Input/output error.\n"
