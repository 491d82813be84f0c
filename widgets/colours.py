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
from workstation.scans.source import TileSource, colours_of


class Colours(QObject):
    """The user's choice and what it comes to on this machine, which only threads ask."""

    changed = pyqtSignal()
    named = pyqtSignal()
    """What is said of the profiles, of screen, print or scan, may be other words now."""
    _answered = pyqtSignal(object)

    def __init__(self, tell: Callable[[object], None]) -> None:
        super().__init__()
        self._tell = tell
        self.choice = kept_choice()
        self._seeing = Seeing(Display(), "sRGB, until the screen's profile is known")
        self._answered.connect(self._take)
        self._finder = Newest()
        self._finder.answered.connect(self._take)
        self._finder.failed.connect(tell)
        self._named: tuple[object, str] = (None, "")
        self._reader = Newest()
        self._reader.answered.connect(self._name)

    @property
    def display(self) -> Display:
        """What pictures are shown through now."""
        return self._seeing.display

    @property
    def words(self) -> str:
        """What pictures are shown through, as a person reads it."""
        return self._seeing.words

    def profile(self, layer: TableLayer) -> str:
        """Name the profile that a layer's colours are read by; empty until a thread has found out."""
        display = self.display
        if self._named[0] != (layer, display):
            self._named = ((layer, display), "")
            self._reader.ask(lambda: ((layer, display), profile_words(layer.scan, display)))
        return self._named[1]

    def choose(self, choice: Choice) -> None:
        """Show everything through another display once it is found, and remember that."""
        self.choice = choice
        self._finder.ask(lambda: (choice, seeing(choice)))
        try:
            keep_choice(choice)
        except WorkstationError as error:
            self._tell(error)

    def find(self) -> None:
        """Ask the system for the first time; called in a thread, for the window must not wait for it."""
        choice = self.choice
        self._answered.emit((choice, seeing(choice)))

    @property
    def idle(self) -> bool:
        """Whether nothing that was chosen is still to be found."""
        return self._finder.idle

    def soft_proof(self, on: bool) -> None:
        """Show what a print can hold, or all that the screen can."""
        self.choose(replace(self.choice, proofing=on))

    def _name(self, answer: tuple[object, str]) -> None:
        if answer[0] == self._named[0]:
            self._named = answer
            self.named.emit()

    def _take(self, answer: tuple[Choice, Seeing]) -> None:
        choice, found = answer
        if choice != self.choice:
            return  # another one was chosen meanwhile
        before, self._seeing = self.display, found
        if found.trouble:
            self._tell(WorkstationError(found.trouble))
        if found.display != before:
            self.changed.emit()
        self.named.emit()


def profile_words(scan: TileSource, display: Display) -> str:
    """Name the profile that a scan's colours are read by, or say what is assumed."""
    icc = scan.metadata.icc
    return conversion(icc, colours_of(scan), display).note or profile_name(icc) or ""
