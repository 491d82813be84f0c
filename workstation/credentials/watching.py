"""Lets a check that reads a large file say how far it is, and be stopped, without each step knowing of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Generic

from workstation.errors import CancelledError
from workstation.jobs import STOPPED, Job, Progress, Result, finish

POLL_S = 0.05


class Watcher:
    """Counts what one thread reads, and can stop it at its next step."""

    def __init__(self, stop: threading.Event) -> None:
        self.read = 0
        self.stage: Progress | None = None
        """Of a job that the thread does itself, after what it has read."""
        self.stop = stop

    def step(self, count: int = 0, stage: Progress | None = None) -> None:
        """Take down what was done; raises CancelledError where it is to stop."""
        self.read += count
        self.stage = stage
        if self.stop.is_set():
            raise CancelledError(STOPPED)


_heard: ContextVar[Watcher | None] = ContextVar("heard", default=None)


def have_read(count: int) -> None:
    """Tell whoever watches this thread that so many more bytes were read; raises what stops the work."""
    watcher = _heard.get()
    if watcher is not None:
        watcher.step(count)


def in_this_thread(job: Job[Result]) -> Result:
    """Do a job here and now; whoever watches this thread hears of its progress and can stop it."""
    watcher = _heard.get()
    return finish(job, None if watcher is None else lambda stage: watcher.step(stage=stage))


@contextmanager
def watched(watcher: Watcher) -> Iterator[None]:
    """Have all that is read in this thread told to a watcher."""
    token = _heard.set(watcher)
    try:
        yield
    finally:
        _heard.reset(token)


def aside(work: Callable[[], Result], total: int, what: str) -> Job[Result]:
    """Do work that reads about `total` bytes in a thread; the job tells how many and can be closed at once.

    What the library reads by itself is not counted; such work ends by itself once nobody waits for it.
    """
    yield Progress(0, total, what)
    doing = _Doing(work)
    threading.Thread(target=doing.run, name=f"reading {what}", daemon=True).start()
    try:
        while not doing.over.wait(POLL_S):
            stage = doing.watcher.stage
            yield stage or Progress(min(doing.watcher.read, total), total, what)
    finally:
        doing.watcher.stop.set()
    return doing.result()


class _Doing(Generic[Result]):
    """Work under way in a thread."""

    def __init__(self, work: Callable[[], Result]) -> None:
        self.watcher, self.over = Watcher(threading.Event()), threading.Event()
        self._work = work
        self._found: list[Result] = []
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            with watched(self.watcher):
                self._found.append(self._work())
        except BaseException as error:  # noqa: BLE001 # raised again where the result is waited for
            self._error = error
        finally:
            self.over.set()

    def result(self) -> Result:
        if self._error is not None:
            raise self._error
        return self._found[0]
