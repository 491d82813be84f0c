"""What an exhibit is made of, as a curator describes it in a JSON file, checked to the last value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast

from workstation.exhibits.frame import LARGEST_TEXTURE
from workstation.exhibits.node import Node, read_json

Texts: TypeAlias = Mapping[str, str]
"""One text for each language."""
Show: TypeAlias = Literal["whole", "changes"]

SHORT, LONG = 200, 4000
MOST_LANGUAGES, MOST_OVERLAYS, MOST_HOTSPOTS = 30, 12, 100
LARGEST_PAINTING = 50_000
"""In mm."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One page of a scan."""

    path: Path
    page: int = 0


@dataclass(frozen=True, slots=True)
class Overlay:
    """A picture laid over the painting."""

    picture: Picture
    title: Texts
    alt: Texts
    show: Show = "whole"
    """All of it, or only the pixels that differ from the base picture."""
    mask: Picture | None = None
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Hotspot:
    """A place on the painting, in millimetres from its upper left corner, with words about it."""

    x_mm: float
    y_mm: float
    title: Texts
    text: Texts
    alt: Texts


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A painting with what is shown over it."""

    title: Texts
    alt: Texts
    languages: tuple[str, ...]
    width_mm: float
    height_mm: float
    picture: Picture
    overlays: tuple[Overlay, ...] = ()
    hotspots: tuple[Hotspot, ...] = ()
    copyright: str = ""
    texture_px: int = 2048
    """The longest side that a texture may have."""


def read_spec(path: Path, pictures: Path | None = None) -> Exhibit:
    """Read a description; its pictures lie in `pictures`, else in the description's own folder or below."""
    return exhibit_from(read_json(path), pictures or path.parent)


def exhibit_from(node: Node, pictures: Path) -> Exhibit:
    """Build an exhibit from JSON values; ExhibitError names the value that does not fit."""
    needed = ("exhibit", "languages", "title", "alt", "painting")
    parts = node.object(needed, ("copyright", "texture_px", "overlays", "hotspots"))
    if parts["exhibit"].value != 1:
        raise parts["exhibit"].wrong("must be 1: the version of this kind of description.")
    languages = _languages(parts["languages"])
    painting = parts["painting"].object(("width_mm", "height_mm", "picture"), ("page",))
    width = painting["width_mm"].number(1, LARGEST_PAINTING, "mm")
    height = painting["height_mm"].number(1, LARGEST_PAINTING, "mm")
    return Exhibit(
        title=parts["title"].texts(languages, SHORT),
        alt=parts["alt"].texts(languages, LONG),
        languages=languages,
        width_mm=width,
        height_mm=height,
        picture=_picture(painting, pictures),
        overlays=tuple(
            _overlay(entry, languages, pictures) for entry in _list(parts, "overlays", MOST_OVERLAYS)
        ),
        hotspots=tuple(
            _hotspot(entry, languages, (width, height)) for entry in _list(parts, "hotspots", MOST_HOTSPOTS)
        ),
        copyright=parts["copyright"].text(SHORT) if "copyright" in parts else "",
        texture_px=parts["texture_px"].whole(64, LARGEST_TEXTURE) if "texture_px" in parts else 2048,
    )


def _languages(node: Node) -> tuple[str, ...]:
    languages = tuple(entry.language() for entry in node.items(MOST_LANGUAGES))
    if not languages or len(set(languages)) < len(languages):
        raise node.wrong("must name at least one language, and each once.")
    return languages


def _list(parts: dict[str, Node], name: str, most: int) -> list[Node]:
    return list(parts[name].items(most)) if name in parts else []


def _picture(parts: dict[str, Node], pictures: Path, name: str = "picture", page: str = "page") -> Picture:
    number = parts[page].whole(0, 9999) if page in parts else 0
    return Picture(parts[name].file(pictures), number)


def _overlay(node: Node, languages: tuple[str, ...], pictures: Path) -> Overlay:
    parts = node.object(("picture", "title", "alt"), ("page", "show", "mask", "opacity"))
    return Overlay(
        picture=_picture(parts, pictures),
        title=parts["title"].texts(languages, SHORT),
        alt=parts["alt"].texts(languages, LONG),
        show=cast(Show, parts["show"].one_of(("whole", "changes"))) if "show" in parts else "whole",
        mask=_picture(parts, pictures, "mask", "") if "mask" in parts else None,
        opacity=parts["opacity"].number(0.05, 1) if "opacity" in parts else 1.0,
    )


def _hotspot(node: Node, languages: tuple[str, ...], size: tuple[float, float]) -> Hotspot:
    parts = node.object(("mm", "title", "text", "alt"))
    numbers = list(parts["mm"].items(2))
    if len(numbers) != 2:
        raise parts["mm"].wrong("must be two numbers: mm from the left and from the upper edge.")
    x, y = (number.number(0, side, "mm") for number, side in zip(numbers, size, strict=True))
    words: dict[str, Any] = {
        "title": parts["title"].texts(languages, SHORT),
        "text": parts["text"].texts(languages, LONG),
        "alt": parts["alt"].texts(languages, LONG),
    }
    return Hotspot(x, y, **words)
