"""Which display the window shows colours for: chosen, kept, and told to all that show pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PyQt6.QtCore import QObject, pyqtSignal

from workstation.errors import WorkstationError
from workstation.scans.colour import Display
from workstation.scans.display import Choice, Seeing, keep_choice, kept_choice, seeing


class Colours(QObject):
    """The user's choice and what it comes to on this machine."""

    changed = pyqtSignal()

    def __init__(self, tell: Callable[[object], None]) -> None:
        super().__init__()
        self._tell = tell
        self.choice = kept_choice()
        self._seeing: Seeing | None = None

    @property
    def display(self) -> Display:
        """What pictures are shown through now."""
        return self._found().display

    @property
    def words(self) -> str:
        """What pictures are shown through, as a person reads it."""
        return self._found().words

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

    def _found(self) -> Seeing:
        """Ask the system only once a picture is there: the window must not wait for it."""
        if self._seeing is None:
            self._seeing = seeing(self.choice)
            if self._seeing.trouble:
                self._tell(WorkstationError(self._seeing.trouble))
        return self._seeing
