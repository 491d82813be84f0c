"""A file of any size read once, for several who each want all of it: hashes, and a copy."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TypeAlias

from workstation.errors import ChangedError
from workstation.jobs import Job, Progress

Taker: TypeAlias = Callable[[memoryview], object]
"""Takes the next bytes; they are only there until it returns."""
BLOCK, _BLOCKS = 4 << 20, 4


def pour(path: Path, takers: Sequence[Taker], ranges: Iterable[tuple[int, int]], what: str) -> Job[None]:
    """Hand the bytes of some ranges (start, end) to every taker, in order, each in a thread of its own.

    Raises ChangedError where the file ends before a range does.
    """
    with ExitStack() as stack:
        file = stack.enter_context(path.open("rb", buffering=0))
        threads = [stack.enter_context(ThreadPoolExecutor(1, "taker")) for _ in takers]
        buffers = deque(memoryview(bytearray(BLOCK)) for _ in range(_BLOCKS))
        in_use: deque[tuple[memoryview, list[Future[object]]]] = deque()
        parts = list(ranges)
        done, total = 0, sum(end - start for start, end in parts)
        for start, end in parts:
            file.seek(start)
            while start < end:
                if not buffers:
                    buffers.append(_emptied(*in_use.popleft()))
                buffer = buffers.popleft()
                count = file.readinto(buffer[: min(end - start, BLOCK)])
                if not count:
                    raise ChangedError(f"{path} became shorter while it was read.")
                block = buffer[:count]
                pairs = zip(threads, takers, strict=True)
                in_use.append((buffer, [thread.submit(take, block) for thread, take in pairs]))
                start, done = start + count, done + count
                yield Progress(done, total, what)
        while in_use:
            _emptied(*in_use.popleft())


def _emptied(buffer: memoryview, takings: list[Future[object]]) -> memoryview:
    for taking in takings:
        taking.result()
    return buffer


class Patched:
    """The hash of a file in which some bytes are others."""

    def __init__(self, place: int, instead: bytes) -> None:
        self.digest, self._at = hashlib.sha256(), 0
        self._place, self._instead = place, instead

    def update(self, block: memoryview) -> None:
        """Take the next bytes of the file as it is."""
        first, last = self._place - self._at, self._place + len(self._instead) - self._at
        self._at += len(block)
        if last <= 0 or first >= len(block):
            self.digest.update(block)
            return
        start, end = max(first, 0), min(last, len(block))
        self.digest.update(block[:start])
        self.digest.update(self._instead[start - first : end - first])
        self.digest.update(block[end:])
