"""The exhibit as a scene in metres and as a list of its places: both from the same values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workstation import VERSION
from workstation.exhibits.frame import Frame
from workstation.exhibits.glb import Media, Place, Plane, Scene
from workstation.exhibits.spec import Exhibit

LIFT = 0.001
"""Metres between two overlays: enough that they do not flicker, too little to be seen from the side."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A texture that has gone through the door: its name in the bundle and its bytes with the credential."""

    name: str
    data: bytes
    media: Media


def scene_of(exhibit: Exhibit, frame: Frame, textures: Sequence[Signed]) -> Scene:
    """Return what goes into the GLB; `textures` are those of the base and of the overlays, in order."""
    told = description(exhibit, frame, [texture.name for texture in textures])
    base = Plane("painting", textures[0].data, textures[0].media, frame.used, extras=_words(told["painting"]))
    planes = [base]
    for index, (overlay, texture) in enumerate(zip(exhibit.overlays, textures[1:], strict=True), 1):
        plane = Plane(
            name=told["overlays"][index - 1]["name"],
            texture=texture.data,
            media=texture.media,
            used=frame.used,
            lift=LIFT * index,
            see_through=overlay.mask is not None or overlay.show == "changes",
            opacity=overlay.opacity,
            extras=_words(told["overlays"][index - 1]),
        )
        planes.append(plane)
    return Scene(
        name="exhibit",
        width=exhibit.width_mm / 1000,
        height=exhibit.height_mm / 1000,
        planes=planes,
        places=[_place(hotspot) for hotspot in told["hotspots"]],
        generator=f"Conservation Workstation {VERSION}",
        copyright=exhibit.copyright,
        extras={"title": told["title"], "languages": told["languages"], "mm": told["painting"]["mm"]},
    )


def description(exhibit: Exhibit, frame: Frame, textures: Sequence[str]) -> dict[str, Any]:
    """Return all words and places of the exhibit as plain JSON values: what hotspots.json holds."""
    overlays = [
        {
            "name": f"overlay-{index}",
            "texture": texture,
            "title": dict(overlay.title),
            "alt": dict(overlay.alt),
            "opacity": overlay.opacity,
        }
        for index, (overlay, texture) in enumerate(zip(exhibit.overlays, textures[1:], strict=True), 1)
    ]
    return {
        "exhibit": 1,
        "title": dict(exhibit.title),
        "languages": list(exhibit.languages),
        "copyright": exhibit.copyright,
        "painting": {
            "mm": [exhibit.width_mm, exhibit.height_mm],
            "texture": textures[0],
            "texture_px": list(frame.texture),
            "picture_px": list(frame.picture),
            "alt": dict(exhibit.alt),
        },
        "overlays": overlays,
        "hotspots": _hotspots(exhibit, frame),
    }


def _hotspots(exhibit: Exhibit, frame: Frame) -> list[dict[str, Any]]:
    lift = LIFT * (len(exhibit.overlays) + 1)
    return [
        {
            "name": f"hotspot-{index}",
            "mm": [hotspot.x_mm, hotspot.y_mm],
            "position": [round(part, 6) for part in frame.metres(hotspot.x_mm, hotspot.y_mm, lift)],
            "label": dict(hotspot.title),
            "text": dict(hotspot.text),
            "alt": dict(hotspot.alt),
        }
        for index, hotspot in enumerate(exhibit.hotspots, 1)
    ]


def _place(hotspot: dict[str, Any]) -> Place:
    x, y, z = hotspot["position"]
    words = {key: hotspot[key] for key in ("mm", "label", "text", "alt")}
    return Place(hotspot["name"], (x, y, z), {"type": "hotspot", **words})


def _words(told: dict[str, Any]) -> dict[str, Any]:
    return {key: told[key] for key in ("mm", "title", "alt") if key in told}
