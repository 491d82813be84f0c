"""Our own writer of GLB 2.0 files: a painting as flat pictures in metres, with named places on it.

The painting stands upright in the XY plane around the origin and faces +Z, as glTF wants it. Each picture is
a rectangle with its texture unlit, so that it looks in the viewer as it looks here. Nothing is read back from
a GLB, and nothing but what is given gets into it.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Media: TypeAlias = Literal["image/jpeg", "image/png", "image/webp"]

ARRAY, ELEMENTS = 34962, 34963
FLOAT, SHORT = 5126, 5123
LINEAR, MIPMAPPED, CLAMPED = 9729, 9987, 33071


@dataclass(frozen=True, slots=True)
class Plane:
    """One picture over the painting: the whole rectangle of it, `lift` metres in front."""

    name: str
    texture: bytes
    media: Media
    used: tuple[float, float] = (1.0, 1.0)
    """How much of the texture's width and height the picture fills, from its upper left corner."""
    lift: float = 0.0
    see_through: bool = False
    opacity: float = 1.0
    extras: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """A named point without a picture: a hotspot."""

    name: str
    position: tuple[float, float, float]
    extras: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scene:
    """All that goes into one GLB file."""

    name: str
    width: float
    """In metres, like `height`."""
    height: float
    planes: Sequence[Plane]
    places: Sequence[Place] = ()
    generator: str = ""
    copyright: str = ""
    extras: dict[str, Any] = field(default_factory=dict)


def glb(scene: Scene) -> bytes:
    """Return the scene as the bytes of a GLB file."""
    data = _Data()
    document = _document(scene, data)
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    return _container(text, bytes(data.blob))


def _container(text: bytes, binary: bytes) -> bytes:
    text += b" " * (-len(text) % 4)
    binary += b"\0" * (-len(binary) % 4)
    total = 12 + 8 + len(text) + 8 + len(binary)
    head = struct.pack("<4sII", b"glTF", 2, total)
    return (
        head
        + struct.pack("<I4s", len(text), b"JSON")
        + text
        + struct.pack("<I4s", len(binary), b"BIN\0")
        + binary
    )


class _Data:
    """The binary part, and the views and accessors into it."""

    def __init__(self) -> None:
        self.blob = bytearray()
        self.views: list[dict[str, Any]] = []
        self.accessors: list[dict[str, Any]] = []

    def view(self, data: bytes, target: int | None = None) -> int:
        self.blob += b"\0" * (-len(self.blob) % 4)
        view = {"buffer": 0, "byteOffset": len(self.blob), "byteLength": len(data)}
        self.views.append(view | ({"target": target} if target else {}))
        self.blob += data
        return len(self.views) - 1

    def floats(self, rows: list[tuple[float, ...]]) -> int:
        packed = b"".join(struct.pack(f"<{len(row)}f", *row) for row in rows)
        stored = list(
            struct.iter_unpack(f"<{len(rows[0])}f", packed)
        )  # the limits as 32-bit floats have them
        limits = {
            "min": [min(c) for c in zip(*stored, strict=True)],
            "max": [max(c) for c in zip(*stored, strict=True)],
        }
        return self._accessor(self.view(packed, ARRAY), FLOAT, len(rows), f"VEC{len(rows[0])}", limits)

    def indices(self, numbers: list[int]) -> int:
        packed = struct.pack(f"<{len(numbers)}H", *numbers)
        return self._accessor(self.view(packed, ELEMENTS), SHORT, len(numbers), "SCALAR", {})

    def _accessor(self, view: int, component: int, count: int, kind: str, limits: dict[str, Any]) -> int:
        accessor = {"bufferView": view, "componentType": component, "count": count, "type": kind}
        self.accessors.append(accessor | limits)
        return len(self.accessors) - 1


def _document(scene: Scene, data: _Data) -> dict[str, Any]:
    x, y = scene.width / 2, scene.height / 2
    corners = data.floats([(-x, -y, 0), (x, -y, 0), (x, y, 0), (-x, y, 0)])
    triangles = data.indices([0, 1, 2, 0, 2, 3])
    placed: dict[tuple[float, float], int] = {}
    for plane in scene.planes:
        if plane.used not in placed:
            u, v = plane.used
            placed[plane.used] = data.floats([(0, v), (u, v), (u, 0), (0, 0)])
    meshes = [
        _mesh(plane, index, corners, placed[plane.used], triangles)
        for index, plane in enumerate(scene.planes)
    ]
    images = [{"name": p.name, "mimeType": p.media, "bufferView": data.view(p.texture)} for p in scene.planes]
    document = {
        "asset": _asset(scene),
        "scene": 0,
        "scenes": [{"name": scene.name, "nodes": [0]}],
        "nodes": _nodes(scene),
        "meshes": meshes,
        "materials": [_material(plane, index) for index, plane in enumerate(scene.planes)],
        "textures": [_texture(plane, index) for index, plane in enumerate(scene.planes)],
        "images": images,
        "samplers": [{"magFilter": LINEAR, "minFilter": MIPMAPPED, "wrapS": CLAMPED, "wrapT": CLAMPED}],
        "accessors": data.accessors,
        "bufferViews": data.views,
        "buffers": [{"byteLength": len(data.blob) + -len(data.blob) % 4}],
    }
    return document | _extensions(scene)


def _asset(scene: Scene) -> dict[str, Any]:
    texts = {"version": "2.0", "generator": scene.generator, "copyright": scene.copyright}
    return {name: text for name, text in texts.items() if text}


def _extensions(scene: Scene) -> dict[str, Any]:
    if any(plane.media == "image/webp" for plane in scene.planes):
        return {
            "extensionsUsed": ["EXT_texture_webp", "KHR_materials_unlit"],
            "extensionsRequired": ["EXT_texture_webp"],
        }
    return {"extensionsUsed": ["KHR_materials_unlit"]}


def _nodes(scene: Scene) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = []
    for index, plane in enumerate(scene.planes):
        nodes.append(
            {"name": plane.name, "mesh": index, "translation": [0, 0, plane.lift], "extras": plane.extras}
        )
    for place in scene.places:
        nodes.append({"name": place.name, "translation": list(place.position), "extras": place.extras})
    root = {"name": scene.name, "children": list(range(1, len(nodes) + 1)), "extras": scene.extras}
    return [root, *nodes]


def _mesh(plane: Plane, index: int, corners: int, placed: int, triangles: int) -> dict[str, Any]:
    attributes = {"POSITION": corners, "TEXCOORD_0": placed}
    return {
        "name": plane.name,
        "primitives": [{"attributes": attributes, "indices": triangles, "material": index}],
    }


def _material(plane: Plane, index: int) -> dict[str, Any]:
    look = {"baseColorTexture": {"index": index}, "metallicFactor": 0, "roughnessFactor": 1}
    if plane.opacity < 1:
        look["baseColorFactor"] = [1, 1, 1, plane.opacity]
    return {
        "name": plane.name,
        "alphaMode": "BLEND" if plane.see_through or plane.opacity < 1 else "OPAQUE",
        "pbrMetallicRoughness": look,
        "extensions": {"KHR_materials_unlit": {}},
    }


def _texture(plane: Plane, index: int) -> dict[str, Any]:
    if plane.media == "image/webp":
        return {"sampler": 0, "extensions": {"EXT_texture_webp": {"source": index}}}
    return {"sampler": 0, "source": index}
