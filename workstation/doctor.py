"""Say in one line what this machine lacks, before Qt is imported: Qt aborts where a library is missing.

Standard library only, because it runs first and must be quick.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from workstation.errors import MissingPartError

LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libglib-2.0.so.0": "libglib2.0-0",
}
"""What Qt 6.11 loads on X11, and the Debian package that brings it."""

Load = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: whether it is there, and the line that mends it where it is not."""

    part: str
    present: bool
    cure: str = ""


def examine(load: Load = ctypes.CDLL) -> tuple[Finding, ...]:
    """Look for everything that the window needs on this machine."""
    found = [Finding("Python 3.11 or newer", sys.version_info >= (3, 11), "Install Python 3.11 or newer.")]
    if sys.platform.startswith("linux"):
        missing = missing_packages(load)
        found.append(Finding("system libraries of the window", not missing, _install(missing)))
        found.append(
            Finding("a screen", has_screen(), "Log in to a desktop, or run: xvfb-run -a workstation open")
        )
    return tuple(found)


def missing_packages(load: Load = ctypes.CDLL) -> list[str]:
    """Return the Debian packages of the libraries that cannot be loaded."""
    missing = []
    for library, package in LIBRARIES.items():
        try:
            load(library)
        except OSError:
            missing.append(package)
    return missing


def has_screen() -> bool:
    """Tell whether a display server answers where the environment says there is one."""
    if not sys.platform.startswith("linux"):
        return True
    return _wayland_answers() or _x11_answers()


def require_window(load: Load = ctypes.CDLL) -> None:
    """Raise MissingPartError with the one line that mends it, unless a window can open here."""
    for finding in examine(load):
        if not finding.present:
            raise MissingPartError(f"No window can open; missing here: {finding.part}. {finding.cure}")


def _install(packages: list[str]) -> str:
    if not packages:
        return ""
    if shutil.which("apt-get"):
        return "Run: sudo apt install " + " ".join(packages)
    return "Install what your system calls these Debian packages: " + " ".join(packages)


def _wayland_answers() -> bool:
    name = os.environ.get("WAYLAND_DISPLAY", "")
    folder = os.environ.get("XDG_RUNTIME_DIR", "")
    return bool(name) and (Path(folder) / name).is_socket()


def _x11_answers() -> bool:
    """Knock at the X server: a DISPLAY that nobody serves makes Qt abort."""
    display = os.environ.get("DISPLAY", "")
    host, _, number = display.rpartition(":")
    screen = number.partition(".")[0]
    if not screen.isdigit():
        return False
    if host:
        return True
    return any(_listens(prefix + f"/tmp/.X11-unix/X{screen}") for prefix in ("\0", ""))


def _listens(address: str) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knock:
        knock.settimeout(1)
        try:
            knock.connect(address)
        except OSError:
            return False
    return True
