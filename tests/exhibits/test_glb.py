"""The GLB writer: right by the Khronos validator, and saying what it was given."""

from __future__ import annotations

import io
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.exhibits.khronos import assert_clean, judged
from workstation.exhibits.glb import Media, Place, Plane, Scene, glb


def encoded(kind: str, size: tuple[int, int] = (64, 32), mode: str = "RGB") -> bytes:
    buffer = io.BytesIO()
    colours = np.random.default_rng(0).integers(0, 255, (size[1], size[0], len(mode)), np.uint8)
    Image.fromarray(colours).save(buffer, kind)
    return buffer.getvalue()


def read(data: bytes) -> tuple[dict[str, Any], bytes]:
    magic, version, total = struct.unpack_from("<4sII", data)
    assert (magic, version, total) == (b"glTF", 2, len(data))
    length, kind = struct.unpack_from("<I4s", data, 12)
    assert kind == b"JSON"
    size, second = struct.unpack_from("<I4s", data, 20 + length)
    assert second == b"BIN\0"
    assert 28 + length + size == total
    return json.loads(data[20 : 20 + length]), data[28 + length :]


def scene(*planes: Plane, places: tuple[Place, ...] = ()) -> Scene:
    return Scene("exhibit", 0.92, 0.737, planes, places, "tests", "Museum", {"mm": [920, 737]})


JPEG: Media = "image/jpeg"
PNG: Media = "image/png"
WEBP: Media = "image/webp"
BASE = Plane("painting", encoded("JPEG"), JPEG, (1.0, 0.75))


def test_jpeg_and_png_pass_the_khronos_validator_without_a_word(tmp_path: Path) -> None:
    over = Plane("overlay-1", encoded("PNG", mode="RGBA"), PNG, (1.0, 0.75), 0.001, True, 0.8, {"alt": "ä"})
    place = Place("hotspot-1", (0.1, -0.2, 0.002), {"label": {"en": "A boat", "de": "Übermaltes Boot"}})
    (tmp_path / "a.glb").write_bytes(glb(scene(BASE, over, places=(place,))))
    report = assert_clean(tmp_path / "a.glb")
    assert report["info"]["drawCallCount"] == 2
    assert report["info"]["extensionsUsed"] == ["KHR_materials_unlit"]


def test_webp_passes_the_khronos_validator_without_a_word(tmp_path: Path) -> None:
    (tmp_path / "a.glb").write_bytes(glb(scene(Plane("painting", encoded("WEBP"), WEBP))))
    report = assert_clean(tmp_path / "a.glb")
    assert report["info"]["extensionsRequired"] == ["EXT_texture_webp"]


def test_the_validator_would_notice_a_fault(tmp_path: Path) -> None:
    data = glb(scene(BASE)).replace(b'"componentType":5123', b'"componentType":5126')
    (tmp_path / "a.glb").write_bytes(data)
    assert judged(tmp_path / "a.glb")["issues"]["numErrors"] > 0


def test_the_painting_stands_in_metres_around_the_origin_and_faces_the_viewer() -> None:
    document, binary = read(glb(scene(BASE)))
    position = document["accessors"][document["meshes"][0]["primitives"][0]["attributes"]["POSITION"]]
    assert position["max"] == pytest.approx([0.46, 0.3685, 0])
    assert position["min"] == pytest.approx([-0.46, -0.3685, 0])
    view = document["bufferViews"][position["bufferView"]]
    corners = np.frombuffer(binary, "<f4", 12, view["byteOffset"]).reshape(4, 3)
    triangles = document["bufferViews"][document["accessors"][1]["bufferView"]]
    indices = np.frombuffer(binary, "<u2", 6, triangles["byteOffset"]).reshape(2, 3)
    for a, b, c in corners[indices]:
        assert np.cross(b - a, c - a)[2] > 0


def test_every_texture_is_in_the_file_byte_for_byte() -> None:
    planes = [BASE, Plane("overlay-1", encoded("PNG", mode="RGBA"), PNG, see_through=True)]
    document, binary = read(glb(scene(*planes)))
    for plane, image in zip(planes, document["images"], strict=True):
        view = document["bufferViews"][image["bufferView"]]
        assert binary[view["byteOffset"] :][: view["byteLength"]] == plane.texture


def test_opaque_see_through_and_faint_pictures_are_drawn_as_such() -> None:
    faint = Plane("faint", encoded("JPEG"), JPEG, opacity=0.5)
    clear = Plane("clear", encoded("PNG", mode="RGBA"), PNG, see_through=True)
    document, _ = read(glb(scene(BASE, faint, clear)))
    assert [material["alphaMode"] for material in document["materials"]] == ["OPAQUE", "BLEND", "BLEND"]
    assert document["materials"][1]["pbrMetallicRoughness"]["baseColorFactor"] == [1, 1, 1, 0.5]
    assert all("KHR_materials_unlit" in material["extensions"] for material in document["materials"])


@settings(deadline=None)
@given(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.floats(0.001, 50),
    st.floats(0.001, 50),
    st.integers(0, 3),
)
def test_any_size_and_words_give_a_whole_container(
    text: str, width: float, height: float, extra: int
) -> None:
    planes = (Plane("painting", bytes(range(extra)), JPEG),)
    document, binary = read(glb(Scene(text, width, height, planes, extras={"title": text})))
    assert document["nodes"][0]["extras"] == {"title": text}
    assert len(binary) % 4 == 0
    assert document["buffers"] == [{"byteLength": len(binary)}]
    assert all(view["byteOffset"] % 4 == 0 for view in document["bufferViews"])
