"""Checks one file after another beside the window; a long check says how far it is and can be stopped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PyQt6.QtCore import QTimer, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from widgets.parts import button, label
from widgets.running import Running
from workstation.jobs import Job, Progress

PATIENCE_MS = 1000
"""A check that is over by then shows no progress."""


class Checking(QWidget):
    """Runs the newest check, and is seen only while that takes long."""

    answered = pyqtSignal(object)
    failed = pyqtSignal(object)
    stopped = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self._running: Running | None = None
        self._words = label("", "quiet")
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
        """Whether nothing is being checked."""
        return self._running is None

    def ask(self, job: Callable[[], Job[Any]]) -> None:
        """Begin a check; an older one is stopped and its answer no longer wanted."""
        self.drop()
        running = Running("Check", job)
        self._running = running
        self._words.setText("Reading the file")
        self.bar.setRange(0, 0)
        running.progressed.connect(lambda progress: self._progressed(running, progress))
        running.done.connect(lambda found: self._over(running, self.answered, found))
        running.failed.connect(lambda error: self._over(running, self.failed, error))
        self._patience.start(PATIENCE_MS)
        running.start()

    def drop(self) -> None:
        """Stop what is under way, and want no answer any more."""
        running, self._running = self._running, None
        if running is not None:
            running.cancel()
        self._patience.stop()
        self.hide()

    def _stop(self) -> None:
        self.drop()
        self.stopped.emit()

    def _progressed(self, running: Running, progress: Progress) -> None:
        if running is self._running and progress.total:
            self.bar.setRange(0, 1000)
            self.bar.setValue(1000 * progress.done // progress.total)
            self._words.setText(f"Reading {progress.what}: {100 * progress.done // progress.total} %")

    def _over(self, running: Running, signal: Any, found: object) -> None:
        if running is self._running:
            self._running = None
            self._patience.stop()
            self.hide()
            signal.emit(found)
