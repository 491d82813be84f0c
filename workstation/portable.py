"""The one place for what differs between Linux, macOS and Windows.

Tried on Linux only; the Windows branches follow the documentation of Python's os and msvcrt modules.
"""

from __future__ import annotations

import ctypes
import errno
import io
import mmap
import os
import platform
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

WINDOWS = os.name == "nt"
_MMAP_THRESHOLD = -3
"""Of glibc's mallopt."""


def return_large_blocks(size: int = 4 << 20) -> None:
    """Let the system have every block of at least `size` bytes back as soon as it is freed.

    glibc would raise that limit to the largest block ever freed (a texture, where the screen is drawn in
    software), and from then on keep such blocks in its heap, torn apart by small ones: 100 MB in some
    hundred views.
    """
    if sys.platform == "linux":
        with suppress(AttributeError):  # musl has no mallopt, and no such habit
            ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, size)


def as_typed(path: Path) -> str:
    """Return a path as it is typed in a terminal, in quotes where it needs them."""
    text = str(path)
    return subprocess.list2cmdline([text]) if WINDOWS else shlex.quote(text)


def without_a_window() -> dict[str, Any]:
    """Return what starts a process behind the scenes: Windows would show a black window for it."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NO_WINDOW}
    return {}


def new_pages(size: int) -> mmap.mmap:
    """Return zeroed memory outside the heap; the system has it back as soon as nothing refers to it.

    Raises MemoryError where there is no room.
    """
    try:
        if not hasattr(mmap, "MAP_POPULATE"):
            return mmap.mmap(-1, size)
        # one call for all pages: a fault for each of them would cost a third of decoding what comes in
        return mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_POPULATE)
    except OSError as error:  # on Windows there is no other reason
        if WINDOWS or error.errno == errno.ENOMEM:
            raise MemoryError from error
        raise


def yield_to_others() -> None:
    """Let this thread have only what all other work leaves over, to its end, where that can be."""
    if sys.platform == "linux":  # elsewhere the call would slow down the whole process
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)


class ReadOnlyFile:
    """A file that many threads read at positions of their own; closed with the object."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("rb", buffering=0)
        self._lock = threading.Lock()
        facts = os.fstat(self._file.fileno())
        self.size, self.modified_ns = facts.st_size, facts.st_mtime_ns

    def read_at(self, offset: int, count: int) -> bytes:
        """Return up to `count` bytes from `offset`; fewer at the end of the file."""
        try:
            if not WINDOWS:
                return os.pread(self._file.fileno(), count, offset)
            with self._lock:
                self._file.seek(offset)
                return self._file.read(count)
        except OSError as error:
            raise self._named(error) from error

    def read_into(self, offset: int, buffer: memoryview) -> int:
        """Fill `buffer`, which is bytes, from `offset`; return how many the file has."""
        try:
            if hasattr(os, "preadv"):
                return os.preadv(self._file.fileno(), [buffer], offset)
            with self._lock:
                self._file.seek(offset)
                return self._file.readinto(buffer)
        except OSError as error:
            raise self._named(error) from error

    def is_unchanged(self) -> bool:
        """Tell whether length and time of change are those of when it was opened."""
        facts = os.fstat(self._file.fileno())
        return (facts.st_size, facts.st_mtime_ns) == (self.size, self.modified_ns)

    def stream(self) -> io.BufferedReader:
        """Return the same open file, whatever its path has become, for a library that reads on and on."""
        return io.BufferedReader(_Stream(self))

    def _named(self, error: OSError) -> OSError:
        """Return an error that says which file it is about: the system says it only of one being opened."""
        return OSError(error.errno, error.strerror, str(self.path))

    def close(self) -> None:
        """Give the file back to the system; closing twice is harmless."""
        self._file.close()


class _Stream(io.RawIOBase):
    """A reader with a place of its own in a file that it does not close."""

    def __init__(self, file: ReadOnlyFile) -> None:
        self._read_only, self._at = file, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        starts = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._read_only.size}
        if starts[whence] + offset < 0:
            raise ValueError("There is nothing before the start of a file.")
        self._at = starts[whence] + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        count = self._read_only.read_into(self._at, memoryview(buffer).cast("B"))
        self._at += count
        return count


class PositionedWriter:
    """A file that many threads write at positions of their own; new, or kept as it is up to a place."""

    def __init__(self, path: Path, keep: int = 0) -> None:
        self._file = path.open("r+b" if keep else "w+b", buffering=0)
        self._file.truncate(keep)
        self._lock = threading.Lock()

    def write_at(self, offset: int, data: bytes) -> None:
        """Write all of `data` at `offset`."""
        if WINDOWS:
            with self._lock:
                self._file.seek(offset)
                self._file.write(data)
            return
        view = memoryview(data)
        while view:
            written = os.pwrite(self._file.fileno(), view, offset)
            view, offset = view[written:], offset + written

    def sync(self) -> None:
        """Return once the bytes are on the disk."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Give the file back to the system; closing twice is harmless."""
        self._file.close()


def processor() -> str:
    """Return the name of the processor, as far as the system tells it: another may round differently."""
    if sys.platform == "linux":  # where platform.processor() is empty
        with suppress(OSError), Path("/proc/cpuinfo").open(encoding="utf-8", errors="replace") as file:
            named = (line.partition(":")[2] for line in file if line.startswith("model name"))
            if name := " ".join(next(named, "").split()):
                return name[:100]
    return " ".join((platform.processor() or platform.machine()).split())[:100]


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut, where the system can."""
    if WINDOWS:
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network file systems refuse
            os.fsync(handle)
    finally:
        os.close(handle)


def restrict_to_owner(path: Path) -> None:
    """Let nobody but the user read `path` (Windows: the profile folder's own rights already do)."""
    if not WINDOWS:
        path.chmod(0o600)


def claimed(path: Path) -> int | None:
    """Take the lock on a file or folder; None where another holds it, or it is gone, or locks do not work.

    The lock ends with the process, however that ends. (Windows: nobody can remove an open file anyway, and
    what was left behind stays.)
    """
    if WINDOWS:
        return None
    import fcntl

    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(handle), path.lstat()):
            return handle
    except OSError:
        pass
    os.close(handle)
    return None


def locked(path: Path) -> int:
    """Take the lock on a file, made where it is not there yet; the lock ends with the process.

    Raises BlockingIOError where another holds it, and another OSError where locks do not work.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException as error:
        os.close(handle)
        if isinstance(error, OSError) and error.errno in (errno.EAGAIN, errno.EACCES, errno.EDEADLK):
            raise BlockingIOError(error.errno, f"{path} is locked") from error
        raise
    return handle


def unclaim(handle: int) -> None:
    """Give back what `claimed` or `locked` returned."""
    os.close(handle)


def unclaim_and_remove(handle: int, path: Path) -> None:
    """Give back what `locked` returned, and remove the file, unless another has it by then."""
    if WINDOWS:  # it removes no open file, ours or another's
        os.close(handle)
    with suppress(OSError):
        path.unlink()
    if not WINDOWS:  # only now, or another's file would be removed
        os.close(handle)


@contextmanager
def stopping_politely() -> Iterator[Callable[[], bool]]:
    """Let a request to end the process (kill, a closed terminal) stop the work as Ctrl-C does.

    Yields what tells whether there was one: a KeyboardInterrupt may be raised within a library that drops it.
    """
    asked: list[int] = []

    def stop(number: int, _: FrameType | None) -> None:
        asked.append(number)
        raise KeyboardInterrupt

    usual = {"SIGINT": signal.default_int_handler, "SIGTERM": signal.SIG_DFL, "SIGHUP": signal.SIG_DFL}
    here = {getattr(signal, name): way for name, way in usual.items() if hasattr(signal, name)}
    if threading.current_thread() is not threading.main_thread():
        here = {}
    changed = {number: way for number, way in here.items() if signal.getsignal(number) is way}
    for number in changed:
        signal.signal(number, stop)
    try:
        yield lambda: bool(asked)
    finally:
        for number, way in changed.items():
            signal.signal(number, way)
