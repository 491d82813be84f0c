"""Who signs here and until when, and whose signatures the user trusts: seen, imported and taken out again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from widgets import saving
from widgets.messages import MessageBar, words_of
from widgets.parts import button, label, literal
from widgets.running import Newest
from widgets.studio import NewStudio
from widgets.theme import BAD, DOUBT, NEUTRAL
from widgets.trust_asking import AskTrust, Export, Renew
from workstation.errors import WorkstationError

if TYPE_CHECKING:
    from workstation.credentials.people import Holding
    from workstation.credentials.trust import Anchor

COLUMNS = ("Name", "Trusted for", "Until", "Fingerprint")
NOBODY = "Nobody yet. The certificate of your studio is made here, or with the first export."
OTHERS = """Signatures of these houses count as known. Before you import another museum's certificate, compare
its fingerprint with them, by telephone for example."""


class TrustDialog(QDialog):
    """The studio's own certificates, and those of others."""

    changed = pyqtSignal()
    """Somebody else is trusted now."""
    renewed = pyqtSignal()
    """Who signs here has another certificate now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Certificates and trust")
        self.resize(800, 500)
        self.people, self.wrong = QVBoxLayout(), literal(label("", wrap=True))
        self.people.setSpacing(4)
        self.list = self._list()
        self.make = button("Make the certificate…", self._make, "A certificate with which your studio signs")
        self.renew = button("Renew…", self._renew, "Five new years for who signs here; the key stays")
        self.export = button(
            "Export for others…", self._export, "What other museums import; it holds no secret"
        )
        self.add = button(
            "Trust a house…", self._ask, "Import another museum's certificate; it is shown first"
        )
        self.remove = button("No longer trust", self._remove, "Take the chosen certificate out again")
        closing = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        closing.rejected.connect(self.reject)
        for part in (self.make, self.renew, self.export, self.add, self.remove):
            part.setAutoDefault(False)  # Enter closes the dialog, and does nothing else by mistake
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 20, 22, 16)
        column.setSpacing(10)
        column.addWidget(label("Who signs here", "title"))
        column.addLayout(self.people)
        column.addLayout(_row(self.make, self.renew, self.export))
        column.addSpacing(8)
        column.addWidget(label("Whom you trust", "title"))
        column.addWidget(label(" ".join(OTHERS.split()), "quiet", wrap=True))
        column.addWidget(self.list, 1)
        column.addLayout(_row(self.add, self.remove))
        column.addWidget(self.wrong)
        column.addWidget(closing)
        self.list.setFocus()
        self.refresh()

    def refresh(self) -> None:
        """Read all anew."""
        from workstation.credentials.certificates import default_folder
        from workstation.credentials.people import AUTHORITY
        from workstation.credentials.trust import broken, listed

        self.say("")
        try:
            self._show_people(default_folder())
            self._show_anchors(listed(), default_folder() / AUTHORITY)
            if bad := broken():
                names = ", ".join(path.name for path in bad)
                self.say(f"Not readable and ignored in the folder {bad[0].parent}: {names}.")
        except (WorkstationError, OSError) as error:
            self.say(words_of(error))

    def say(self, sentence: str, colour: str = BAD) -> None:
        """Say what went wrong, or what was done."""
        self.wrong.setText(sentence)
        self.wrong.setStyleSheet(f"color: {colour};")
        self.wrong.setVisible(bool(sentence))

    def offer(self, path: Path) -> None:
        """Show what a file would have the user trust, and ask."""
        from workstation.credentials.offers import read_offer

        self.say("")
        try:
            asking = AskTrust(read_offer(path), path.name, self)
        except WorkstationError as error:
            self.say(str(error).replace(str(path), path.name))
            return
        except OSError as error:
            self.say(words_of(error))
            return
        asking.accepted.connect(self._trusted)
        asking.open()

    def _show_people(self, folder: Path) -> None:
        from workstation.credentials.people import AUTHORITY, AUTHORITY_KEY, choose, holdings, latest

        while (old := self.people.takeAt(0)) is not None:
            if (part := old.widget()) is not None:
                part.deleteLater()
        there = (folder / AUTHORITY).exists()
        self.make.setVisible(not there)
        self.export.setVisible(there)
        self.renew.setVisible(there and (folder / AUTHORITY_KEY).exists())
        if not there:
            self.people.addWidget(label(NOBODY, "quiet", wrap=True))
            return
        people, signer = latest(holdings(folder)), choose(folder)
        for one in people:
            self.people.addWidget(_person(one, one.person == signer.person and len(people) > 1))
        if signer.revoked is not None:
            self.renew.hide()  # that takes a new key, which is made where the studio was

    def _list(self) -> QTreeWidget:
        tree = QTreeWidget()
        tree.setAccessibleName("Whom you trust")
        tree.setHeaderLabels(COLUMNS)
        tree.setRootIsDecorated(False)
        tree.setUniformRowHeights(True)
        tree.setStyleSheet(
            "QTreeWidget::item { padding: 3px 6px; } QHeaderView::section { padding: 3px 6px; }"
        )
        tree.itemSelectionChanged.connect(self._enable)
        if (header := tree.header()) is not None:
            header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
            header.setStretchLastSection(True)
            header.setMaximumSectionSize(340)
        return tree

    def _show_anchors(self, anchors: list[Anchor], own: Path) -> None:
        self.list.clear()
        for anchor in anchors:
            mine = anchor.path == own
            ends = f"{anchor.expires:%Y-%m-%d}" + (" (expired)" if anchor.expired else "")
            house = "your own" if mine else anchor.organisation
            name = anchor.name if house in anchor.name else f"{anchor.name} ({house})"
            what = " and ".join(anchor.purposes)
            item = QTreeWidgetItem([name, what, ends, spaced(anchor.fingerprint[:16])])
            item.setData(0, Qt.ItemDataRole.UserRole, None if mine else anchor.fingerprint)
            item.setToolTip(0, name)
            item.setToolTip(3, spaced(anchor.fingerprint))
            self.list.addTopLevelItem(item)
        self._enable()

    def _enable(self) -> None:
        self.remove.setEnabled(bool(self._chosen()))

    def _chosen(self) -> str:
        found = self.list.selectedItems()
        return (found[0].data(0, Qt.ItemDataRole.UserRole) or "") if found else ""

    def _ask(self) -> None:
        path = saving.ask_certificate(self)
        if path is not None:
            self.offer(path)

    def _trusted(self) -> None:
        self.refresh()
        self.changed.emit()

    def _remove(self) -> None:
        from workstation.credentials.trust import distrust

        try:
            gone = distrust(self._chosen())
        except (WorkstationError, OSError) as error:
            self.say(words_of(error))
            return
        self._trusted()
        self.say(f"You no longer trust {gone.name}.", NEUTRAL)

    def _make(self) -> None:
        making = NewStudio(self)
        making.accepted.connect(self._trusted)
        making.open()

    def _renew(self) -> None:
        renewing = Renew(self)
        renewing.accepted.connect(self.refresh)
        renewing.accepted.connect(self.renewed.emit)
        renewing.start()

    def _export(self) -> None:
        target = saving.ask_target(self, "Export for others", "our-studio.pem", "Certificate (*.pem)")
        if target is None:
            return
        told = f"{target.name} is written; it holds no secret. Whoever imports it trusts your studio."
        exporting = Export(target, self)
        exporting.accepted.connect(lambda: self.say(told, NEUTRAL))
        exporting.start()


class Reminder:
    """Looks once, beside the window, whether the certificate of who signs here ends soon."""

    def __init__(self, messages: MessageBar) -> None:
        self._looking = Newest()
        self._looking.answered.connect(lambda sentence: messages.say(sentence, "bad") if sentence else None)
        self._looking.failed.connect(lambda _: None)  # told when something is signed

    def look(self) -> None:
        """Look, and say it where it does."""
        self._looking.ask(reminder)


def reminder() -> str:
    """Return what to do where the certificate of who signs here ends soon, else nothing."""
    from workstation.credentials.certificates import default_folder
    from workstation.credentials.people import AUTHORITY, choose

    folder = default_folder()
    soon = choose(folder).ends_soon if (folder / AUTHORITY).exists() else ""
    return f"{soon} Renew it before: Credentials, Certificates and trust." if soon else ""


def spaced(fingerprint: str) -> str:
    """Return a fingerprint in groups that can be read out."""
    return " ".join(fingerprint[at : at + 4] for at in range(0, len(fingerprint), 4))


def _person(part: Holding, signs: bool) -> QLabel:
    from workstation.credentials.naming import organisation

    until = f"until {part.expires:%Y-%m-%d}" if part.state == "valid" else part.state
    if part.revoked is not None:
        until = part.revoked.words
    soon = " – ends soon" if part.ends_soon else ""
    who = f"{part.person} ({organisation(part.certificate)})"
    words = literal(label(f"{who}: {until}{soon}{', signs now' if signs else ''}", wrap=True))
    colour = DOUBT if soon else "" if part.state == "valid" else BAD
    words.setStyleSheet(f"color: {colour};" if colour else "")
    return words


def _row(*parts: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    for part in parts:
        row.addWidget(part)
    row.addStretch(1)
    return row
