"""The difference of two scans as files that leave the house: a signed map with its signed legend."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from workstation.comparison.difference import DifferenceSource
from workstation.comparison.legend import legend
from workstation.comparison.statistics import Statistics
from workstation.errors import UsageError
from workstation.files import FileMade, drafts
from workstation.jobs import Job

if TYPE_CHECKING:
    from workstation.credentials.certificates import Studio
    from workstation.credentials.content import Content


@dataclass(frozen=True, slots=True)
class Compared:
    """The files of the two scans, and of the mask where one was used."""

    a: Path
    b: Path
    mask: Path | None = None


def legend_of(target: Path) -> Path:
    """Return where the legend of a map lies: map.tif → map.legend.png."""
    return target.with_name(f"{target.stem}.legend.png")


def export_difference(
    source: DifferenceSource, compared: Compared, found: Statistics, target: Path, studio: Studio
) -> Job[tuple[FileMade, ...]]:
    """Write the map as a pyramidal TIFF and its legend, both signed; nothing that exists is replaced."""
    from workstation.credentials.door import export
    from workstation.scans.pyramid import write_pyramid

    for path in (target, legend_of(target)):
        if path.exists():
            raise UsageError(f"{path} exists already. Name another file.")
    if target.suffix.lower() not in (".tif", ".tiff"):
        raise UsageError(f"A map of differences is a TIFF; {target.name} does not end in .tif.")
    with drafts(target) as folder:
        map_draft, legend_draft = folder / "map.tif", folder / "legend.png"
        yield from write_pyramid(source, map_draft, compression="deflate")
        picture = legend(source.scale, source.measure, found, source.extent is not None)
        Image.fromarray(picture).save(legend_draft)
        made = export(map_draft, target, "difference", _map_content(source, compared, found, target), studio)
        signed = _legend_content(target)
        return made + export(legend_draft, legend_of(target), "difference", signed, studio)


def _map_content(source: DifferenceSource, compared: Compared, found: Statistics, target: Path) -> Content:
    from workstation.credentials.content import Action, Content, Ingredient

    inputs = [path for path in (compared.a, compared.b, compared.mask) if path is not None]
    values = {"scale": source.scale, "measure": source.measure, "formula": "CIEDE2000", **found.values()}
    created = Action("c2pa.created", "algorithmicallyEnhanced", source.metadata.description or "", "", values)
    parts = tuple(Ingredient(path, path.name, "inputTo") for path in inputs)
    return Content(title=target.name, actions=(created,), ingredients=parts)


def _legend_content(target: Path) -> Content:
    from workstation.credentials.content import Action, Content, Ingredient

    created = Action("c2pa.created", "algorithmicMedia", "Legend of a map of differences, drawn by numbers")
    of = Ingredient(target, target.name, "inputTo")
    return Content(title=legend_of(target).name, actions=(created,), ingredients=(of,))
