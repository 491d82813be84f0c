"""Who signs: a dialog makes a studio's certificate where there is none, or asks for its passphrase."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QFormLayout, QLineEdit, QVBoxLayout, QWidget

from widgets.messages import words_of
from widgets.parts import label, literal
from widgets.theme import BAD
from workstation.errors import WorkstationError
from workstation.operations.record import author

if TYPE_CHECKING:
    from workstation.credentials.certificates import Studio


class Asking(QDialog):
    """A dialog that stays open until what it asks for works."""

    def __init__(self, title: str, words: str, yes: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.studio: Studio | None = None
        self.setWindowTitle(title)
        self.setMinimumWidth(460)
        self.form = QFormLayout()
        self.form.setHorizontalSpacing(14)
        self.form.setVerticalSpacing(8)
        self.wrong = literal(label("", wrap=True))
        self.wrong.setStyleSheet(f"color: {BAD};")
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.yes = self.buttons.addButton(yes, QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.accepted.connect(self.try_it)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 20, 22, 16)
        column.setSpacing(12)
        column.addWidget(label(title, "title"))
        column.addWidget(label(words, "quiet", wrap=True))
        column.addLayout(self.form)
        column.addWidget(self.wrong)
        column.addWidget(self.buttons)

    def line(self, name: str, text: str = "", secret: bool = False) -> QLineEdit:
        """Add a line to fill in."""
        field = QLineEdit(text)
        field.setAccessibleName(name)
        if secret:
            field.setEchoMode(QLineEdit.EchoMode.Password)
        self.form.addRow(name, field)
        if self.form.rowCount() == 1:
            field.setFocus()
        return field

    def made(self) -> Studio | None:
        """Do what is asked for and return a studio where there is one; raises what stands in the way."""
        raise NotImplementedError

    def try_it(self) -> None:
        """Do it; what stands in the way is said in the dialog."""
        try:
            self.studio = self.made()
        except (WorkstationError, OSError) as error:
            self.wrong.setText(words_of(error))
        else:
            self.accept()


class NewStudio(Asking):
    """Makes the certificate with which this studio signs."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            "Make your studio's certificate",
            "Everything that leaves the workstation is signed, so that others can tell what was done to it "
            "and by whom. The certificate is made here and stays on this machine.",
            "Make the certificate",
            parent,
        )
        self.studio_name = self.line("Studio or museum")
        self.person = self.line("Your name", author())
        self.passphrase = self.line("Passphrase", secret=True)
        self.again = self.line("Passphrase again", secret=True)
        self.open_key = QCheckBox("Without a passphrase: only your account on this machine can read the key")
        self.open_key.toggled.connect(self.passphrase.setDisabled)
        self.open_key.toggled.connect(self.again.setDisabled)
        self.form.addRow("", self.open_key)

    def made(self) -> Studio:
        """Make the certificate."""
        from workstation.credentials.certificates import create_studio
        from workstation.errors import CredentialError

        secret = None if self.open_key.isChecked() else self.passphrase.text()
        if secret == "":
            raise CredentialError("Choose a passphrase, or tick the box below to do without one.")
        if secret is not None and secret != self.again.text():
            raise CredentialError("The two passphrases are not the same.")
        return create_studio(studio=self.studio_name.text(), person=self.person.text(), passphrase=secret)


class UnlockStudio(Asking):
    """Asks for the passphrase of the studio's key, or for the PIN of the token that holds it."""

    def __init__(self, parent: QWidget | None = None, on_token: bool = False) -> None:
        name = "PIN of the token" if on_token else "Passphrase"
        super().__init__("Unlock your signing key", "It is kept until the window closes.", "Unlock", parent)
        self.passphrase = self.line(name, secret=True)
        self._on_token = on_token

    def made(self) -> Studio:
        """Open the studio."""
        from workstation.credentials.certificates import load_studio
        from workstation.credentials.passphrases import given

        secret = self.passphrase.text()
        return (
            load_studio(passphrase=given(None), pin=secret) if self._on_token else load_studio(None, secret)
        )


class Signer:
    """Gets the studio when it is needed, and keeps it until the window closes."""

    def __init__(self, parent: QWidget, tell: Callable[[object], None]) -> None:
        self._parent, self._tell = parent, tell
        self._studio: Studio | None = None
        self._dialog: Asking | None = None

    def with_studio(self, then: Callable[[Studio], object]) -> None:
        """Call `then` with the studio, once it is made or unlocked; not at all where the user gives up."""
        dialog = self._asking() if self._studio is None else None
        if self._studio is not None:
            then(self._studio)
        if dialog is None:
            return
        self._dialog = dialog
        dialog.accepted.connect(lambda: self._got(dialog.studio, then))
        dialog.open()

    def forget(self) -> None:
        """Open the studio anew when it is needed next: its certificate is another one now."""
        self._studio = None

    def _got(self, studio: Studio | None, then: Callable[[Studio], object]) -> None:
        self._studio = studio
        if studio is not None:
            then(studio)

    def _asking(self) -> Asking | None:
        from workstation.credentials.certificates import default_folder, load_studio, secret_needed
        from workstation.credentials.people import AUTHORITY, SIGNING

        folder = default_folder()
        if not (folder / SIGNING).exists() and not (folder / AUTHORITY).exists():
            return NewStudio(self._parent)
        try:
            if needed := secret_needed(folder):
                return UnlockStudio(self._parent, on_token=needed == "pin")
            self._studio = load_studio()
        except (WorkstationError, OSError) as error:
            self._tell(error)
        return None
