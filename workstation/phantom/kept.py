"""The phantom as the demonstration painting: its layers as files, painted once and kept for the user.

`python -m workstation.phantom.kept` paints all of them, so that the window's first start need not.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workstation.jobs import Job, finish
from workstation.settings import home

if TYPE_CHECKING:
    from workstation.credentials.certificates import Studio

SEED, WIDTH_PX = 7, 1600
NAMES = {
    "VIS": "Visible light",
    "IRR": "Infrared",
    "UVF": "Ultraviolet fluorescence",
    "XR": "X-ray",
}
"""The layers, the one to lie on top first."""
FIELDS = {"title": "Still life with a jug", "artist": "The workstation", "accession": f"PHANTOM-{SEED}"}
"""How the painting stands in the catalogue."""


def kept_scan(kind: str) -> Job[Path]:
    """Return the file of one layer; the first time it is painted and signed, which takes some seconds."""
    folder = home() / f"phantom-{WIDTH_PX}"
    path = folder / f"phantom-{SEED}_{kind}.tif"
    if path.is_file():
        return path
    from workstation.phantom.exporting import export_phantom
    from workstation.phantom.phantom import Phantom

    phantom = Phantom(WIDTH_PX, seed=SEED)
    files = yield from export_phantom(phantom, folder, _studio(folder), [kind], truth=False)
    return files[0].path


def _studio(folder: Path) -> Studio:
    """Return the studio that signs the demonstration painting as what it is: computed."""
    from workstation.credentials.certificates import load_studio
    from workstation.errors import CredentialError
    from workstation.phantom.exporting import demonstration_studio

    try:
        return load_studio(folder / "certificates")
    except CredentialError:
        folder.mkdir(parents=True, exist_ok=True)
        return demonstration_studio(folder / "certificates", replace=True)


def place_of_kept(kind: str) -> tuple[float, ...]:
    """Return where a layer lies: pixel corners to millimetres, nine numbers row by row."""
    import numpy as np

    from workstation.phantom.phantom import Phantom

    middles = np.array([[1.0, 0.0, -0.5], [0.0, 1.0, -0.5], [0.0, 0.0, 1.0]])
    matrix = Phantom(WIDTH_PX, seed=SEED).placement(kind).matrix @ middles
    return tuple(float(value) for value in matrix.flat)


if __name__ == "__main__":
    for each in NAMES:
        finish(kept_scan(each))
