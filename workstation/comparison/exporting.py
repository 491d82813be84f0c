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
from workstation.files import FileMade, drafts, together
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
    """Write the map as a pyramidal TIFF and its legend, both signed."""
    from workstation.credentials.door import export
    from workstation.scans.pyramid import write_pyramid

    check_map(compared, target, replace)
    with drafts(target) as folder:
        map_draft, legend_draft = folder / "map.tif", folder / "legend.png"
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
    if target.suffix.lower() not in (".tif", ".tiff"):
        raise UsageError(f"A map of differences is a TIFF; {target.name} does not end in .tif.")


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
