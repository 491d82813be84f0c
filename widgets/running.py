"""Work beside the window: core jobs with progress and cancel, and the newest of many small questions."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache, partial
from typing import Any

from PyQt6.QtCore import QObject, QRunnable, QThreadPool, pyqtSignal

from workstation.errors import CancelledError
from workstation.jobs import Job, Progress, finish

MOST_JOBS = 8
"""Jobs under way at once; further ones wait."""


class Running(QObject):
    """One job under way; its signals arrive in the window's thread."""

    progressed = pyqtSignal(object)
    done = pyqtSignal(object)
    failed = pyqtSignal(object)
    cancelled = pyqtSignal(str)
    """The sentence that says what was stopped and what was kept."""
    ended = pyqtSignal(object)
    """The job itself, after any of the three."""

    def __init__(self, title: str, job: Callable[[], Job[Any]], can_stop: bool = True) -> None:
        super().__init__()
        self.title = title
        self.can_stop = can_stop
        self._job = job
        self._stop = threading.Event()

    def start(self, threads: QThreadPool | None = None) -> None:
        """Begin in a thread of a pool, by default that of short work."""
        (threads or pool()).start(Runnable(self.work))

    def cancel(self) -> None:
        """Stop after the current tile."""
        self._stop.set()

    def work(self) -> None:
        """Do the job; called in a thread of the pool."""
        try:
            result = finish(self._job(), self._tell, self._stop.is_set)
        except CancelledError as error:
            sentence = str(error)
            emit(self, "cancelled", f"{self.title}: {sentence[:1].lower()}{sentence[1:]}")
        except Exception as error:  # noqa: BLE001 # told in one place, the window
            emit(self, "failed", error)
        else:
            emit(self, "done", result)
        emit(self, "ended", self)

    def _tell(self, progress: Progress) -> None:
        emit(self, "progressed", progress)


class Newest(QObject):
    """Answers one question at a time; of those that come meanwhile only the newest is answered next."""

    answered = pyqtSignal(object)
    failed = pyqtSignal(object)
    busy = pyqtSignal(bool)
    _over = pyqtSignal(int, object, object)

    def __init__(self) -> None:
        super().__init__()
        self._waiting: Callable[[], Any] | None = None
        self._working = False
        self._number = 0
        self._over.connect(self._finish)

    def ask(self, question: Callable[[], Any]) -> None:
        """Work it out in a thread, after what is under way; an older question that waits is dropped."""
        self._waiting = question
        if not self._working:
            self._begin()

    def drop(self) -> None:
        """Want no answer any more, neither to what waits nor to what is under way."""
        self._waiting = None
        self._number += 1

    @property
    def idle(self) -> bool:
        """Whether nothing is being worked out."""
        return not self._working

    def _begin(self) -> None:
        question, self._waiting = self._waiting, None
        if question is None:
            return
        self._working = True
        self._number += 1
        self.busy.emit(True)
        pool().start(Runnable(partial(self._work, self._number, question)))

    def _work(self, number: int, question: Callable[[], Any]) -> None:
        try:
            answer = question()
        except Exception as error:  # noqa: BLE001 # told in one place, the window
            emit(self, "_over", number, None, error)
        else:
            emit(self, "_over", number, answer, None)

    def _finish(self, number: int, answer: object, error: object) -> None:
        self._working = False
        self.busy.emit(False)
        if number == self._number:
            if error is not None:
                self.failed.emit(error)
            else:
                self.answered.emit(answer)
        self._begin()


def pool() -> QThreadPool:
    """Return the threads of short work: what somebody waits for."""
    found = QThreadPool.globalInstance()
    assert found is not None
    return found


@cache
def long_pool() -> QThreadPool:
    """Return the threads of jobs: to read a whole terapixel takes hours, which nothing short may wait for."""
    found = QThreadPool()
    found.setMaxThreadCount(MOST_JOBS)
    return found


def plain(work: Callable[[], Any]) -> Callable[[], Job[Any]]:
    """Make a job of one step from a function."""

    def job() -> Job[Any]:
        yield Progress(0, 0)
        return work()

    return job


class Runnable(QRunnable):
    """Some work for a thread of a pool."""

    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__()
        self._work = work

    def run(self) -> None:
        """Do it."""
        self._work()


def emit(owner: QObject, signal: str, *values: object) -> None:
    """Emit, unless the window went away meanwhile."""
    try:
        getattr(owner, signal).emit(*values)
    except RuntimeError:
        return
