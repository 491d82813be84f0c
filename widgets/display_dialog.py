"""Asks for what the colours are shown: which screen, and which print for the soft proof."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from widgets import saving
from widgets.colours import Colours
from widgets.parts import button, label
from widgets.running import Newest
from widgets.theme import BAD
from workstation.scans.display import Choice, Screen, read_profile

WORDS = """Scans are shown by their own colour profile, converted to that of this screen. A scan without a
profile is taken as sRGB. No pixel of a scan is changed by this."""
SCREENS: tuple[tuple[Screen, str], ...] = (
    ("system", "The profile that the system has for this screen"),
    ("file", "A profile from a file"),
    ("none", "None: the screen is taken as sRGB"),
)


class DisplayDialog(QDialog):
    """The screen's profile and the printer's."""

    def __init__(self, colours: Colours, parent: QWidget | None = None, *, wants_proof: bool = False) -> None:
        super().__init__(parent)
        self._colours = colours
        self._proofing = wants_proof or colours.choice.proofing
        self._checker = Newest()
        self._checker.answered.connect(self._choose)
        self._checker.failed.connect(lambda error: self.wrong.setText(str(error)))
        self.file, self.proof = colours.choice.file, colours.choice.proof
        self.setWindowTitle("Display profile")
        self.setMinimumWidth(520)
        self.screens = {key: QRadioButton(words) for key, words in SCREENS}
        self.screens[colours.choice.screen].setChecked(True)
        self._file, self._proof = (label("", "quiet", wrap=True) for _ in range(2))
        self.wrong = label("", wrap=True)
        self.wrong.setStyleSheet(f"color: {BAD};")
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 20, 22, 16)
        column.setSpacing(10)
        column.addWidget(label("Display profile", "title"))
        column.addWidget(label(" ".join(WORDS.split()), "quiet", wrap=True))
        for key in self.screens:
            column.addWidget(self.screens[key])
        column.addLayout(self._files())
        column.addWidget(self.wrong)
        column.addWidget(buttons)
        self._name()

    def accept(self) -> None:
        """Take what was chosen once a thread has found that it can be used."""
        screen = next(key for key, choice in self.screens.items() if choice.isChecked())
        if screen == "file" and self.file is None:
            self.wrong.setText("Choose the file of the screen's profile, or one of the other ways.")
            return
        before = self._colours.choice
        choice = Choice(screen, self.file, self.proof, self._proofing and self.proof is not None)
        self._checker.ask(lambda: checked(choice, before))

    def reject(self) -> None:
        """Leave all as it is."""
        self._checker.drop()
        super().reject()

    def _choose(self, choice: Choice) -> None:
        super().accept()
        self._colours.choose(choice)

    def _files(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setColumnStretch(1, 1)
        rows: tuple[tuple[str, QLabel, QWidget], ...] = (
            ("Screen", self._file, button("Choose…", self._ask_file, "The ICC profile of this screen")),
            ("Print", self._proof, button("Choose…", self._ask_proof, "The ICC profile of a printer")),
        )
        for row, (name, words, asking) in enumerate(rows):
            asking.setAccessibleName(f"Choose the profile of the {name.lower()}")
            grid.addWidget(label(name), row, 0)
            grid.addWidget(words, row, 1)
            grid.addWidget(asking, row, 2)
        self.no_proof = button("None", self._forget_proof, "Simulate no print")
        self.no_proof.setAccessibleName("No profile of a print")
        grid.addWidget(self.no_proof, 1, 3)
        return grid

    def _ask_file(self) -> None:
        path = saving.ask_profile(self, "Choose the profile of this screen")
        if path is not None:
            self.file = path
            self.screens["file"].setChecked(True)
            self._name()

    def _ask_proof(self) -> None:
        self.proof = saving.ask_profile(self, "Choose the profile of a printer") or self.proof
        self._name()

    def _forget_proof(self) -> None:
        self.proof = None
        self._name()

    def _name(self) -> None:
        def words(path: Path | None, none: str) -> str:
            return str(path) if path is not None else none

        self._file.setText(words(self.file, "no file chosen"))
        self._proof.setText(words(self.proof, "no file chosen: needed for the soft proof only"))
        self.no_proof.setEnabled(self.proof is not None)


def checked(choice: Choice, before: Choice) -> Choice:
    """Return a choice whose profiles can be used; one of a print may be gone while it is not needed."""
    if choice.screen == "file" and choice.file is not None:
        read_profile(choice.file)
    if choice.proof is not None and (choice.proofing or choice.proof != before.proof):
        read_profile(choice.proof, proof=True)
    return choice
