"""The phantom as files: its layers signed as what they are, computed pictures; its truth beside them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from workstation.credentials.certificates import Studio
from workstation.credentials.content import Action, Content
from workstation.credentials.door import export
from workstation.errors import UsageError
from workstation.files import FileKind, FileMade, drafts, write_text, writing
from workstation.jobs import Job, Progress
from workstation.operations.mask import mask_from
from workstation.phantom.phantom import Phantom
from workstation.phantom.picture import Picture
from workstation.scans.masks import write_mask
from workstation.scans.pyramid import write_pyramid
from workstation.scans.thumbnail import thumbnail


def scan_name(phantom: Phantom, what: str) -> str:
    """Return the file name of a layer or of a part of the truth."""
    return f"phantom-{phantom.seed}_{what}.tif"


def export_phantom(
    phantom: Phantom, folder: Path, studio: Studio, kinds: Iterable[str], *, truth: bool = True
) -> Job[tuple[FileMade, ...]]:
    """Write the layers, and with `truth` the undamaged state, the masks and the facts; replaces nothing."""
    layers = {kind: phantom.layer(kind) for kind in kinds}
    known = phantom.truth()
    if truth:
        layers["undamaged"] = known.undamaged
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    files: tuple[FileMade, ...] = ()
    for what, picture in layers.items():
        files += yield from _export(phantom, what, picture, "phantom", folder, studio)
    if truth:
        for what, picture in (("cracks", known.cracks), ("losses", known.losses)):
            files += yield from _export(phantom, what, picture, "mask", folder, studio)
        files += _export_facts(phantom, list(kinds), folder, studio)
    return files


def _export_facts(phantom: Phantom, kinds: list[str], folder: Path, studio: Studio) -> tuple[FileMade, ...]:
    target = folder / f"phantom-{phantom.seed}_truth.json"
    with drafts(target) as place:
        draft = place / target.name
        write_text(draft, json.dumps(phantom.truth().facts(kinds), indent=2) + "\n")
        content = Content("What is known of the phantom", (_computed(phantom),))
        return export(draft, target, "record", content, studio)


def _export(
    phantom: Phantom, what: str, picture: Picture, kind: FileKind, folder: Path, studio: Studio
) -> Job[tuple[FileMade, ...]]:
    target = folder / scan_name(phantom, what)
    if target.exists():
        raise UsageError(f"{target} exists already. Name another folder.")
    with drafts(target) as place:
        draft = place / target.name
        if kind == "mask":
            yield from write_mask(mask_from(picture), draft)
        else:
            yield from write_pyramid(picture, draft)
        yield Progress(0, 1, "signing")
        content = Content(f"Phantom, {what}", (_computed(phantom),), thumbnail=thumbnail(picture))
        return export(draft, target, kind, content, studio)


def _computed(phantom: Phantom) -> Action:
    return Action("c2pa.created", "algorithmicMedia", f"Computed from the seed {phantom.seed}")
