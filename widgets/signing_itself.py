"""Signing a scan's own file in place, and taking the signature off again: both asked first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from widgets.parts import label, literal
from workstation.jobs import Job

if TYPE_CHECKING:
    from widgets.window import MainWindow
    from workstation.credentials.certificates import Studio
    from workstation.files import FileMade

SIGNING = """A credential is put into {name}. No pixel changes, and nothing that the file says of itself; its
checksum becomes another one. “Take the signature off” makes it what it is now, byte for byte."""
TAKING = """{name} becomes what it was before it was last signed, byte for byte. With the signature goes all
that the credential records of the file, such as its treatment. Another copy of the file keeps it."""
_Job: TypeAlias = "Callable[[Path], Job[FileMade]]"
TILES = "Sign every tile as well: later changes can then be shown on the painting"


class Sure(QDialog):
    """Says what is about to be done to a file itself, and asks whether it should be."""

    agreed = pyqtSignal()

    def __init__(self, title: str, words: str, yes: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(460)
        self.tiles = QCheckBox(TILES)
        self.tiles.setToolTip("All pixels are decoded for it, which takes a while with a large scan")
        self.tiles.setChecked(True)
        self.tiles.hide()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.yes = buttons.addButton(yes, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.accepted.connect(self.agreed.emit)
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 20, 22, 16)
        column.setSpacing(12)
        column.addWidget(label(title, "title"))
        column.addWidget(literal(label(" ".join(words.split()), "quiet", wrap=True)))
        column.addWidget(self.tiles)
        column.addWidget(buttons)


class SigningItself:
    """Signs the current layer's file itself, or takes its last signature off."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    def sign(self) -> None:
        """Ask, get the signature, and put a credential into the file."""
        from workstation.credentials.kinds import kind_of

        path = self._path()
        if path is None:
            return
        if kind_of(path) != "image/tiff":
            self._say(f"{path.name} is no TIFF: only these are signed in place. Export a signed copy of it.")
            return
        sure = Sure("Sign the file itself", SIGNING.format(name=path.name), "Sign the file", self._window)
        sure.tiles.show()
        sure.agreed.connect(
            lambda: self._window.signer.with_studio(lambda studio: self._sign(path, studio, sure.tiles))
        )
        sure.open()

    def unsign(self) -> None:
        """Ask, and make the file what it was before it was last signed."""
        from workstation.credentials.tiffs import change_of
        from workstation.errors import WorkstationError

        path = self._path()
        if path is None:
            return
        try:
            change_of(path)
        except WorkstationError as error:
            self._say(str(error).replace(str(path), path.name))
            return
        except OSError as error:
            self._window.messages.tell(error)
            return
        sure = Sure("Take the signature off", TAKING.format(name=path.name), "Take it off", self._window)
        told = f"{path.name} is again what it was before it was last signed, byte for byte."
        sure.agreed.connect(lambda: self._begin(f"Taking the signature off {path.name}", path, _taken, told))
        sure.open()

    def _path(self) -> Path | None:
        layer = self._window.table.current
        return layer.path if layer is not None else None

    def _say(self, sentence: str) -> None:
        self._window.messages.say(sentence, "bad")

    def _sign(self, path: Path, studio: Studio, tiles: QCheckBox) -> None:
        wants_tiles = tiles.isChecked()

        def job(path: Path) -> Job[FileMade]:
            return (yield from signing(path, studio, wants_tiles))

        told = f"{path.name} itself is now signed by {studio.person} ({studio.name})."
        self._begin(f"Signing {path.name}", path, job, told)

    def _begin(self, title: str, path: Path, job: _Job, told: str) -> None:
        window, size = self._window, path.stat().st_size

        def done(file: FileMade) -> None:
            if window.desk.catalogue is not None:
                window.desk.catalogue.follow_scan(path, size, file.sha256)
            window.messages.say(told, "good")
            window.credentials.refresh()

        window.jobs.start(title, lambda: job(path), done)


def signing(path: Path, studio: Studio, tiles: bool) -> Job[FileMade]:
    """Put a credential into a scan's own file."""
    from workstation.credentials.door import sign_in_place
    from workstation.credentials.plain import content_as_it_is

    return (yield from sign_in_place(path, content_as_it_is(path), studio, tiles=tiles))


def _taken(path: Path) -> Job[FileMade]:
    from workstation.credentials.door import unsign

    return (yield from unsign(path))
