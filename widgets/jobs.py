"""The jobs panel: what is being worked on, how far it is, and a way to stop it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from widgets.icons import icon
from widgets.messages import MessageBar
from widgets.running import Running, long_pool
from workstation.jobs import Job, Progress


class JobRow(QFrame):
    """One job: its name, how far it is, how long it will take."""

    def __init__(self, running: Running) -> None:
        super().__init__()
        self._started = time.monotonic()
        title = QLabel(running.title)
        self._stage = QLabel()
        self._stage.setProperty("role", "quiet")
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(f"Progress of {running.title}")
        stop = QToolButton()
        stop.setIcon(icon("close"))
        stop.setToolTip("Stop; the scan and finished files stay as they are")
        stop.setAccessibleName(f"Stop {running.title}")
        stop.setEnabled(running.can_stop)
        stop.clicked.connect(running.cancel)
        words = QHBoxLayout()
        words.addWidget(title)
        words.addStretch(1)
        words.addWidget(self._stage)
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addLayout(words)
        column.addWidget(self.bar)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 4, 4, 4)
        row.addLayout(column, 1)
        row.addWidget(stop)
        running.progressed.connect(self._show)

    def _show(self, progress: Progress) -> None:
        total = max(progress.total, 0)
        self.bar.setRange(0, total)
        self.bar.setValue(progress.done)
        spent = time.monotonic() - self._started
        steps = progress.done - progress.already
        left = spent * (total - progress.done) / steps if steps > 0 else 0
        time_left = f"{left:.0f} s left" if left >= 1 else ""
        share = f"{100 * progress.done // total} %" if total else ""
        self._stage.setText(" · ".join(part for part in (progress.what, share, time_left) if part))


class JobsPanel(QWidget):
    """Starts jobs, shows them while they run, and hands their end to who asked or to the message bar."""

    def __init__(self, messages: MessageBar) -> None:
        super().__init__()
        self._messages = messages
        self._rows: dict[Running, JobRow] = {}
        self._idle = QLabel("Nothing is running.")
        self._idle.setProperty("role", "quiet")
        self._idle.setContentsMargins(10, 6, 10, 6)
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 2, 0, 2)
        self._column.setSpacing(0)
        self._column.addWidget(self._idle)
        self._column.addStretch(1)
        area = QScrollArea()
        area.setWidget(inside)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(area)

    def start(
        self,
        title: str,
        job: Callable[[], Job[Any]],
        done: Callable[[Any], None] | None = None,
        failed: Callable[[object], None] | None = None,
        stopped: Callable[[str], None] | None = None,
    ) -> Running:
        """Run a job; its result goes to `done`, its error or its stop to those named or the message bar."""
        running = Running(title, job)
        row = JobRow(running)
        self._rows[running] = row
        self._column.insertWidget(self._column.count() - 1, row)
        self._idle.hide()
        if done is not None:
            running.done.connect(done)
        running.failed.connect(failed or self._messages.tell)
        running.cancelled.connect(stopped or self._messages.say)
        running.ended.connect(self._remove)  # no lambda: it would still be called once the panel is gone
        running.start(long_pool())
        return running

    @property
    def running(self) -> tuple[Running, ...]:
        """The jobs under way."""
        return tuple(self._rows)

    def cancel_all(self) -> None:
        """Ask every job to stop."""
        for running in self._rows:
            running.cancel()

    def _remove(self, running: Running) -> None:
        row = self._rows.pop(running)
        self._column.removeWidget(row)
        row.deleteLater()
        self._idle.setVisible(not self._rows)
