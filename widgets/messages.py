"""One place where the window says what went wrong: a bar with the sentence, a dialog for our own bugs."""

from __future__ import annotations

import logging
import platform
import sys
import traceback
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Literal

from PyQt6.QtCore import QT_VERSION_STR, Qt, QTimer
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from widgets.icons import icon
from widgets.theme import BAD, GOOD, NEUTRAL
from workstation import VERSION
from workstation.errors import WorkstationError
from workstation.files import unusable
from workstation.settings import home

Tone = Literal["bad", "good", "plain"]
SHOWN_MS = 9000
COLOURS: dict[Tone, str] = {"bad": BAD, "good": GOOD, "plain": NEUTRAL}


class MessageBar(QFrame):
    """A sentence across the window, until it is read or closed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Message")
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        close = QToolButton()
        close.setIcon(icon("close"))
        close.setAccessibleName("Close the message")
        close.setToolTip("Close the message")
        close.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 4, 6, 4)
        row.addWidget(self._text, 1)
        row.addWidget(close)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self.hide()

    @property
    def text(self) -> str:
        """The sentence shown, or nothing."""
        return self._text.text() if self.isVisibleTo(self.parentWidget()) else ""

    def say(self, sentence: str, tone: Tone = "plain") -> None:
        """Show a sentence; what is not an error leaves by itself."""
        self._text.setText(sentence)
        self.setAccessibleDescription(sentence)
        self.setStyleSheet(
            f"MessageBar {{ background: #2c2c2c; border: 0; border-left: 4px solid {COLOURS[tone]}; }}"
        )
        self.show()
        self._timer.stop()
        if tone != "bad":
            self._timer.start(SHOWN_MS)

    def tell(self, error: object) -> None:
        """Show what went wrong: our own sentence, or a report where it is a bug."""
        if isinstance(error, WorkstationError):
            self.say(str(error), "bad")
        elif isinstance(error, MemoryError):
            self.say("This does not fit into the memory of this machine. Close other programmes.", "bad")
        elif isinstance(error, OSError):
            self.say(words_of(error), "bad")
        elif isinstance(error, BaseException):
            report(error, self.window())


def words_of(error: object) -> str:
    """Return what is said of an error, in a sentence."""
    return str((unusable(error) if isinstance(error, OSError) else None) or error)


class ReportDialog(QDialog):
    """What happened, what to do, and the report to copy."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Something went wrong")
        self.resize(640, 420)
        head = QLabel("The workstation made a mistake")
        head.setProperty("role", "title")
        what = QLabel(
            "Your scans and your history are safe: scans are never written to. You can go on working. "
            "If it happens again, copy this report and send it to whoever looks after the workstation."
        )
        what.setWordWrap(True)
        self.report = QPlainTextEdit(text)
        self.report.setReadOnly(True)
        self.report.setAccessibleName("Report")
        buttons = QDialogButtonBox()
        copy = buttons.addButton("Copy the report", QDialogButtonBox.ButtonRole.ActionRole)
        go_on = buttons.addButton("Go on", QDialogButtonBox.ButtonRole.AcceptRole)
        assert copy is not None
        assert go_on is not None
        copy.clicked.connect(self.copy)
        go_on.clicked.connect(self.accept)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 18, 20, 16)
        box.setSpacing(10)
        for part in (head, what, self.report, buttons):
            box.addWidget(part)

    def copy(self) -> None:
        """Put the report on the clipboard."""
        clipboard = QGuiApplication.clipboard()
        assert clipboard is not None
        clipboard.setText(self.report.toPlainText())


def report(error: BaseException, parent: QWidget | None = None) -> ReportDialog:
    """Log a bug and show its report, without stopping the window."""
    text = "".join(traceback.format_exception(error))
    logging.getLogger("workstation").error("%s", text)
    about = f"workstation {VERSION} · Python {platform.python_version()} · Qt {QT_VERSION_STR}"
    dialog = ReportDialog(f"{about} · {platform.platform()}\n\n{text}", parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
    return dialog


def catch_bugs(bar: MessageBar) -> None:
    """Show in the window what nobody caught, and write it down."""

    def caught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        bar.tell(error)

    sys.excepthook = caught


def log_folder() -> Path:
    """Return the folder of the logs; it is made where missing."""
    folder = home() / "logs"
    folder.mkdir(exist_ok=True)
    return folder


def keep_log() -> None:
    """Write what goes wrong into a file that never grows beyond a few megabytes."""
    import faulthandler

    logger = logging.getLogger("workstation")
    if logger.handlers:
        return
    handler = RotatingFileHandler(log_folder() / "window.log", maxBytes=1 << 20, backupCount=3)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    faulthandler.enable((log_folder() / "crash.log").open("a"))
