"""Which display the window shows colours for: chosen, kept, and told to all that show pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PyQt6.QtCore import QObject, pyqtSignal

from widgets.lighttable import TableLayer
from widgets.running import Newest
from workstation.errors import WorkstationError
from workstation.scans.colour import Display, conversion
from workstation.scans.display import Choice, Seeing, keep_choice, kept_choice, seeing
from workstation.scans.profiles import profile_name
from workstation.scans.source import TileSource


class Colours(QObject):
    """The user's choice and what it comes to on this machine."""

    changed = pyqtSignal()
    named = pyqtSignal()
    """The profile of the scan that was asked for last is known now."""

    def __init__(self, tell: Callable[[object], None]) -> None:
        super().__init__()
        self._tell = tell
        self.choice = kept_choice()
        self._seeing: Seeing | None = None
        self._named: tuple[object, str] = (None, "")
        self._reader = Newest()
        self._reader.answered.connect(self._name)

    @property
    def display(self) -> Display:
        """What pictures are shown through now."""
        return self._found().display

    @property
    def words(self) -> str:
        """What pictures are shown through, as a person reads it."""
        return self._found().words

    def profile(self, layer: TableLayer) -> str:
        """Name the profile that a layer's colours are read by; empty until a thread has found out."""
        display = self.display
        if self._named[0] != (layer, display):
            self._named = ((layer, display), "")
            self._reader.ask(lambda: ((layer, display), profile_words(layer.scan, display)))
        return self._named[1]

    def choose(self, choice: Choice) -> None:
        """Show everything through another display, and remember that."""
        before = self.display
        self.choice, self._seeing = choice, None
        try:
            keep_choice(choice)
        except WorkstationError as error:
            self._tell(error)
        if self.display != before:
            self.changed.emit()

    def soft_proof(self, on: bool) -> None:
        """Show what a print can hold, or all that the screen can."""
        self.choose(replace(self.choice, proofing=on))

    def _name(self, answer: tuple[object, str]) -> None:
        if answer[0] == self._named[0]:
            self._named = answer
            self.named.emit()

    def _found(self) -> Seeing:
        """Ask the system only once a picture is there: the window must not wait for it."""
        if self._seeing is None:
            self._seeing = seeing(self.choice)
            if self._seeing.trouble:
                self._tell(WorkstationError(self._seeing.trouble))
        return self._seeing


def profile_words(scan: TileSource, display: Display) -> str:
    """Name the profile that a scan's colours are read by, or say what is assumed."""
    icc = scan.metadata.icc
    return conversion(icc, scan.levels[0].channels, display).note or profile_name(icc) or ""
