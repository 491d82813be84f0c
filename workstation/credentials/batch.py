"""Judges thousands of files beside each other; the verdicts wait on the disk, so memory stays the same."""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock
from typing import IO, Any

from workstation.credentials import trust
from workstation.credentials.anchors import AnyTrust
from workstation.credentials.folders import judge_folder
from workstation.credentials.kinds import kind_of
from workstation.credentials.listing import listing_in
from workstation.credentials.verdict import WORST_FIRST, Verdict, as_data
from workstation.credentials.verifying import or_reason, verdict_or_reason
from workstation.credentials.watching import Watcher, in_this_thread, watched
from workstation.errors import WorkstationError
from workstation.jobs import Job, Progress

MOST_WORKERS = 4
LARGE = 64 * 1024 * 1024
"""The library takes some files into memory as a whole: of those above this size one at a time."""
BY_SIZE = 20
"""So few files are told by their megabytes, more of them by their number."""
POLL_S = 0.1
GRAVITY = (*WORST_FIRST, "remote", "none", "trusted")
"""All states, the gravest first."""
REFUSED = "not-checked"


@dataclass(frozen=True, slots=True)
class Entry:
    """One file that was judged, or why it was not."""

    number: int
    state: str
    """A state, or REFUSED."""
    data: dict[str, Any]
    """As verdict.as_data; of a refused file `path` and `sentence` alone."""


class Batch:
    """The verdicts of many files, kept in a temporary file; close it when they are no longer needed."""

    def __init__(self, refused: Sequence[WorkstationError] = ()) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile(prefix="verdicts-")  # noqa: SIM115 # see close
        self._places: list[tuple[int, str, int, int]] = []
        self._end = 0
        self.counts: Counter[str] = Counter()
        self._refused: list[tuple[int, WorkstationError]] = [(-1, error) for error in refused]

    def add(self, number: int, path: Path, found: Verdict | WorkstationError) -> None:
        """Keep what came of one file; numbers are those of the order in which files were named."""
        if isinstance(found, Verdict):
            state: str = found.state
            data = as_data(found)
        else:
            state, data = REFUSED, {"path": str(path), "sentence": str(found)}
            self._refused.append((number, found))
        self.counts[state] += 1
        kept = json.dumps(data).encode()
        self._file.seek(self._end)
        self._file.write(kept)
        self._places.append((number, state, self._end, len(kept)))
        self._end += len(kept)

    def entries(self, *, gravest_first: bool = False) -> Iterator[Entry]:
        """Read what was kept, in the order of the files or by gravity."""
        rank = {state: at for at, state in enumerate((REFUSED, *GRAVITY))}
        places = sorted(self._places)
        if gravest_first:
            places.sort(key=lambda place: rank[place[1]])
        for number, state, start, size in places:
            self._file.seek(start)
            yield Entry(number, state, json.loads(self._file.read(size)))

    def close(self) -> None:
        """Give the temporary file back."""
        self._file.close()

    @property
    def refused(self) -> list[WorkstationError]:
        """Why files could not be judged, in the order of the files."""
        return [error for _, error in sorted(self._refused, key=lambda part: part[0])]

    @property
    def is_good(self) -> bool:
        """Whether every file is trusted and none was refused."""
        return not self._refused and set(self.counts) <= {"trusted"}


def judge_all(
    paths: Sequence[Path], anchors: AnyTrust | None = None, refused: Sequence[WorkstationError] = ()
) -> Job[Batch]:
    """Judge files beside each other; one that cannot be read keeps none of the others waiting.

    Closing the job stops every worker within one block of reading, and leaves nothing behind.
    """
    trusted = trust.trusted() if anchors is None else anchors
    batch, work = Batch(refused), _Work(paths, trusted)
    try:
        yield from _gathered(batch, work)
    except BaseException:
        work.stop.set()
        batch.close()
        raise
    finally:
        work.pool.shutdown(wait=True, cancel_futures=True)
    return batch


def _gathered(batch: Batch, work: _Work) -> Iterator[Progress]:
    waiting: dict[Future[Verdict | WorkstationError], int] = {}
    left = iter(range(len(work.paths)))
    finished = 0
    yield work.progress(finished)
    while True:
        while len(waiting) < 2 * work.workers and (number := next(left, None)) is not None:
            waiting[work.pool.submit(work.judge, number)] = number
        if not waiting:
            return
        over, _ = wait(waiting, POLL_S, FIRST_COMPLETED)
        for future in over:
            number = waiting.pop(future)
            batch.add(number, work.paths[number], future.result())
            work.finish(number)
            finished += 1
        yield work.progress(finished)


class _Work:
    """What the workers share."""

    def __init__(self, paths: Sequence[Path], anchors: AnyTrust) -> None:
        self.paths, self._anchors = paths, anchors
        self.workers = min(MOST_WORKERS, os.cpu_count() or 1)
        self.pool = ThreadPoolExecutor(self.workers, "verifying")
        self.stop = Event()
        self._large = Lock()
        self._sizes = [_size(path) for path in paths] if len(paths) <= BY_SIZE else []
        self._watchers: dict[int, Watcher] = {}
        self._done = 0
        self._last = ""

    def judge(self, number: int) -> Verdict | WorkstationError:
        """Judge one file; called in a thread."""
        path = self.paths[number]
        self._last = path.name
        self._watchers[number] = watcher = Watcher(self.stop)
        with watched(watcher):
            if not _needs_room(path):
                return _judged(path, self._anchors)
            with self._large:
                return _judged(path, self._anchors)

    def finish(self, number: int) -> None:
        """Count a file as read."""
        self._watchers.pop(number, None)
        if self._sizes:
            self._done += self._sizes[number]

    def progress(self, finished: int) -> Progress:
        """Say how far all workers are together: in files, or of few files in megabytes."""
        if not self._sizes:
            return Progress(finished, len(self.paths), self._last)
        total = sum(self._sizes)
        under_way = list(self._watchers.items())
        read = sum(min(watcher.read, self._sizes[number]) for number, watcher in under_way)
        return Progress((self._done + read) >> 20, total >> 20, self._last)


def _judged(path: Path, anchors: AnyTrust) -> Verdict | WorkstationError:
    listing = listing_in(path) if path.is_dir() else None
    if listing is None:
        return verdict_or_reason(path, anchors)
    return or_reason(lambda: in_this_thread(judge_folder(path, listing, anchors)))


def _size(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_size
    return 0


def _needs_room(path: Path) -> bool:
    with suppress(OSError):
        return path.is_file() and path.stat().st_size > LARGE and kind_of(path) != "image/tiff"
    return False
