"""The threads that decode tiles: one shared crew, and the promise that its members never wait for it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import cache
from itertools import islice
from typing import TypeVar

from workstation.portable import yield_to_others

Item = TypeVar("Item")

THREADS = max(1, min(os.cpu_count() or 1, 16))
_here = threading.local()


def new_crew(threads: int, name: str, *, in_background: bool = False) -> ThreadPoolExecutor:
    """Return threads in which `spread` works alone: they are many already, and could wait for each other."""
    begin = work_behind if in_background else _work_alone
    return ThreadPoolExecutor(threads, thread_name_prefix=name, initializer=begin)


def each(
    crew: ThreadPoolExecutor, threads: int, work: Callable[[Item], None], items: Iterable[Item]
) -> Iterator[None]:
    """Do `work` for every item, a few at a time; yield after each, raise the first error."""
    todo = (crew.submit(work, item) for item in items)
    running: set[Future[None]] = set(islice(todo, threads + 1))
    while running:
        ended, running = wait(running, return_when=FIRST_COMPLETED)
        for future in ended:
            future.result()
        running |= set(islice(todo, len(ended)))  # first: nobody idles while the caller looks
        yield from (None for _ in ended)


def spread(work: Callable[[Item], None], items: Iterable[Item]) -> None:
    """Do `work` for every item, in several threads where that helps; raise the first error."""
    todo = list(items)
    if len(todo) < 2 or THREADS == 1 or getattr(_here, "alone", False):
        for item in todo:
            work(item)
        return
    for _ in _decoders().map(work, todo):
        pass


@cache
def _decoders() -> ThreadPoolExecutor:
    return new_crew(THREADS, "decode")


def work_behind() -> None:
    """Make this thread one that `spread` works alone in, after all others."""
    _work_alone()
    yield_to_others()


def _work_alone() -> None:
    _here.alone = True
