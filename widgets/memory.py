"""What the window remembers of itself: its place on the screen, and the files that were open last."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QByteArray, QSettings
from PyQt6.QtWidgets import QMainWindow

from workstation.settings import home

MOST_RECENT = 8
LAYOUT = 1
"""Raise it when docks are added, so that an old arrangement is not forced on them."""


def memory() -> QSettings:
    """Return the file of the window's own settings."""
    return QSettings(str(home() / "window.ini"), QSettings.Format.IniFormat)


def recall(window: QMainWindow) -> None:
    """Put the window back where it was left."""
    kept = memory()
    geometry, state = kept.value("geometry"), kept.value("state")
    if isinstance(geometry, QByteArray):
        window.restoreGeometry(geometry)
    if isinstance(state, QByteArray):
        window.restoreState(state, LAYOUT)


def remember(window: QMainWindow) -> None:
    """Keep where the window is."""
    kept = memory()
    kept.setValue("geometry", window.saveGeometry())
    kept.setValue("state", window.saveState(LAYOUT))
    kept.sync()


def recent() -> list[Path]:
    """Return the files that were open last and are still there, the newest first."""
    found = memory().value("recent", [])
    names = [found] if isinstance(found, str) else found if isinstance(found, list) else []
    return [path for path in map(Path, names) if path.is_file()][:MOST_RECENT]


def opened(path: Path) -> None:
    """Remember a file as the one opened last."""
    kept = memory()
    others = [known for known in recent() if known != path]
    kept.setValue("recent", [str(known) for known in [path, *others][:MOST_RECENT]])
    kept.sync()
