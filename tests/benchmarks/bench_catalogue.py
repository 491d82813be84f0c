"""How the catalogue feels with ten thousand paintings, a long history and a large mask."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from workstation.catalogue.catalogue import FILE, Catalogue, open_catalogue
from workstation.catalogue.dossier_reading import reading_dossier
from workstation.catalogue.dossier_writing import writing_dossier
from workstation.jobs import Result, finish
from workstation.operations.mask import TILE, Mask

PAINTINGS = 10_000
STEPS = 1_000


def main() -> None:
    """Print wall time and CPU time of each thing that a user waits for."""
    import sqlite_utils  # noqa: F401  (its import, about 0.4 s, is not what is measured)

    print(f"{'':44}{'wall s':>9}{'CPU s':>9}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with measured("open a new catalogue", lambda: open_catalogue(folder / "a")) as catalogue:
            layer = fill(catalogue)
            measured(f"append a step, mean of {STEPS}", lambda: append(catalogue, layer), STEPS)
            measured("undo", lambda: catalogue.undo(layer))
            measured(f"treatment of {STEPS} steps", lambda: catalogue.treatment(layer))
            measured("search, 1000 hits of 10 000", lambda: catalogue.search("pain 7", 1000))
            measured("search, one hit", lambda: catalogue.search("9999"))
            measured("list 10 000 paintings", catalogue.paintings)
            measured("ask whether something changed", lambda: catalogue.changed_since(0))
            mask = cracks()
            sha256 = measured(f"keep a mask of {len(mask.tiles)} tiles", lambda: catalogue.store_mask(mask))
            measured("read it back", lambda: catalogue.mask(sha256))
            catalogue.append_step(layer, {"operation": "x", "parameters": {}}, sha256)
            painting, dossier = catalogue.layer(layer).painting_id, folder / "dossier"
            measured("write a dossier", lambda: finish(writing_dossier(catalogue, painting, dossier)))
            with open_catalogue(folder / "b") as other:
                measured("read it into another", lambda: finish(reading_dossier(other, dossier)))
            print(f"  bytes: mask {catalogue.mask_path(sha256).stat().st_size:,}, ", end="")
            print(f"dossier {dossier.stat().st_size:,}, ", end="")
        print(f"catalogue {(folder / 'a' / FILE).stat().st_size:,}")
        measured("open it again", lambda: open_catalogue(folder / "a")).close()


def measured(what: str, work: Callable[[], Result], count: int = 1) -> Result:
    """Run `work`, print how long it took, and return its result."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{what:44}{wall / count:9.4f}{cpu / count:9.4f}", flush=True)
    return result


def fill(catalogue: Catalogue) -> int:
    """Enter many paintings in one change, and return a layer of the last."""
    with catalogue.database.changing():
        for number in range(PAINTINGS):
            painting = catalogue.add_painting(
                f"Painting {number}", artist="Workshop", accession=f"A {number}"
            )
    row = {"path": "/none/a.tif", "page": 0, "sha256": "ab" * 32, "size_bytes": 1, "kind": "VIS"}
    (scan,) = catalogue.enter_scans(
        ({**row, "pixels_per_mm": 20.0, "width_px": 40_000, "height_px": 30_000},), painting.id
    )
    return catalogue.add_layer(painting.id, scan.id).id


def append(catalogue: Catalogue, layer: int) -> None:
    """Append many steps, each a transaction of its own that is on the disk when it returns."""
    for number in range(STEPS):
        values = {"operation": "suppress-noise", "parameters": {"strength": number / STEPS}}
        catalogue.append_step(layer, values)


def cracks() -> Mask:
    """Return a mask of thin lines all over a picture of 1.2 gigapixels."""
    mask = Mask(30_000, 40_000)
    line = np.ones((3, 40_000), bool)
    for row in range(TILE // 2, 30_000, TILE):
        mask.write(row, 0, line)
    return mask
