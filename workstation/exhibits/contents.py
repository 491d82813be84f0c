"""What the credential of each file of an exhibit says: how it came from the scans before it."""

from __future__ import annotations

from pathlib import Path

from workstation.credentials.content import Action, Content, Ingredient
from workstation.exhibits.spec import Overlay, Picture

MADE = "algorithmicallyEnhanced"


def base_content(picture: Picture, name: str) -> Content:
    """Tell of the base texture: the scan, made smaller."""
    return Content(
        title=name, actions=(_opened(), _resized()), ingredients=(_file(picture.path, "parentOf"),)
    )


def overlay_content(overlay: Overlay, base: Picture, name: str) -> Content:
    """Tell of an overlay's texture: its picture, made smaller, and see-through where nothing is shown."""
    actions = [_opened(), _resized()]
    inputs = [overlay.mask.path] if overlay.mask else []
    if overlay.show == "changes":
        inputs.insert(0, base.path)
        actions.append(_cut("Made see-through wherever it equals the base picture"))
    if overlay.mask:
        actions.append(_cut("Made see-through outside the mask"))
    parent = _file(overlay.picture.path, "parentOf")
    others = [_file(path, "inputTo") for path in inputs if path != overlay.picture.path]
    return Content(title=name, actions=tuple(actions), ingredients=(parent, *others))


def scene_content(title: str, textures: list[Path]) -> Content:
    """Tell of the GLB: composed of the textures, each placed where it belongs."""
    created = Action("c2pa.created", "composite", "Composed for augmented reality, in metres")
    placed = [Action("c2pa.placed", description=f"Laid over the painting: {path.name}") for path in textures]
    return Content(
        title=title,
        actions=(created, *placed),
        ingredients=tuple(_file(path, "componentOf") for path in textures),
    )


def list_content(name: str, of: list[Path]) -> Content:
    """Tell of a list of texts or files that this programme wrote for the bundle."""
    created = Action("c2pa.created", "algorithmicMedia", "Written from the description of the exhibit")
    return Content(title=name, actions=(created,), ingredients=tuple(_file(path, "inputTo") for path in of))


def _opened() -> Action:
    return Action("c2pa.opened")


def _resized() -> Action:
    return Action("c2pa.resized", MADE, "Made smaller for phones; each pixel is the mean of its area")


def _cut(what: str) -> Action:
    return Action("c2pa.edited", MADE, what)


def _file(path: Path, relationship: str) -> Ingredient:
    if relationship == "parentOf":
        return Ingredient(path, path.name, "parentOf")
    return Ingredient(path, path.name, "componentOf" if relationship == "componentOf" else "inputTo")
