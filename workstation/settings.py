"""Where the workstation keeps what is the user's own: one folder, moved by WORKSTATION_HOME."""

from __future__ import annotations

import os
from pathlib import Path

from workstation.errors import WriteError
from workstation.files import writing

_HOMELESS = "This user has no home folder. Name a folder in the variable WORKSTATION_HOME."


def cache_folder() -> Path:
    """Return the folder of what can be made again: no backup need hold it."""
    if os.environ.get("WORKSTATION_HOME"):
        return home()
    from platformdirs import user_cache_path

    try:
        return user_cache_path("conservation-workstation", appauthor=False)
    except RuntimeError as error:
        raise WriteError(_HOMELESS) from error


def home() -> Path:
    """Return the folder of catalogue, certificates, settings and logs; it is made where missing."""
    chosen = os.environ.get("WORKSTATION_HOME")
    if chosen:
        folder = Path(chosen)
    else:
        from platformdirs import user_data_path

        try:
            folder = user_data_path("conservation-workstation", appauthor=False)
        except RuntimeError as error:
            raise WriteError(_HOMELESS) from error
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
