"""The threads that decode tiles: one shared crew, and the promise that its members never wait for it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

Item = TypeVar("Item")

THREADS = max(1, min(os.cpu_count() or 1, 16))
_here = threading.local()


def new_crew(threads: int, name: str) -> ThreadPoolExecutor:
    """Return threads in which `spread` works alone: they are many already, and could wait for each other."""
    return ThreadPoolExecutor(threads, thread_name_prefix=name, initializer=_work_alone)


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


def _work_alone() -> None:
    _here.alone = True
