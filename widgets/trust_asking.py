"""What is asked before trust or a certificate changes: is it theirs, for what, and by which passphrase."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from widgets.messages import words_of
from widgets.parts import label, literal
from widgets.studio import Asking
from widgets.theme import BAD
from workstation.errors import CredentialError, WorkstationError

if TYPE_CHECKING:
    from workstation.credentials.offers import Offer
    from workstation.credentials.trust import Purpose

WORDS = """If you trust it, signatures that it vouches for count as known. Ask the house for the fingerprint
by another way than the one by which the file came, and compare."""


class AskTrust(QDialog):
    """Shows what a file holds, and trusts it if the user says so."""

    def __init__(self, offer: Offer, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._offer = offer
        title = "Trust this house?" if offer.certificates else "Take over this list?"
        self.setWindowTitle(title)
        self.setMinimumWidth(620)
        self.told = QPlainTextEdit(_told(offer))
        self.told.setReadOnly(True)
        self.told.setAccessibleName("What the file holds")
        self.told.setFixedHeight(130)
        self.told.setTabChangesFocus(True)
        self.stamps = QCheckBox("Trust it for time-stamps, too: its word on when something was signed")
        self.stamps.setVisible(bool(offer.certificates))
        self.wrong = literal(label("", wrap=True))
        self.wrong.setStyleSheet(f"color: {BAD};")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        yes = "Trust it" if offer.certificates else "Take it over"
        self.yes = buttons.addButton(yes, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 20, 22, 16)
        column.setSpacing(10)
        column.addWidget(label(title, "title"))
        column.addWidget(literal(label(f"{name} holds:", "quiet", wrap=True)))
        column.addWidget(self.told)
        if offer.certificates:
            column.addWidget(label(" ".join(WORDS.split()), "quiet", wrap=True))
        for part in (self.stamps, self.wrong, buttons):
            column.addWidget(part)
        if (no := buttons.button(QDialogButtonBox.StandardButton.Cancel)) is not None:
            no.setDefault(True)  # once it lies in the dialog: Enter trusts nobody by mistake

    def _accept(self) -> None:
        from workstation.credentials.trust import accept

        wanted: tuple[Purpose, ...] = ("signers", "time-stamps") if self.stamps.isChecked() else ("signers",)
        try:
            accept(self._offer, wanted)
        except (WorkstationError, OSError) as error:
            self.wrong.setText(words_of(error).partition(" Perhaps you mean:")[0])
            return
        self.accept()


class _OfAuthority(Asking):
    """Asks for the passphrase of the authority's key, if it has one, and does something with it."""

    def __init__(self, title: str, yes: str, parent: QWidget | None) -> None:
        super().__init__(title, "This needs the key of your studio's authority.", yes, parent)
        self.passphrase = self.line("Passphrase", secret=True)

    def start(self) -> None:
        """Ask, or do it at once where there is nothing to ask."""
        from workstation.credentials.certificates import default_folder
        from workstation.credentials.keys import is_locked
        from workstation.credentials.people import AUTHORITY_KEY

        key = default_folder() / AUTHORITY_KEY
        if not key.exists() or not is_locked(key) or not self.needed():
            self.try_it()
        if self.result() != QDialog.DialogCode.Accepted:
            self.open()

    def needed(self) -> bool:
        """Whether the key is needed at all."""
        return True

    def made(self) -> None:
        """Do it; raises what stands in the way."""
        self.do(self.passphrase.text() or None)

    def do(self, secret: str | None) -> None:
        """Do it with the passphrase."""
        raise NotImplementedError


class Renew(_OfAuthority):
    """Gives who signs here five new years."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Renew the certificate", "Renew", parent)

    def do(self, secret: str | None) -> None:
        """Issue a new certificate for the same key."""
        from workstation.credentials.certificates import default_folder
        from workstation.credentials.granting import renew

        renew(default_folder(), None, secret, None)


class Export(_OfAuthority):
    """Writes what other museums import."""

    def __init__(self, target: Path, parent: QWidget | None = None) -> None:
        super().__init__("Export for others", "Export", parent)
        self._target = target

    def needed(self) -> bool:
        """Whether there is a list of revoked certificates that has to be dated anew."""
        from workstation.credentials.certificates import default_folder
        from workstation.credentials.people import REVOKED

        return (default_folder() / REVOKED).exists()

    def do(self, secret: str | None) -> None:
        """Write the studio's public certificate and whom it revoked."""
        from workstation.credentials.certificates import default_folder
        from workstation.credentials.granting import refresh_list
        from workstation.credentials.people import AUTHORITY_KEY
        from workstation.credentials.trust import own_anchor
        from workstation.files import write_text

        folder = default_folder()
        if self._target.parent == folder:
            raise CredentialError("Choose another folder than that of your own certificates.")
        if self.needed() and (folder / AUTHORITY_KEY).exists():
            refresh_list(folder, secret)
        write_text(self._target, own_anchor(folder))


def _told(offer: Offer) -> str:
    from workstation.credentials.trust import offered

    lines = []
    for anchor in offered(offer):
        house = f" ({anchor.organisation})" if anchor.organisation != anchor.name else ""
        ends = f"until {anchor.expires:%Y-%m-%d}" + (", expired" if anchor.expired else "")
        groups = [anchor.fingerprint[at : at + 4] for at in range(0, len(anchor.fingerprint), 4)]
        lines += [f"{anchor.name}{house}, {ends}", "    Fingerprint:"]
        lines += ["    " + " ".join(groups[:8]), "    " + " ".join(groups[8:])]
    if offer.lists:
        lines.append(f"Lists of revoked certificates: {len(offer.lists)}")
    return "\n".join(lines)
