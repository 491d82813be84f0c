"""The difference of two scans as files that leave the house: a signed map with its signed legend."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from workstation.comparison.difference import DifferenceSource
from workstation.comparison.legend import legend
from workstation.comparison.statistics import Statistics
from workstation.errors import UsageError
from workstation.files import FileMade, drafts, together
from workstation.jobs import Job, Progress
from workstation.scans.source import Level

if TYPE_CHECKING:
    from workstation.credentials.certificates import Studio
    from workstation.credentials.content import Content


LARGEST_PNG = 25_000_000
"""Pixels: a PNG is written from memory, and has no levels."""
ROWS = 512


@dataclass(frozen=True, slots=True)
class Compared:
    """The files of the two scans, and of the mask where one was used."""

    a: Path
    b: Path
    mask: Path | None = None

    @property
    def paths(self) -> list[Path]:
        """The files that are compared."""
        return [path for path in (self.a, self.b, self.mask) if path is not None]


def legend_of(target: Path) -> Path:
    """Return where the legend of a map lies: map.tif → map.legend.png."""
    return target.with_name(f"{target.stem}.legend.png")


def export_difference(
    source: DifferenceSource,
    compared: Compared,
    found: Statistics,
    target: Path,
    studio: Studio,
    *,
    replace: bool = False,
) -> Job[tuple[FileMade, ...]]:
    """Write the map as a pyramidal TIFF, or a smaller one as a PNG, and its legend, both signed."""
    from workstation.credentials.door import export
    from workstation.scans.pyramid import write_pyramid

    check_map(compared, target, replace)
    check_png(target, source.levels[0])
    with drafts(target) as folder:
        map_draft, legend_draft = folder / f"map{target.suffix.lower()}", folder / "legend.png"
        if is_png(target):
            yield from _write_png(source, map_draft)
        else:
            yield from write_pyramid(source, map_draft, compression="deflate")
        picture = legend(source.scale, source.measure, found, source.extent is not None)
        Image.fromarray(picture).save(legend_draft)
        told, words = _map_content(source, compared, found, target), _legend_content(target)
        with together(replace) as made:
            made += export(map_draft, target, "difference", told, studio, replace=replace)
            made += export(legend_draft, legend_of(target), "difference", words, studio, replace=replace)
        return tuple(made)


def check_map(compared: Compared, target: Path, replace: bool) -> None:
    """Raise an error unless map and legend can be written there."""
    from workstation.credentials.door import check_exports

    check_exports([target, legend_of(target)], replace=replace, keep=compared.paths)
    if target.suffix.lower() not in (".tif", ".tiff", ".png"):
        raise UsageError(f"A map of differences is a TIFF or PNG; {target.name} ends in neither.")


def check_png(target: Path, level: Level) -> None:
    """Raise UsageError where a map of that size is to be a PNG and is too large for one."""
    if is_png(target) and level.height * level.width > LARGEST_PNG:
        raise UsageError(
            f"A map of {level.width} × {level.height} px is too large for a PNG. Let its name end in .tif."
        )


def is_png(target: Path) -> bool:
    """Tell whether a map is to be a PNG."""
    return target.suffix.lower() == ".png"


def _write_png(source: DifferenceSource, draft: Path) -> Job[None]:
    level = source.levels[0]
    picture = np.empty((level.height, level.width, 3), np.uint8)
    total = -(-level.height // ROWS)
    for done, y0 in enumerate(range(0, level.height, ROWS), 1):
        y1 = min(y0 + ROWS, level.height)
        picture[y0:y1] = source.read(0, y0, y1, 0, level.width)
        yield Progress(done, total, f"Writing {draft.name}")
    Image.fromarray(picture).save(draft)


def _map_content(source: DifferenceSource, compared: Compared, found: Statistics, target: Path) -> Content:
    from workstation.credentials.content import Action, Content, Ingredient

    values = {"scale": source.scale, "measure": source.measure, "formula": "CIEDE2000", **found.values()}
    created = Action("c2pa.created", "algorithmicallyEnhanced", source.metadata.description or "", "", values)
    parts = tuple(Ingredient(path, path.name, "inputTo") for path in compared.paths)
    return Content(title=target.name, actions=(created,), ingredients=parts)


def _legend_content(target: Path) -> Content:
    from workstation.credentials.content import Action, Content, Ingredient

    created = Action("c2pa.created", "algorithmicMedia", "Legend of a map of differences, drawn by numbers")
    of = Ingredient(target, target.name, "inputTo")
    return Content(title=legend_of(target).name, actions=(created,), ingredients=(of,))
