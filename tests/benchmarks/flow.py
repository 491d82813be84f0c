"""The main job by the command line alone: catalogued, filled, compared, exported, signed, verified."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.benchmarks.damage import cracks, losses

ROOT = Path(__file__).resolve().parents[2]
PIXELS_PER_MM = 2.0


@dataclass(frozen=True)
class Case:
    """One painting with made damage: the truth in 16 bit, the scan as a signed pyramid, the mask."""

    name: str
    truth: npt.NDArray[np.uint16]
    mask: npt.NDArray[np.bool_]
    scan: Path
    mask_path: Path


def command(home: Path, *words: str | Path, status: int = 0) -> dict[str, Any]:
    """Run one command of the programme with --json; fail unless it ends with `status`."""
    environment = {**os.environ, "WORKSTATION_HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "-m", "workstation", *map(str, words), "--json"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, f"{words} ended {done.returncode}: {done.stderr}"
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def studio(folder: Path) -> None:
    """Make the studio that signs everything in `folder`."""
    command(folder / "home", "certificate", "create", "--studio", "Test studio", "--person", "Test person")


def damaged(painting: Path, folder: Path, kind: str, seed: int, size: int = 0) -> Case:
    """Turn a picture into a 16-bit pyramidal TIFF with cracks or losses, by our own `pyramid` command."""
    import tifffile
    from PIL import Image

    with Image.open(painting) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    truth = (pixels[:size, :size] if size else pixels).astype(np.uint16) * 257
    maker = cracks if kind == "narrow" else losses
    mask = maker(*truth.shape[:2], seed)
    scan = truth.copy()
    scan[mask] = 60_000 if kind == "compact" else 3_000  # bare ground, dark cracks
    flat, pyramid = folder / f"{painting.stem}-{kind}-flat.tif", folder / f"{painting.stem}-{kind}.tif"
    resolution = (PIXELS_PER_MM * 10, PIXELS_PER_MM * 10)
    tifffile.imwrite(
        flat, scan, photometric="rgb", resolution=resolution, resolutionunit="CENTIMETER", metadata=None
    )
    command(folder / "home", "pyramid", flat, pyramid, "--compression", "deflate")
    mask_path = folder / f"{painting.stem}-{kind}-mask.png"
    Image.fromarray(mask.astype(np.uint8) * 255).save(mask_path)
    return Case(painting.stem, truth, mask, pyramid, mask_path)


def treated(case: Case, folder: Path) -> npt.NDArray[np.uint16]:
    """Take a case through the flow, asserting every promise on the way; return the restored pixels."""
    import tifffile

    home, result = folder / "home", result_of(case)
    command(home, "catalogue", "add", case.scan, "--title", case.name)
    rendered = command(
        home, "render", case.scan, result, "--operation", "fill-losses", "--mask", case.mask_path
    )
    assert rendered["outside_mask_identical"]
    difference = folder / f"{case.scan.stem}-difference.tif"
    command(home, "compare", case.scan, result, difference)
    files = [result, difference]
    verified = command(home, "verify", *files)
    assert {answer["state"] for answer in verified["results"]} == {"trusted"}
    pixels: npt.NDArray[np.uint16] = tifffile.imread(result, series=0, level=0)
    assert np.array_equal(pixels[~case.mask], tifffile.imread(case.scan, series=0, level=0)[~case.mask])
    return pixels


def exhibited(case: Case, folder: Path) -> Path:
    """Build the overlay bundle of a case from its scan and its restoration; every file in it is trusted."""
    height, width = case.truth.shape[:2]
    words = {"en": case.name}
    spec = {
        "exhibit": 1,
        "languages": ["en"],
        "title": words,
        "alt": words,
        "painting": {
            "width_mm": width / PIXELS_PER_MM,
            "height_mm": height / PIXELS_PER_MM,
            "picture": case.scan.name,
        },
        "overlays": [{"picture": result_of(case).name, "show": "changes", "title": words, "alt": words}],
        "hotspots": [{"mm": [10, 10], "title": words, "text": words, "alt": words}],
    }
    path, bundle = folder / f"{case.scan.stem}-exhibit.json", folder / f"{case.scan.stem}-exhibit"
    path.write_text(json.dumps(spec))
    made = command(folder / "home", "exhibit", "build", path, bundle)
    files = [entry["path"] for entry in made["files"] if entry["kind"] != "credential"]
    verified = command(folder / "home", "verify", *files)
    assert {answer["state"] for answer in verified["results"]} == {"trusted"}
    return bundle


def result_of(case: Case) -> Path:
    """Return where the restoration of a case lies."""
    return case.scan.with_name(f"{case.scan.stem}-filled.tif")


def psnr(truth: npt.NDArray[Any], other: npt.NDArray[Any], mask: npt.NDArray[np.bool_]) -> float:
    """Return the peak signal-to-noise ratio inside the mask, in dB, for samples of the range 0 to 65,535."""
    error = truth[mask].astype(np.float64) - other[mask].astype(np.float64)
    return float(10 * np.log10(65_535.0**2 / max(float((error**2).mean()), 1e-12)))
