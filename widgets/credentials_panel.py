"""The Credentials task and its badge: what holds of the current layer's file, and of its sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from widgets.lighttable import LightTable
from widgets.parts import Page, button, label, rule
from widgets.running import Newest
from widgets.theme import BAD, DOUBT, GOOD, NEUTRAL
from workstation.credentials.sentences import deeds

if TYPE_CHECKING:
    from workstation.credentials.verdict import Ancestor, Verdict

WORDS: dict[str, tuple[str, str]] = {
    "trusted": ("Credential holds", GOOD),
    "unknown-signer": ("Signer not known here", DOUBT),
    "expired": ("Certificate expired", DOUBT),
    "revoked": ("Certificate revoked", BAD),
    "altered": ("Altered after signing", BAD),
    "altered-ancestor": ("A source was altered", BAD),
    "none": ("No credential", NEUTRAL),
    "damaged": ("Credential damaged", BAD),
    "remote": ("Credential lies elsewhere", DOUBT),
    "unsupported": ("Credential not readable", DOUBT),
}
"""The badge's words and colour for every state."""


class CredentialsPanel(Page):
    """Verifies the current layer's file in a thread and says what holds and what does not."""

    judged = pyqtSignal(str, str, str)
    """Words, colour and sentence for the badge."""

    def __init__(self, table: LightTable) -> None:
        super().__init__()
        self._table = table
        self._mark = label("", "title", wrap=True)
        self._sentence = label("", wrap=True)
        self._sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._chain = QWidget()
        QVBoxLayout(self._chain).setContentsMargins(0, 0, 0, 0)
        self._again = button("Check again", self.refresh, "Read the file's credential once more")
        self.put(self._mark, self._sentence, rule(), label("Where it comes from", "head"), self._chain)
        self.put(self._again)
        self.column.addStretch(1)
        self.worker = Newest()
        self.worker.answered.connect(self.show_verdict)
        self.worker.failed.connect(lambda error: self._say("Not checked", NEUTRAL, str(error)))
        table.current_changed.connect(self.refresh)
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Check the current layer's file."""
        layer = self._table.current
        self._again.setEnabled(layer is not None and layer.path is not None)
        self._clear_chain()
        if layer is None:
            self.worker.drop()
            self._say("No layer", NEUTRAL, "Open a file to see its credential.")
        elif layer.path is None:
            self.worker.drop()
            self._say(
                "Not a file", NEUTRAL, "This layer is computed and has no file yet. Export gives it one."
            )
        else:
            path = layer.path
            self._say("Checking …", NEUTRAL, path.name)
            self.worker.ask(lambda: _verify(path))

    def show_verdict(self, verdict: Verdict) -> None:
        """Say what was found."""
        words, colour = WORDS[verdict.state]
        self._say(words, colour, verdict.sentence)
        self._clear_chain()
        column = self._chain.layout()
        assert column is not None
        if verdict.actions:
            column.addWidget(label(f"The signer says it was {deeds(verdict.actions)}.", "quiet", wrap=True))
        for ancestor in verdict.ancestors:
            column.addWidget(_row(ancestor))
        if not verdict.ancestors:
            column.addWidget(label("No earlier files are named.", "quiet", wrap=True))

    def _say(self, words: str, colour: str, sentence: str) -> None:
        self._mark.setText(words)
        self._mark.setStyleSheet(f"color: {colour};")
        self._sentence.setText(sentence)
        self.judged.emit(words, colour, sentence)

    def _clear_chain(self) -> None:
        column = self._chain.layout()
        assert column is not None
        while (item := column.takeAt(0)) is not None:
            part = item.widget()
            if part is not None:
                part.deleteLater()


def _verify(path: object) -> Verdict:
    from pathlib import Path

    from workstation.credentials.verifying import verify

    assert isinstance(path, Path)
    return verify(path)


def _row(ancestor: Ancestor) -> QWidget:
    """Return one file of the chain: its name, its state, who signed it and what was done."""
    words, colour = WORDS[ancestor.state]
    row = QWidget()
    column = QVBoxLayout(row)
    column.setContentsMargins(12 * ancestor.depth, 4, 0, 4)
    column.setSpacing(1)
    column.addWidget(label(ancestor.title, "head", wrap=True))
    state = label(words, wrap=True)
    state.setStyleSheet(f"color: {colour};")
    column.addWidget(state)
    who = " · ".join(part for part in (ancestor.signer, ancestor.time, deeds(ancestor.actions)) if part)
    if who:
        column.addWidget(label(who, "quiet", wrap=True))
    return row
