"""Work beside the window."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from PyQt6.QtWidgets import QApplication, QLabel

from widgets.jobs import JobsPanel
from widgets.messages import MessageBar
from widgets.running import Running, plain, pool
from workstation.errors import CancelledError
from workstation.jobs import Job, Progress


def test_jobs_that_take_hours_do_not_keep_short_work_waiting(qapp: QApplication) -> None:
    end = threading.Event()

    def endless() -> Job[None]:
        while not end.wait(0.01):
            yield Progress(0, 1)

    panel = JobsPanel(MessageBar())
    answers: list[int] = []
    try:
        for number in range(pool().maxThreadCount() + 1):
            panel.start(f"Reading {number}", endless)
        short = Running("", plain(lambda: 42))
        short.done.connect(answers.append)
        short.start()
        for _ in _turns(qapp):
            if answers:
                break
        assert answers == [42]
        panel.cancel_all()
        for _ in _turns(qapp):
            if not panel.running:
                break
        assert not panel.running
    finally:
        end.set()


def test_a_stopped_job_says_what_is_kept_of_it(qapp: QApplication) -> None:
    begun = threading.Event()

    def job() -> Job[None]:
        try:
            while True:
                begun.set()
                yield Progress(60, 100, "Going on", 50)
        except GeneratorExit:
            raise CancelledError("Stopped. Most of it is kept.") from None

    messages = MessageBar()
    said = messages.findChild(QLabel)
    assert said is not None
    panel = JobsPanel(messages)
    panel.start("Rendering r.tif", job)
    begun.wait(10)
    panel.cancel_all()
    for _ in _turns(qapp):
        if said.text() and not panel.running:
            break
    assert said.text() == "Rendering r.tif: stopped. Most of it is kept."


def _turns(qapp: QApplication) -> Iterator[None]:
    for _ in range(500):
        qapp.processEvents()
        yield
        threading.Event().wait(0.01)
