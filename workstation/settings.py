"""Where the workstation keeps what is the user's own: one folder, moved by WORKSTATION_HOME."""

from __future__ import annotations

import os
from pathlib import Path


def home() -> Path:
    """Return the folder of catalogue, certificates, settings and logs; it is made where missing."""
    chosen = os.environ.get("WORKSTATION_HOME")
    if chosen:
        folder = Path(chosen)
    else:
        from platformdirs import user_data_path

        folder = user_data_path("conservation-workstation", appauthor=False)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
