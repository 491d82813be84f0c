"""Lets a check that reads a large file say how far it is, and be stopped, without each step knowing of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Generic

from workstation.errors import CancelledError
from workstation.jobs import STOPPED, Job, Progress, Result

POLL_S = 0.05
_heard: ContextVar[Callable[[int], None] | None] = ContextVar("heard", default=None)


def have_read(count: int) -> None:
    """Tell whoever watches this thread that so many more bytes were read; raises what stops the work."""
    tell = _heard.get()
    if tell is not None:
        tell(count)


@contextmanager
def watched(tell: Callable[[int], None]) -> Iterator[None]:
    """Have all that is read in this thread told to `tell`, which may raise CancelledError."""
    token = _heard.set(tell)
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
            yield Progress(min(doing.read, total), total, what)
    finally:
        doing.stop.set()
    return doing.result()


class _Doing(Generic[Result]):
    """Work under way in a thread."""

    def __init__(self, work: Callable[[], Result]) -> None:
        self.read = 0
        self.stop, self.over = threading.Event(), threading.Event()
        self._work = work
        self._found: list[Result] = []
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            with watched(self._tell):
                self._found.append(self._work())
        except BaseException as error:  # noqa: BLE001 # raised again where the result is waited for
            self._error = error
        finally:
            self.over.set()

    def result(self) -> Result:
        if self._error is not None:
            raise self._error
        return self._found[0]

    def _tell(self, count: int) -> None:
        self.read += count
        if self.stop.is_set():
            raise CancelledError(STOPPED)
