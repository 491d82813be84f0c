"""Where the workstation keeps what is the user's own: one folder, moved by WORKSTATION_HOME."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from workstation.errors import WriteError
from workstation.files import writing


def cache_folder() -> Path:
    """Return the folder of what can be made again: no backup need hold it."""
    return home() if os.environ.get("WORKSTATION_HOME") else _of_the_system("user_cache_path")


def home() -> Path:
    """Return the folder of catalogue, certificates, settings and logs; it is made where missing."""
    chosen = os.environ.get("WORKSTATION_HOME")
    folder = Path(chosen) if chosen else _of_the_system("user_data_path")
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _of_the_system(what: Literal["user_cache_path", "user_data_path"]) -> Path:
    """Return the folder that the system has for such things; WriteError for a user without a home."""
    import platformdirs

    try:
        found: Path = getattr(platformdirs, what)("conservation-workstation", appauthor=False)
    except RuntimeError as error:
        raise WriteError(
            "This user has no home folder. Name a folder in the variable WORKSTATION_HOME."
        ) from error
    return found
