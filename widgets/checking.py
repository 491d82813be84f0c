"""Checks one file after another beside the window; a long check says how far it is and can be stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from PyQt6.QtCore import QTimer, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from widgets.parts import Elided, button
from widgets.running import Runnable, emit, pool
from workstation.jobs import Job, Progress, finish

PATIENCE_MS = 1000
"""A check that is over by then shows no progress."""


class Checking(QWidget):
    """Runs the newest check, and is seen only while that takes long."""

    answered = pyqtSignal(object)
    failed = pyqtSignal(object)
    stopped = pyqtSignal()
    _told = pyqtSignal(int, object)
    _over = pyqtSignal(int, object, object)

    def __init__(self) -> None:
        super().__init__()
        self._number = 0
        self._stopper: threading.Event | None = None
        self._told.connect(self._progressed)
        self._over.connect(self._finish)
        self._words = Elided("quiet")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of the check")
        self.stop_button = button("Stop", self._stop, "Stop the check; the file stays as it is")
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addWidget(self._words)
        column.addWidget(self.bar)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addLayout(column, 1)
        row.addWidget(self.stop_button)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.timeout.connect(self.show)
        self.hide()

    @property
    def idle(self) -> bool:
        """Whether nothing is being checked that somebody waits for."""
        return self._stopper is None

    def ask(self, job: Callable[[], Job[Any]]) -> None:
        """Begin a check; an older one is stopped and its answer no longer wanted."""
        self.drop()
        self._stopper = threading.Event()
        self._words.say("Reading the file")
        self.bar.setRange(0, 0)
        self._patience.start(PATIENCE_MS)
        work = partial(self._work, self._number, job, self._stopper)
        pool().start(Runnable(work))

    def drop(self) -> None:
        """Stop what is under way, and want no answer any more."""
        if self._stopper is not None:
            self._stopper.set()
        self._stopper = None
        self._number += 1
        self._patience.stop()
        self.hide()

    def _work(self, number: int, job: Callable[[], Job[Any]], stopper: threading.Event) -> None:
        """Do a check; called in a thread. All that it tells goes through this widget's own signals."""
        try:
            found = finish(job(), lambda progress: emit(self, "_told", number, progress), stopper.is_set)
        except Exception as error:  # noqa: BLE001 # told in one place, the tab
            emit(self, "_over", number, None, error)
        else:
            emit(self, "_over", number, found, None)

    def _stop(self) -> None:
        self.drop()
        self.stopped.emit()

    def _progressed(self, number: int, progress: Progress) -> None:
        if number == self._number and progress.total:
            self.bar.setRange(0, 1000)
            self.bar.setValue(1000 * progress.done // progress.total)
            self._words.say(f"{100 * progress.done // progress.total} % of {progress.what}")

    def _finish(self, number: int, found: object, error: object) -> None:
        if number != self._number:
            return  # it was stopped, or another check took its place
        self.drop()
        if error is not None:
            self.failed.emit(error)
        else:
            self.answered.emit(found)
