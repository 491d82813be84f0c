"""The phantom as files: its layers signed as what they are, computed pictures; its truth beside them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from workstation.credentials.certificates import Studio, create_studio
from workstation.credentials.content import Action, Content
from workstation.credentials.door import export
from workstation.files import FileKind, FileMade, check_targets, drafts, together, write_text, writing
from workstation.jobs import Job, Progress
from workstation.operations.mask import mask_from
from workstation.phantom.phantom import Phantom
from workstation.phantom.picture import Picture
from workstation.scans.masks import write_mask
from workstation.scans.pyramid import write_pyramid
from workstation.scans.thumbnail import thumbnail


def demonstration_studio(folder: Path, *, replace: bool = False) -> Studio:
    """Make the studio that signs the demonstration painting; trusted by nobody unless they say so."""
    return create_studio(
        folder, studio="Demonstration studio", person="Demonstration conservator", replace=replace
    )


def scan_name(phantom: Phantom, what: str) -> str:
    """Return the file name of a layer or of a part of the truth."""
    return f"phantom-{phantom.seed}_{what}.tif"


def export_phantom(
    phantom: Phantom,
    folder: Path,
    studio: Studio,
    kinds: Iterable[str],
    *,
    truth: bool = True,
    replace: bool = False,
) -> Job[tuple[FileMade, ...]]:
    """Write the layers, and with `truth` the undamaged state, masks and facts: all of them or none."""
    layers = {kind: phantom.layer(kind) for kind in kinds}
    known, masks = phantom.truth(), {}
    if truth:
        layers["undamaged"] = known.undamaged
        masks = {"cracks": known.cracks, "losses": known.losses}
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    check_targets((folder / scan_name(phantom, what) for what in (*layers, *masks)), replace=replace)
    with together(replace) as files:
        for what, picture in layers.items():
            files += yield from _export(phantom, what, picture, "phantom", folder, studio, replace)
        for what, picture in masks.items():
            files += yield from _export(phantom, what, picture, "mask", folder, studio, replace)
        if truth:
            files += _export_facts(phantom, list(kinds), folder, studio, replace)
    return tuple(files)


def _export_facts(
    phantom: Phantom, kinds: list[str], folder: Path, studio: Studio, replace: bool
) -> tuple[FileMade, ...]:
    target = folder / f"phantom-{phantom.seed}_truth.json"
    with drafts(target) as place:
        draft = place / target.name
        write_text(draft, json.dumps(phantom.truth().facts(kinds), indent=2) + "\n")
        content = Content("What is known of the phantom", (_computed(phantom),))
        return export(draft, target, "record", content, studio, replace=replace)


def _export(
    phantom: Phantom,
    what: str,
    picture: Picture,
    kind: FileKind,
    folder: Path,
    studio: Studio,
    replace: bool,
) -> Job[tuple[FileMade, ...]]:
    target = folder / scan_name(phantom, what)
    with drafts(target) as place:
        draft = place / target.name
        if kind == "mask":
            yield from write_mask(mask_from(picture), draft)
        else:
            yield from write_pyramid(picture, draft)
        yield Progress(0, 1, "signing")
        content = Content(f"Phantom, {what}", (_computed(phantom),), thumbnail=thumbnail(picture))
        return export(draft, target, kind, content, studio, replace=replace)


def _computed(phantom: Phantom) -> Action:
    return Action("c2pa.created", "algorithmicMedia", f"Computed from the seed {phantom.seed}")
