"""The catalogue: everything that the workstation remembers, in one folder.

    with open_catalogue() as catalogue:
        painting = catalogue.add_painting("View of Delft", artist="Vermeer")
        scan = catalogue.add_scan(Path("delft.tif"), painting_id=painting.id)

Facts come out as frozen dataclasses (facts.py); a change is made by a method and is one transaction. The
scans themselves stay where the museum keeps them and are never touched.
"""

from __future__ import annotations

from pathlib import Path
from typing import Self

from workstation import settings
from workstation.catalogue.database import Database
from workstation.catalogue.exports import Exports
from workstation.catalogue.history import History
from workstation.catalogue.layers import Layers
from workstation.catalogue.paintings import Paintings
from workstation.catalogue.scans import Scans
from workstation.catalogue.search import Search

FILE = "catalogue.sqlite"


class Catalogue(Paintings, Scans, Layers, History, Exports, Search):
    """What is remembered; may be used from several threads, and by several programmes at once."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; the catalogue is not used after that."""
        self.database.close()

    @property
    def results(self) -> Path:
        """The folder for rendered results; it is made where missing."""
        folder = self.folder / "results"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def token(self) -> int:
        """Return a mark of the catalogue's present state for `changed_since`; good while it is open."""
        return self.database.data_version()

    def changed_since(self, token: int) -> bool:
        """Tell whether anybody, in this window or another programme, changed something since `token`."""
        return self.token() != token


def open_catalogue(folder: Path | None = None) -> Catalogue:
    """Open the catalogue in a folder, by default the user's own; it is made where there is none."""
    place = (folder or settings.home() / "catalogue").absolute()
    return Catalogue(place, Database(place / FILE))
