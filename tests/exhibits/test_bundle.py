"""A built exhibit: whole, signed, right by the Khronos validator, and never in the way of anything else."""

from __future__ import annotations

import hashlib
import json
import struct
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.exhibits.khronos import assert_clean
from tests.exhibits.specs import values, written
from tests.exhibits.test_glb import read
from workstation.credentials.certificates import Studio
from workstation.credentials.verifying import verify
from workstation.errors import CancelledError, ExhibitError, WorkstationError, WriteError
from workstation.exhibits.bundle import build
from workstation.exhibits.spec import read_spec
from workstation.files import FileMade
from workstation.jobs import finish


def built(folder: Path, studio: Studio, *, webp: bool = False, replace: bool = False) -> tuple[FileMade, ...]:
    exhibit = read_spec(written(folder))
    return finish(build(exhibit, folder / "out", studio, webp=webp, replace=replace))


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def out(tmp_path: Path, studio: Studio) -> Path:
    built(tmp_path, studio)
    return tmp_path / "out"


def test_the_bundle_holds_what_it_says_and_nothing_else(tmp_path: Path, studio: Studio) -> None:
    files = built(tmp_path, studio)
    out = tmp_path / "out"
    textures = {"textures/painting.jpg", "textures/overlay-1.png", "textures/overlay-2.jpg"}
    lists = {"hotspots.json", "hotspots.json.c2pa", "index.json", "index.json.c2pa"}
    assert names(out) == textures | lists | {"exhibit.glb", "exhibit.glb.c2pa"}
    assert {one.path.relative_to(out).as_posix() for one in files} == names(out)
    for one in files:
        assert hashlib.sha256(one.path.read_bytes()).hexdigest() == one.sha256
    index = json.loads((out / "index.json").read_text())
    listed = {entry["path"]: entry["sha256"] for entry in index["files"]}
    assert set(listed) == names(out) - {"index.json", "index.json.c2pa"}
    assert all(
        hashlib.sha256((out / name).read_bytes()).hexdigest() == digest for name, digest in listed.items()
    )
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_the_khronos_validator_has_nothing_to_say(out: Path) -> None:
    info = assert_clean(out / "exhibit.glb")["info"]
    assert info["drawCallCount"] == 3
    assert [(entry["width"], entry["height"]) for entry in (r["image"] for r in info["resources"][1:])] == [
        (256, 256)
    ] * 3


def test_the_khronos_validator_has_nothing_to_say_of_webp(tmp_path: Path, studio: Studio) -> None:
    built(tmp_path, studio, webp=True)
    assert_clean(tmp_path / "out" / "exhibit.glb")


def test_every_file_verifies_and_tells_where_it_is_from(out: Path, studio: Studio) -> None:
    for name in names(out):
        if not name.endswith(".c2pa"):
            assert verify(out / name, studio.anchor).state == "trusted", name
    verdict = verify(out / "exhibit.glb", studio.anchor)
    told = {ancestor.title for ancestor in verdict.ancestors}
    assert {"painting.jpg", "overlay-1.png", "overlay-2.jpg"} <= told
    assert {"scan.png", "restored.png", "mask.png", "infrared.png"} <= told


def test_a_changed_byte_of_the_scene_is_found(out: Path, studio: Studio) -> None:
    data = bytearray((out / "exhibit.glb").read_bytes())
    data[-100] ^= 1
    (out / "exhibit.glb").write_bytes(bytes(data))
    assert verify(out / "exhibit.glb", studio.anchor).state == "altered"


def test_the_textures_in_the_scene_are_the_signed_ones(out: Path, studio: Studio, tmp_path: Path) -> None:
    document, binary = read((out / "exhibit.glb").read_bytes())
    for image, name in zip(
        document["images"], ("painting.jpg", "overlay-1.png", "overlay-2.jpg"), strict=True
    ):
        view = document["bufferViews"][image["bufferView"]]
        data = binary[view["byteOffset"] :][: view["byteLength"]]
        assert data == (out / "textures" / name).read_bytes()
        (tmp_path / name).write_bytes(data)
        assert verify(tmp_path / name, studio.anchor).state == "trusted"


def test_only_what_the_restoration_changed_within_the_mask_is_opaque(out: Path, tmp_path: Path) -> None:
    overlay = np.asarray(Image.open(out / "textures" / "overlay-1.png"))
    before, after = (np.asarray(Image.open(tmp_path / f"{name}.png")) for name in ("scan", "restored"))
    mask = np.asarray(Image.open(tmp_path / "mask.png")) > 0
    seen = (before != after).any(axis=2) & mask
    across = (np.arange(400) + 0.5) * 256 / 400
    down = (np.arange(300) + 0.5) * 192 / 300
    alpha = overlay[down.astype(int)][:, across.astype(int), 3]
    assert (alpha[seen] > 0).all()
    grown = np.zeros_like(seen)
    grown[98:142, 198:262] = True
    assert (alpha[~grown] == 0).all()


def test_hotspots_stand_at_their_millimetres_in_scene_and_list(out: Path) -> None:
    document, _ = read((out / "exhibit.glb").read_bytes())
    node = next(node for node in document["nodes"] if node["name"] == "hotspot-1")
    listed = json.loads((out / "hotspots.json").read_text(encoding="utf-8"))["hotspots"][0]
    assert node["translation"] == listed["position"] == pytest.approx([-0.1, 0.0745, 0.003])
    assert node["extras"]["mm"] == listed["mm"] == [100, 75.5]
    for key in ("label", "text", "alt"):
        assert node["extras"][key] == listed[key] == {"en": "A harbour", "de": "Ein Hafen"}
    assert document["asset"]["copyright"] == "Museum"
    assert document["asset"]["generator"].startswith("Conservation Workstation")
    assert document["nodes"][0]["extras"]["mm"] == [400, 300]
    lifts = [node["translation"][2] for node in document["nodes"][1:]]
    assert lifts == sorted(lifts)
    assert len(set(lifts)) == len(lifts)


def test_an_exhibit_without_overlays_and_hotspots_is_one_too(tmp_path: Path, studio: Studio) -> None:
    description = values()
    del description["overlays"], description["hotspots"]
    exhibit = read_spec(written(tmp_path, description))
    finish(build(exhibit, tmp_path / "out", studio))
    assert_clean(tmp_path / "out" / "exhibit.glb")


def test_an_older_exhibit_is_replaced_only_when_asked(out: Path, tmp_path: Path, studio: Studio) -> None:
    old = (out / "index.json").read_bytes()
    with pytest.raises(ExhibitError, match=r"holds an exhibit already\. Add --replace"):
        built(tmp_path, studio)
    assert (out / "index.json").read_bytes() == old
    built(tmp_path, studio, webp=True, replace=True)
    assert (out / "textures" / "painting.webp").is_file()
    assert not (out / "textures" / "painting.jpg").exists()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_nothing_but_our_own_exhibit_is_ever_replaced(out: Path, tmp_path: Path, studio: Studio) -> None:
    (out / "notes.txt").write_text("mine")
    with pytest.raises(ExhibitError, match=r"also holds notes\.txt, which would be lost"):
        built(tmp_path, studio, replace=True)
    assert (out / "notes.txt").read_text() == "mine"
    (out / "index.json").write_text('{"format": "another"}')
    with pytest.raises(ExhibitError, match="holds other things than an exhibit"):
        built(tmp_path, studio, replace=True)
    (tmp_path / "file").write_text("mine")
    exhibit = read_spec(tmp_path / "harbour.json")
    with pytest.raises(ExhibitError, match="is there already and no folder"):
        finish(build(exhibit, tmp_path / "file", studio, replace=True))
    (tmp_path / "link").symlink_to(out)
    with pytest.raises(ExhibitError, match="is there already and no folder"):
        finish(build(exhibit, tmp_path / "link", studio, replace=True))


def test_an_empty_folder_is_filled(tmp_path: Path, studio: Studio) -> None:
    (tmp_path / "out").mkdir()
    built(tmp_path, studio)
    assert (tmp_path / "out" / "exhibit.glb").is_file()


def test_a_folder_that_cannot_be_made_is_told_in_one_sentence(tmp_path: Path, studio: Studio) -> None:
    exhibit = read_spec(written(tmp_path))
    with pytest.raises(WriteError, match="its folder does not exist"):
        finish(build(exhibit, tmp_path / "gone" / "out", studio))


@pytest.mark.parametrize("steps", [1, 2, 4, 5])
def test_a_stopped_build_leaves_nothing_behind(tmp_path: Path, studio: Studio, steps: int) -> None:
    exhibit = read_spec(written(tmp_path))
    before = names(tmp_path)
    seen: list[int] = []
    with pytest.raises(CancelledError):
        finish(
            build(exhibit, tmp_path / "out", studio),
            lambda progress: seen.append(progress.done),
            lambda: len(seen) >= steps,
        )
    assert names(tmp_path) == before
    assert not (tmp_path / "out").exists()


def test_a_broken_picture_leaves_nothing_behind_and_an_old_exhibit_as_it_was(
    out: Path, tmp_path: Path, studio: Studio
) -> None:
    before = {name: (out / name).read_bytes() for name in names(out)}
    exhibit = read_spec(written(tmp_path))
    Image.fromarray(np.zeros((30, 41), np.uint8)).save(tmp_path / "mask.png")
    with pytest.raises(ExhibitError, match=r"mask\.png is 41 × 30 px, its picture 400 × 300 px"):
        finish(build(exhibit, out, studio, replace=True))
    assert {name: (out / name).read_bytes() for name in names(out)} == before
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_painting_of_other_proportions_is_refused(tmp_path: Path, studio: Studio) -> None:
    description = values()
    description["painting"]["height_mm"] = 310
    exhibit = read_spec(written(tmp_path, description))
    with pytest.raises(
        ExhibitError, match=r"scan\.png is 400 × 300 px, which is not the shape of a painting"
    ):
        finish(build(exhibit, tmp_path / "out", studio))


def test_a_file_that_is_no_picture_is_told_in_one_sentence(tmp_path: Path, studio: Studio) -> None:
    exhibit = read_spec(written(tmp_path))
    (tmp_path / "infrared.png").write_bytes(b"no picture")
    with pytest.raises(WorkstationError, match=r"infrared\.png"):
        finish(build(exhibit, tmp_path / "out", studio))
    assert not (tmp_path / "out").exists()


def test_two_builds_of_one_description_show_the_same_pixels(
    out: Path, tmp_path: Path, studio: Studio
) -> None:
    first = np.asarray(Image.open(out / "textures" / "overlay-1.png"))
    words = (out / "hotspots.json").read_bytes()
    built(tmp_path, studio, replace=True)
    assert np.array_equal(np.asarray(Image.open(out / "textures" / "overlay-1.png")), first)
    assert (out / "hotspots.json").read_bytes() == words


def test_a_signed_png_texture_is_read_by_others(out: Path) -> None:
    data = (out / "textures" / "overlay-1.png").read_bytes()
    assert struct.unpack(">II", data[16:24]) == (256, 256)
    with Image.open(BytesIO(data)) as image:
        assert image.mode == "RGBA"
        image.verify()
