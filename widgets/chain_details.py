"""What is known of one file of a chain, and the choice of another one to compare it with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from widgets.chain_card import state_words
from widgets.parts import button, label, plain, rule

if TYPE_CHECKING:
    from workstation.credentials.account import Account, Node
    from workstation.credentials.wording import Deed

MOST_DEEDS = 30


class ChainDetails(QWidget):
    """The words of one file."""

    other_chosen = pyqtSignal(object)
    """The node with which the shown one would be compared; None where there is no other."""
    compare_wanted = pyqtSignal(object, object)
    """Two nodes, the older one first."""

    def __init__(self) -> None:
        super().__init__()
        self._account: Account | None = None
        self.node: Node | None = None
        self._files: Mapping[str, Path] = {}
        self._picked = ""
        self.title = label("", "head", wrap=True)
        self.state = label("", wrap=True)
        for words in (self.title, self.state):
            plain(words)
        self.words = QWidget()
        QVBoxLayout(self.words).setContentsMargins(0, 0, 0, 0)
        self.others = QComboBox()
        self.others.setAccessibleName("Compare with")
        self.others.setToolTip("The file to compare it with; Ctrl+click on a card chooses it, too")
        self.others.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.others.setMinimumContentsLength(6)
        self.others.activated.connect(lambda _: self._pick())
        self.others.currentIndexChanged.connect(lambda _: self._changed())
        self.compare = button("Compare", self._compare, "Draw one across the other with the curtain")
        self.compare.setMinimumWidth(40)
        self.means = plain(label("", "quiet", wrap=True))
        self._with = QLabel("Compare with")
        self._with.setBuddy(self.others)
        self._pair = QWidget()
        row = QHBoxLayout(self._pair)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.others, 1)
        row.addWidget(self.compare)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for own in (self.title, self.state, self.words, rule(), self._with, self._pair, self.means):
            column.addWidget(own)

    def use(self, account: Account | None) -> None:
        """Begin with another chain."""
        from workstation.reports.account_contents import numbered

        self._account, self._files, self._picked = account, {}, ""
        self._numbered = numbered(account) if account is not None else []
        self.setVisible(account is not None)
        many = len(self._numbered) > 1
        for part in (self._with, self._pair, self.means):
            part.setVisible(many)

    def know(self, files: Mapping[str, Path]) -> None:
        """Take where files lie, by the keys of their nodes."""
        self._files = files
        self._changed()

    def show_node(self, node: Node) -> None:
        """Show a file, and offer to compare it with what it was made from, or what was made from it."""
        assert self._account is not None
        from workstation.reports.account_contents import sources_of, when

        self.node = node
        number = self._numbered.index(node) + 1
        self.title.setText(f"{number}. {node.title}")
        words, colour = state_words(node.state)
        self.state.setText(words)
        self.state.setStyleSheet(f"color: {colour};")
        self._clear()
        self._say(node.sentence if number < len(self._numbered) else "This is the file itself.")
        for name, value in (("Signed", when(node)), ("With", node.programme)):
            if value:
                self._say(f"{name}: {value}", "quiet")
        self._show_hash(node)
        self._say(sources_of(self._account, node), "quiet")
        self._tell_deeds(node.deeds)
        self._offer(node)

    def pair_with(self, node: Node) -> None:
        """Choose the file to compare with."""
        at = self.others.findData(node.key)
        if at >= 0:
            self._picked = node.key
            self.others.setCurrentIndex(at)

    @property
    def other(self) -> Node | None:
        """The file to compare with."""
        key = self.others.currentData()
        return next((node for node in self._numbered if node.key == key), None)

    def _tell_deeds(self, deeds: tuple[Deed, ...]) -> None:
        if deeds:
            self._say("The signer says that this was done:")
        for number, deed in enumerate(deeds[:MOST_DEEDS], 1):
            start = "" if deed.action == "c2pa.opened" else f"{deed.title}. "
            where = f" {deed.where[:1].upper()}{deed.where[1:]}." if deed.where else ""
            self._say(f"{number}. {start}{deed.words}{where}")
            values = ", ".join(f"{name} {value}" for name, value in deed.facts)
            told = " ".join(part for part in (deed.nature, f"({values})" if values else "") if part)
            self._say(told, "quiet")
        if len(deeds) > MOST_DEEDS:
            self._say(f"{len(deeds) - MOST_DEEDS} further steps are told in the written account.", "quiet")

    def _show_hash(self, node: Node) -> None:
        """Show the hash in a line that can be copied from and never makes the panel wider."""
        column = self.words.layout()
        if node.sha256 and column is not None:
            line = QLineEdit(f"SHA-256 {node.sha256}")
            line.setReadOnly(True)
            line.setFrame(False)
            line.setStyleSheet("background: transparent; border: 0; padding: 0; color: #a2a2a2;")
            line.setAccessibleName(f"SHA-256 of {node.title}")
            line.setCursorPosition(0)
            line.setMinimumWidth(40)
            column.addWidget(line)

    def _offer(self, node: Node) -> None:
        assert self._account is not None
        near = [edge.source for edge in self._account.edges if edge.target == node.key]
        near += [edge.target for edge in self._account.edges if edge.source == node.key]
        with QSignalBlocker(self.others):
            self.others.clear()
            for number, other in enumerate(self._numbered, 1):
                if other.key != node.key:
                    self.others.addItem(f"{number}. {other.title}", other.key)
            wanted = self._picked if self._picked not in ("", node.key) else next(iter(near), "")
            self.others.setCurrentIndex(max(self.others.findData(wanted), 0))
        self._changed()

    def _changed(self) -> None:
        """Say what would be compared: the files, or their small pictures."""
        node, other = self.node, self.other
        if node is not None and other is not None:
            lacking = [one.title for one in (other, node) if not self._has(one)]
            small = [one.title for one in (other, node) if self._has(one) and one.key not in self._files]
            self.compare.setEnabled(not lacking)
            if lacking:
                told = f"Neither the file of {' and '.join(lacking)} nor a picture of it is known here."
            elif small:
                told = f"Of {' and '.join(small)} only the small picture in the credential is known here."
            else:
                told = "Both files are known on this machine and will be opened."
            self.means.setText(told)
        self.other_chosen.emit(other)

    def _pick(self) -> None:
        self._picked = str(self.others.currentData() or "")

    def _has(self, node: Node) -> bool:
        return node.key in self._files or node.thumbnail is not None

    def _compare(self) -> None:
        node, other = self.node, self.other
        if node is not None and other is not None:
            pair = sorted((node, other), key=self._numbered.index)
            self.compare_wanted.emit(pair[0], pair[1])

    def _say(self, text: str, role: str = "") -> None:
        column = self.words.layout()
        if text and column is not None:
            made = plain(label(text, role, wrap=True))
            made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            column.addWidget(made)

    def _clear(self) -> None:
        column = self.words.layout()
        assert column is not None
        while (item := column.takeAt(0)) is not None:
            part = item.widget()
            if part is not None:
                part.hide()
                part.deleteLater()
