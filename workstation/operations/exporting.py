"""From scan and treatment to signed files: the restored picture and its change map, through the one door."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workstation.credentials.certificates import Studio
from workstation.credentials.content import Action, Content, Ingredient
from workstation.credentials.door import check_exports, export
from workstation.files import FileMade, together
from workstation.jobs import Job, Progress
from workstation.operations.carrying import Carried, carried, mask_content, mask_path
from workstation.operations.operation import Rect, summary
from workstation.operations.record import Record
from workstation.operations.regions import Region
from workstation.operations.render import Rendered, render
from workstation.operations.treatment import Step, Treatment, step_values
from workstation.resumable import resumable
from workstation.scans.encoding import Compression
from workstation.scans.identity import check_unchanged, witness, work_on
from workstation.scans.masks import write_mask
from workstation.scans.opening import open_scan
from workstation.scans.thumbnail import thumbnail

MOST_PLACES = 200
"""A credential names the rectangles of at most this many regions of a step; the change map shows all."""
MAP_SUFFIX = "-changes.tif"


@dataclass(frozen=True, slots=True)
class Restoration:
    """What a restoration left on the disk, and what is known of it."""

    files: tuple[FileMade, ...]
    rendered: Rendered


def restore(
    scan_path: Path,
    treatment: Treatment,
    target: Path,
    studio: Studio,
    *,
    page: int = 0,
    compression: Compression = "deflate",
    replace: bool = False,
) -> Job[Restoration]:
    """Render a treatment and sign what comes of it: `target`, and beside it the change map.

    The credential of the result holds one action and one record for each step, the masks, and the scan as
    its parent; that of the change map names scan and result. A mask too large for it is written beside them.
    None of the files is left behind where any of it fails; the same restoration of the same scan goes on
    where an earlier one was stopped.
    """
    masks = carried(treatment)
    beside = [mask_path(target, number) for number in range(1, len(masks.beside) + 1)]
    check_exports([target, map_path(target), *beside], replace=replace, keep=[scan_path])
    unchanged = witness(scan_path)
    work = _work(scan_path, treatment, page, compression)
    with resumable(target, work) as folder:
        draft, draft_map = folder / target.name, folder / map_path(target).name
        rendered = yield from render(
            scan_path,
            treatment,
            draft,
            draft_map,
            page=page,
            compression=compression,
            who=studio.person,
            unchanged=unchanged,
        )
        rendered = dataclasses.replace(rendered, records=masks.records(rendered.records))
        drafts = yield from _mask_drafts(masks, folder)
        yield Progress(0, 2, "signing")
        check_unchanged(scan_path, work)
        told = content(scan_path, draft, treatment, rendered, masks)
        told_map, told_mask = _map_content(scan_path, target), mask_content(target, scan_path)
        with together(replace) as files:
            files += export(draft, target, "restored", told, studio, replace=replace)
            yield Progress(1, 2, "signing")
            files += export(draft_map, map_path(target), "change-map", told_map, studio, replace=replace)
            for mask_draft, path in zip(drafts, beside, strict=True):
                files += export(mask_draft, path, "mask", told_mask, studio, replace=replace)
        return Restoration(tuple(files), rendered)


def _mask_drafts(masks: Carried, folder: Path) -> Job[list[Path]]:
    """Write the masks that the credential cannot carry."""
    drafts = []
    for number, mask in enumerate(masks.beside.values(), 1):
        drafts.append(folder / f"mask-{number}.tif")
        yield from write_mask(mask, drafts[-1])
    return drafts


def _work(scan: Path, treatment: Treatment, page: int, compression: Compression) -> dict[str, Any]:
    """Return all that decides the pixels of a restoration."""
    from models.device import describe

    steps = [step_values(step) | {"weights": step.operation.weights_sha256()} for step in treatment.steps]
    return work_on(scan, page, what="restoration", steps=steps, compression=compression, device=describe())


def map_path(target: Path) -> Path:
    """Return where the change map of a result lies."""
    return target.with_name(target.stem + MAP_SUFFIX)


def content(
    scan_path: Path, result: Path, treatment: Treatment, rendered: Rendered, masks: Carried
) -> Content:
    """Say in the words of a credential what was done to a scan."""
    with open_scan(result) as picture:
        preview = thumbnail(picture)
    steps = zip(treatment.steps, rendered.records, rendered.regions_of_steps, strict=True)
    return Content(
        title=f"Restoration of {scan_path.name}",
        actions=(_opened(scan_path), *(action(*step) for step in steps)),
        ingredients=(Ingredient(scan_path, scan_path.name, "parentOf"),),
        records=tuple(record.as_json() for record in rendered.records),
        attachments=masks.attachments(rendered.records),
        thumbnail=preview,
    )


def action(step: Step, record: Record, regions: tuple[Region, ...]) -> Action:
    """Return the action that a credential lists for one step."""
    kind = type(step.operation)
    return Action(
        name=kind.action,
        digital_source=kind.digital_source,
        description=summary(kind),
        agent=f"{kind.name} {kind.version}",
        parameters=record.parameters,
        regions=tuple(Rect(r.x0, r.y0, r.x1 - r.x0, r.y1 - r.y0) for r in regions[:MOST_PLACES]),
    )


def _opened(scan_path: Path) -> Action:
    return Action("c2pa.opened", description=f"Opened {scan_path.name}")


def _map_content(scan_path: Path, target: Path) -> Content:
    return Content(
        title=f"Change map of {target.name}",
        actions=(
            Action(
                "c2pa.created",
                "algorithmicMedia",
                "Each pixel tells which steps of the treatment changed it",
            ),
        ),
        ingredients=(
            Ingredient(scan_path, scan_path.name, "inputTo"),
            Ingredient(target, target.name, "inputTo"),
        ),
    )
