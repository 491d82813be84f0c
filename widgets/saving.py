"""Files on their way in and out: the dialogs that ask which, and what is dropped on the window."""

from __future__ import annotations

import re
from pathlib import Path

from PyQt6.QtCore import QMimeData
from PyQt6.QtWidgets import QFileDialog, QWidget

from widgets import memory

SCANS = "Scans (*.tif *.tiff *.btf *.jpg *.jpeg *.png);;All files (*)"
PROFILES = "Colour profiles (*.icc *.icm);;All files (*)"
CERTIFICATES = "Certificates (*.pem *.crt *.cer *.der *.crl);;All files (*)"
FOLDER = "folder"
NO_SCANS = frozenset(
    (".pdf", ".c2pa", ".json", ".glb", ".usdz", ".html", ".svg", ".mp3", ".wav", ".mp4", ".mov")
)
"""Files that can have a credential, but cannot be laid on the table."""


def ask_scans(parent: QWidget) -> list[Path]:
    """Ask which scans to open."""
    names, _ = QFileDialog.getOpenFileNames(parent, "Open scans", _last_folder(), SCANS)
    paths = [Path(name) for name in names]
    if paths:
        memory.memory().setValue(FOLDER, str(paths[0].parent))
    return paths


def ask_scan_of(parent: QWidget, name: str) -> Path | None:
    """Ask where the scan lies that a result was made from."""
    chosen, _ = QFileDialog.getOpenFileName(parent, f"The scan of {name}", _last_folder(), SCANS)
    return Path(chosen) if chosen else None


def ask_mask(parent: QWidget) -> Path | None:
    """Ask which mask to load."""
    name, _ = QFileDialog.getOpenFileName(parent, "Load a mask", _last_folder(), SCANS)
    return Path(name) if name else None


def ask_profile(parent: QWidget, title: str) -> Path | None:
    """Ask for the file of a colour profile."""
    name, _ = QFileDialog.getOpenFileName(parent, title, _last_folder(), PROFILES)
    return Path(name) if name else None


def ask_certificate(parent: QWidget) -> Path | None:
    """Ask for the file with another house's certificate."""
    name, _ = QFileDialog.getOpenFileName(parent, "Trust a house", _last_folder(), CERTIFICATES)
    return Path(name) if name else None


def ask_any(parent: QWidget, title: str) -> Path | None:
    """Ask for any one file."""
    name, _ = QFileDialog.getOpenFileName(parent, title, _last_folder(), "All files (*)")
    return Path(name) if name else None


def ask_target(parent: QWidget, title: str, name: str, kinds: str) -> Path | None:
    """Ask where to write; without a typed suffix, that of the chosen kind is added, else that of `name`."""
    start = str(Path(_last_folder()) / name)
    chosen, kind = QFileDialog.getSaveFileName(parent, title, start, kinds)
    if not chosen:
        return None
    path = Path(chosen)
    own = re.search(r"\*(\.\w+)", kind)
    return path if path.suffix else path.with_suffix(own.group(1) if own else Path(name).suffix)


def ask_folder(parent: QWidget, title: str, name: str) -> Path | None:
    """Ask for a new folder to write into."""
    start = str(Path(_last_folder()) / name)
    chosen, _ = QFileDialog.getSaveFileName(parent, title, start, "Folder (*)")
    return Path(chosen) if chosen else None


def dropped(data: QMimeData | None) -> list[Path]:
    """Return the files that are dragged over the window."""
    if data is None or not data.hasUrls():
        return []
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


def _last_folder() -> str:
    kept = memory.memory().value(FOLDER, "")
    return kept if isinstance(kept, str) and Path(kept).is_dir() else str(Path.home())
