"""The main job, end to end, on the phantom: scans, restoration, comparison, overlay, report, credentials.

It uses a folder, a catalogue and a studio of its own, so that nothing of the user's is touched.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from workstation.catalogue import checking
from workstation.catalogue.catalogue import open_catalogue
from workstation.catalogue.facts import Layer
from workstation.catalogue.results import remember
from workstation.comparison.difference import DifferenceSource
from workstation.comparison.exporting import Compared, export_difference
from workstation.comparison.statistics import Statistics, statistics
from workstation.credentials.certificates import Studio
from workstation.credentials.verdict import Verdict
from workstation.credentials.verifying import verify
from workstation.errors import UsageError
from workstation.exhibits.bundle import build
from workstation.exhibits.spec import read_spec
from workstation.files import FileMade, made, write_text, writing
from workstation.jobs import Job, Progress
from workstation.operations.exporting import Restoration, restore
from workstation.operations.losses import FillLosses
from workstation.operations.mask import Mask, mask_from
from workstation.operations.operation import Rect
from workstation.operations.treatment import Step, Treatment
from workstation.operations.varnish import ThinVarnish
from workstation.phantom.exporting import demonstration_studio, export_phantom, scan_name
from workstation.phantom.phantom import Phantom
from workstation.reports.exporting import export_report
from workstation.reports.gathering import gather
from workstation.scans.opening import open_scan
from workstation.unfinished import PREFIX

KINDS = ("VIS", "IRR", "UVF", "XR")
TITLE, ARTIST = "Still life with a jug", "The workstation"
RIM = 2
"""Pixels on either side of the cleaned window's edge."""
ANCHOR = "trust-this-studio.pem"
Files: TypeAlias = tuple[FileMade, ...]
MARK = "made-by-demo.txt"
"""Tells a folder of ours, which may be made anew, from any other."""

OURS = frozenset(
    (
        *(MARK, ANCHOR, "certificates", "catalogue", "scans", "restored.tif", "restored-changes.tif"),
        *("difference.tif", "difference.legend.png", "exhibit.json", "exhibit", "report.pdf"),
        *("restored.tif.c2pa", "restored-changes.tif.c2pa", "difference.tif.c2pa", "report.pdf.c2pa"),
    )
)
"""All that a demonstration leaves in its folder."""


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What the demonstration made and found."""

    files: tuple[FileMade, ...]
    restoration: Restoration
    difference: Statistics
    verdicts: tuple[Verdict, ...]


def demonstrate(folder: Path, *, width: int = 1600, seed: int = 7) -> Job[Demonstration]:
    """Do the whole job in `folder`, which must be new, empty or an earlier demonstration's.

    Where it fails or is stopped, the folder is empty again.
    """
    phantom = Phantom(width, seed=seed)
    _make_room(folder)
    try:
        return (yield from _demonstrate(folder, phantom))
    except BaseException:
        _empty(folder)
        raise


def _demonstrate(folder: Path, phantom: Phantom) -> Job[Demonstration]:
    studio = _studio(folder)
    files: tuple[FileMade, ...] = (made(folder / ANCHOR, "certificate"),)
    files += yield from export_phantom(phantom, folder / "scans", studio, KINDS)
    layer = yield from _catalogue(folder, phantom)
    scan, result = folder / "scans" / scan_name(phantom, "VIS"), folder / "restored.tif"
    restoration = yield from restore(scan, treatment(phantom), result, studio)
    files += restoration.files
    found, maps = yield from _compare(scan, result, folder / "difference.tif", studio)
    files += maps
    write_text(folder / "exhibit.json", json.dumps(_exhibit(phantom), indent=2, ensure_ascii=False))
    files += yield from build(read_spec(folder / "exhibit.json"), folder / "exhibit", studio)
    files += _report(folder, layer, restoration, studio)
    signed = [file.path for file in files if file.kind not in ("certificate", "credential")]
    verdicts = yield from _verified(signed, studio)
    return Demonstration(files, restoration, found, verdicts)


def _verified(paths: list[Path], studio: Studio) -> Job[tuple[Verdict, ...]]:
    verdicts = []
    for number, path in enumerate(paths):
        yield Progress(number, len(paths), path.name)
        verdicts.append(verify(path, studio.anchor))
    return tuple(verdicts)


def treatment(phantom: Phantom) -> Treatment:
    """Return what the phantom needs: thin the varnish outside the cleaned window, fill cracks and losses.

    The rim of the window, where the varnish ends within a pixel or two, is filled like a crack.
    """
    truth = phantom.truth()
    window = truth.cleaned_window
    grown = Rect(window.x - RIM, window.y - RIM, window.width + 2 * RIM, window.height + 2 * RIM)
    varnished = Mask.whole(phantom.height_px, phantom.width_px)
    varnished.remove(grown.y, grown.x, np.ones((grown.height, grown.width), bool))
    damage = mask_from(truth.cracks).join(mask_from(truth.losses))
    rim = np.ones((grown.height, grown.width), bool)
    rim[2 * RIM : -2 * RIM, 2 * RIM : -2 * RIM] = False
    damage.add(grown.y, grown.x, rim)
    return Treatment((Step(ThinVarnish(cleaned=window), varnished), Step(FillLosses(), damage)))


def _make_room(folder: Path) -> None:
    """Empty a folder that an earlier demonstration filled; refuse any other that is not empty."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file. Name a folder for the demonstration.")
    foreign = _foreign(folder) if folder.is_dir() else []
    if foreign:
        raise UsageError(
            f"{folder} holds files of yours, such as {foreign[0].name}. "
            "Name a new or empty folder for the demonstration."
        )
    if folder.is_dir():
        _empty(folder)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / MARK, "This folder was made by `workstation demo` and is made anew by it.\n")


def _foreign(folder: Path) -> list[Path]:
    """Return what in a folder is not known to come from an earlier demonstration."""
    ours = OURS if (folder / MARK).is_file() else ()
    here = [path for path in folder.iterdir() if path.name not in ours]
    scans = folder / "scans"
    kept = (
        [path for path in scans.iterdir() if not path.name.startswith("phantom-")] if scans.is_dir() else []
    )
    return sorted(path for path in here + kept if not path.name.startswith(PREFIX))


def _empty(folder: Path) -> None:
    """Remove what the demonstration made; the mark goes last, so that a folder half emptied is still ours."""
    for path in sorted(folder.iterdir(), key=lambda path: path.name == MARK):
        with writing(path):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def _studio(folder: Path) -> Studio:
    studio = demonstration_studio(folder / "certificates")
    write_text(folder / ANCHOR, studio.anchor)
    return studio


def _catalogue(folder: Path, phantom: Phantom) -> Job[Layer]:
    """Enter the painting and its scans; return the layer that is going to be restored."""
    with open_catalogue(folder / "catalogue") as catalogue:
        painting = catalogue.add_painting(
            TITLE,
            artist=ARTIST,
            accession=f"phantom {phantom.seed}",
            height_mm=phantom.height_mm,
            width_mm=phantom.width_mm,
            note="Made up from a seed; its undamaged state is known.",
        )
        layers = []
        for kind in KINDS:
            path = folder / "scans" / scan_name(phantom, kind)
            scan = yield from catalogue.adding_scan(path, painting_id=painting.id, kind=kind)
            matrix = checking.transform(phantom.placement(kind).matrix.ravel().tolist())
            layers.append(catalogue.add_layer(painting.id, scan.id, kind, matrix))
        return layers[0]


def _compare(scan: Path, result: Path, target: Path, studio: Studio) -> Job[tuple[Statistics, Files]]:
    with open_scan(scan) as before, open_scan(result) as after:
        source = DifferenceSource(before, after)
        found = yield from statistics(source)
        files = yield from export_difference(source, Compared(scan, result), found, target, studio)
    return found, files


def _report(folder: Path, layer: Layer, restoration: Restoration, studio: Studio) -> Files:
    with open_catalogue(folder / "catalogue") as catalogue:
        records = [record.as_json() for record in restoration.rendered.records]
        remember(catalogue, layer.id, restoration.files, records)
        facts = gather(catalogue, layer, datetime.now(UTC), studio.person)
        credential = verify(folder / "restored.tif", studio.anchor).sentence
        files = export_report(replace(facts, credential=credential), folder / "report.pdf", studio)
        remember(catalogue, layer.id, files)
    return files


def _exhibit(phantom: Phantom) -> dict[str, Any]:
    """Describe the overlay: the restoration over the painting as it is, with three places to look at."""
    window, scale = phantom.truth().cleaned_window, phantom.pixels_per_mm
    middle = [(window.x + window.width / 2) / scale, (window.y + window.height / 2) / scale]
    return {
        "exhibit": 1,
        "languages": ["en", "de"],
        "title": {"en": "Still life with a jug", "de": "Stillleben mit Krug"},
        "alt": {
            "en": "A jug, pears, lemons and grapes on a table, darkened by old varnish.",
            "de": "Krug, Birnen, Zitronen und Trauben auf einem Tisch, von altem Firnis gedunkelt.",
        },
        "painting": {
            "width_mm": phantom.width_mm,
            "height_mm": phantom.height_mm,
            "picture": f"scans/{scan_name(phantom, 'VIS')}",
        },
        "overlays": [
            {
                "picture": "restored.tif",
                "show": "changes",
                "title": {"en": "After treatment", "de": "Nach der Behandlung"},
                "alt": {
                    "en": "The same still life with clear colours, its cracks and losses closed.",
                    "de": "Dasselbe Stillleben mit klaren Farben, Risse und Fehlstellen geschlossen.",
                },
            }
        ],
        "hotspots": [
            {
                "mm": middle,
                "title": {"en": "The cleaned window", "de": "Das Reinigungsfenster"},
                "text": {
                    "en": "Here the varnish was taken off; the rest was computed from this window's edge.",
                    "de": "Hier wurde der Firnis abgenommen; der Rest ist von diesem Rand aus berechnet.",
                },
                "alt": {
                    "en": "A rectangle of fresh colour in the brown painting.",
                    "de": "Ein Rechteck frischer Farbe im braunen Bild.",
                },
            }
        ],
    }
