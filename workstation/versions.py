"""The versions of all that has a say in the pixels, for records and for work that is to go on."""

from __future__ import annotations

import platform
from importlib.metadata import version

from workstation import VERSION

_NAMES = ("numpy", "scipy", "torch", "imagecodecs", "pillow", "opencv-python-headless")


def versions(*further: str) -> dict[str, str]:
    """Return the versions of the programme, of Python, and of its libraries; of further ones where named."""
    own = {"workstation": VERSION, "python": platform.python_version()}
    return own | {name: version(name) for name in (*_NAMES, *further)}
