"""The Credentials task and its badge: what holds of the current layer's file, and of all its sources."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QDragEnterEvent, QDropEvent, QResizeEvent
from PyQt6.QtWidgets import QBoxLayout, QHBoxLayout, QToolButton, QWidget

from widgets import saving
from widgets.chain_card import TONES
from widgets.chain_comparing import Wanted
from widgets.chain_details import ChainDetails
from widgets.chain_view import STEP, ChainView
from widgets.changed_tiles import ChangedTiles
from widgets.checking import Checking
from widgets.lighttable import LightTable
from widgets.messages import words_of
from widgets.parts import Elided, Page, button, icon_button, label, plain, rule
from widgets.running import Newest
from widgets.theme import NEUTRAL
from workstation.credentials.listing import listing_in
from workstation.credentials.sentences import BADGES

if TYPE_CHECKING:
    from workstation.catalogue.catalogue import Catalogue
    from workstation.credentials.account import Account, Node
    from workstation.jobs import Job

LEAST_CHAIN, PART_OF_PANEL = 110, 0.46
"""The chain takes so many px at least, and such a part of the panel at most."""

NARROW = 290
"""Px of a panel in which buttons stand below each other, so that no word is cut."""

HIGHEST_LIST = 112
"""Px of the list of changed tiles, so that the chain stays in sight below it."""


class CredentialsPanel(Page):
    """Verifies the current layer's file, or one that is dropped here, and shows its whole chain."""

    judged = pyqtSignal(str, str, str)
    """Words, colour and sentence for the badge."""
    compare_wanted = pyqtSignal(object, object)
    """Two sides of a comparison, the older one first."""
    account_wanted = pyqtSignal(object)
    """The path of the file whose account is to be written."""
    trust_wanted = pyqtSignal()
    """To see whom the user trusts."""

    def __init__(self, table: LightTable) -> None:
        super().__init__()
        self.setAcceptDrops(True)
        self._table = table
        self._path: Path | None = None
        self._account: Account | None = None
        self._catalogue: Catalogue | None = None
        self._files: dict[str, Path] = {}
        self._held = False
        self._name = plain(label("", "quiet", wrap=True))
        self._mark = plain(label("", "title", wrap=True))
        self._sentence = plain(label("", wrap=True))
        self._sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.tiles = ChangedTiles(table)
        self.tiles.list.setMaximumHeight(HIGHEST_LIST)
        self.worker, self.chain, self.details = Checking(), ChainView(), ChainDetails()
        self._lone = label("No earlier files are named.", "quiet", wrap=True)
        self._head = self._heading()
        self.trusting = button(
            "Certificates and trust…",
            self.trust_wanted.emit,
            "Import the certificate of the house that signed, once you have it from them",
        )
        self.put(self._name, self._mark, self._sentence, self.trusting, self.worker, self._buttons())
        self.put(self.tiles, rule(), self._head, self._lone, self.chain, self.details)
        self.column.addStretch(1)
        self.places = Newest()
        self._connect()
        self.refresh()

    def use(self, catalogue: Catalogue) -> None:
        """Look for files of the chain in a catalogue from now on."""
        self._catalogue = catalogue
        self._look_for_files()

    def refresh(self, *_: object) -> None:
        """Check the current layer's file."""
        layer = self._table.current
        if self._held and layer is not None:
            self._held = False  # it was laid there to be compared; the chain stays
            return
        self._name.hide()
        self._begin(layer.path if layer is not None else None)
        if layer is None:
            self._say("No layer", NEUTRAL, "Open a file to see its credential, or drop one here.")
        elif layer.path is None:
            self._say(
                "Not a file", NEUTRAL, "This layer is computed and has no file yet. Export gives it one."
            )

    def check(self, path: Path) -> None:
        """Check any file, which need not be on the table; the badge stays the current layer's.

        The signed list of a folder stands for the folder: alone it says nothing of what lies there now.
        """
        path = path.parent if listing_in(path.parent) == path else path
        self._name.setText(f"Checked alone, not open: {path.name}")
        self._name.show()
        self._begin(path)

    def show_account(self, account: Account) -> None:
        """Say what was found, and show the chain."""
        words, tone = BADGES[account.verdict.state]
        self._say(words, TONES[tone], account.verdict.sentence)
        layer = self._table.current
        here = layer if layer is not None and layer.path == account.path else None
        self.tiles.show_tiles(here, account.verdict.changed_tiles)
        self.trusting.setVisible(account.verdict.state == "unknown-signer")
        self._account = account
        many = len(account.nodes) > 1
        self._lone.setVisible(not many)
        self._head.setVisible(True)
        for part in self._head.findChildren(QToolButton):
            part.setVisible(many)  # there is nothing else to make larger
        self.chain.setVisible(many)
        self.details.use(account)
        self._shape()
        self.chain.show_account(account)
        self._shape()
        self._look_for_files()

    def stop(self) -> None:
        """Stop a check under way: the window closes."""
        self.worker.drop()
        self.places.drop()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Give the chain its part of the panel."""
        super().resizeEvent(event)
        self._shape()

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        """Take a file."""
        if event is not None and saving.dropped(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        """Check the first of the files; they are not opened."""
        paths = saving.dropped(event.mimeData()) if event is not None else []
        if event is not None and paths:
            event.acceptProposedAction()
            self.check(paths[0])

    def _begin(self, path: Path | None) -> None:
        self._path, self._account = path, None
        self._again.setEnabled(path is not None)
        self._write.setEnabled(path is not None)
        for part in (self._head, self._lone, self.chain, self.trusting):
            part.hide()
        self.tiles.show_tiles(None, ())
        self.chain.show_account(None)
        self.details.use(None)
        self.places.drop()
        if path is None:
            self.worker.drop()
        else:
            self._say("Checking …", NEUTRAL, path.name)
            self.worker.ask(partial(_account, path))

    def _buttons(self) -> QWidget:
        self._again = button("Check again", self._check_again, "Read the file's credential once more")
        self._write = button("Write account…", self._write_account, "All of this as a page or PDF, signed")
        other = icon_button("open", "Check a file without opening it; or drop it here", self._ask)
        row = QWidget()
        self._line = QBoxLayout(QBoxLayout.Direction.LeftToRight, row)
        self._line.setContentsMargins(0, 2, 0, 2)
        self._line.setSpacing(6)
        for part in (self._write, self._again):
            self._line.addWidget(part)
        self._line.addStretch(1)
        self._line.addWidget(other)
        return row

    def _heading(self) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        head = Elided("head")
        head.say("Where it comes from")
        line.addWidget(head, 1)
        chain = self.chain
        for name, words, do in (
            ("zoom-out", "Chain smaller (Ctrl+wheel)", partial(chain.zoom_by, 1 / STEP)),
            ("zoom-in", "Chain larger (Ctrl+wheel)", partial(chain.zoom_by, STEP)),
            ("fit", "Whole chain", chain.fit),
        ):
            line.addWidget(icon_button(name, words, do))
        return row

    def _connect(self) -> None:
        self.worker.answered.connect(self.show_account)
        self.worker.failed.connect(lambda error: self._say("Not checked", NEUTRAL, words_of(error)))
        self.worker.stopped.connect(lambda: self._say("Not checked", NEUTRAL, "The check was stopped."))
        self.chain.chosen.connect(self.details.show_node)
        self.chain.paired.connect(self.details.pair_with)
        self.details.other_chosen.connect(self.chain.pair)
        self.details.compare_wanted.connect(self._compare)
        self.places.answered.connect(self._know)
        self.places.failed.connect(lambda _: None)  # then only pictures are compared
        self._table.current_changed.connect(self.refresh)

    def _say(self, words: str, colour: str, sentence: str) -> None:
        self._mark.setText(words)
        self._mark.setStyleSheet(f"color: {colour};")
        self._sentence.setText(sentence)
        layer = self._table.current
        if layer is None or layer.path == self._path:
            self.judged.emit(words, colour, sentence)

    def _check_again(self) -> None:
        if self._path is not None:
            self._begin(self._path)

    def _write_account(self) -> None:
        if self._path is not None:
            self.account_wanted.emit(self._path)

    def _ask(self) -> None:
        path = saving.ask_any(self, "Check the credential of a file")
        if path is not None:
            self.check(path)

    def _look_for_files(self) -> None:
        account, catalogue = self._account, self._catalogue
        if account is None:
            return
        own = account.nodes[0].key
        self._know({own: account.path})
        hashes = {node.key: node.sha256 for node in account.nodes if node.sha256 and node.key != own}
        if catalogue is not None and hashes:

            def find() -> dict[str, Path]:
                known = catalogue.known_files(hashes.values())
                return {own: account.path, **{key: known[sha] for key, sha in hashes.items() if sha in known}}

            self.places.ask(find)

    def _know(self, files: dict[str, Path]) -> None:
        self._files = files
        if self._account is not None:
            self.details.know(files)

    def _compare(self, first: Node, second: Node) -> None:
        assert self._account is not None
        self._held = self._table.current is None
        own = self._account.nodes[0].key
        sides = [Wanted(node, self._files.get(node.key), node.key == own) for node in (first, second)]
        self.compare_wanted.emit(*sides)

    def _shape(self) -> None:
        port = self.viewport()
        way = QBoxLayout.Direction
        self._line.setDirection(way.TopToBottom if self.width() < NARROW else way.LeftToRight)
        most = max(LEAST_CHAIN, int(PART_OF_PANEL * (port.height() if port is not None else 0)))
        if not self.chain.isHidden():
            self.chain.setFixedHeight(min(max(self.chain.content_height() + 4, LEAST_CHAIN), most))


def _account(path: Path) -> Job[Account]:
    from workstation.credentials.account import account_of

    return (yield from account_of(path, hashed=False))
