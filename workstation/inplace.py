"""Changes a file where it lies, by bytes at its end and one pointer to them, so that a crash harms nothing.

A journal beside the file is on the disk before the file is touched, and is removed last. What a killed
process left is settled by the next command that uses the file: it becomes the old file again, unless the
pointer was turned already, which happens only once all that it points to is on the disk.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from workstation.errors import UsageError, WriteError
from workstation.files import writing
from workstation.portable import WINDOWS, locked, sync_folder, unclaim, unclaim_and_remove
from workstation.unfinished import PREFIX

JOURNAL = f"{PREFIX}turns-"
_FORM = "workstation in place 1"
_MOST_HEAD, _MOST_JOURNAL = 64 * 1024, 256 * 1024


@dataclass(frozen=True, slots=True)
class Change:
    """How one file becomes another one and back."""

    end: int
    """The size of the file without the change."""
    size: int
    """The size of the file with it."""
    link: int
    """Where the pointer stands."""
    without: bytes
    """The pointer without the change."""
    turned: bytes
    """The pointer with it."""
    head: bytes
    """The first bytes at the end, by which they are known again; 64 KiB of them count."""


def turn(path: Path, change: Change, tail: Sequence[bytes], is_still: Callable[[], None]) -> None:
    """Put the parts of `tail` at the end of a file and turn its pointer; on any error it is what it was.

    `is_still` raises an error where somebody else has changed the file since the change was prepared. Raises
    WriteError for a full disk or missing rights, UsageError where another process is at the file.
    """
    with _opened(path) as (journal, file):
        is_still()
        journal.begin(change)
        try:
            end = change.end
            for part in tail:
                write_all(file, end, part)
                end += len(part)
            os.fsync(file)
            write_all(file, change.link, change.turned)
            os.fsync(file)
        except BaseException:
            _take_back(file, change)
            journal.is_settled = True
            raise
        journal.is_settled = True


def turn_back(path: Path, change: Change, is_still: Callable[[], None]) -> None:
    """Undo a change; the errors are those of `turn`."""
    with _opened(path) as (journal, file):
        is_still()
        journal.begin(change)
        _take_back(file, change)
        journal.is_settled = True


def mend(path: Path) -> bool:
    """Settle what a killed process left of a change; tell whether there was anything.

    Raises UsageError where somebody works on the file now or has changed it since, WriteError where it cannot
    be written.
    """
    if not journal_of(path.resolve()).exists():
        return False
    with _opened(path):
        return True


def mend_where_possible(path: Path) -> None:
    """Do what `mend` does where the file may be written and nobody is at it: it can be read either way."""
    with suppress(UsageError, WriteError, OSError):
        mend(path)


def journal_of(path: Path) -> Path:
    """Return where the journal of a file lies; `path` has no links in it."""
    return path.with_name(JOURNAL + hashlib.sha256(os.fsencode(path.name)).hexdigest()[:24])


class _Journal:
    """The journal of a file, locked as long as somebody is at the file."""

    def __init__(self, path: Path) -> None:
        self.path, self.is_settled = path, True
        self._handle = _held(path)

    def told(self) -> Change | None:
        """Return what a killed process was about to do; None where it had not begun."""
        os.lseek(self._handle, 0, os.SEEK_SET)
        words, _, digest = os.read(self._handle, _MOST_JOURNAL).rpartition(b"\n")
        if hashlib.sha256(words).hexdigest().encode() != digest:
            return None  # it was cut short itself: then the file has not been touched
        try:
            return _from_words(words)
        except (ValueError, KeyError, TypeError):
            return None

    def begin(self, change: Change) -> None:
        """Have it on the disk what is about to be done."""
        words = _in_words(change)
        os.ftruncate(self._handle, 0)
        write_all(self._handle, 0, words + b"\n" + hashlib.sha256(words).hexdigest().encode())
        os.fsync(self._handle)
        sync_folder(self.path.parent)
        self.is_settled = False

    def close(self) -> None:
        """Remove the journal, unless it is still needed."""
        if not self.is_settled:
            unclaim(self._handle)
            return
        unclaim_and_remove(self._handle, self.path)
        sync_folder(self.path.parent)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[_Journal, int]]:
    """Open a file to change it, settled first."""
    path = path.resolve()
    with writing(path), path.open("r+b", buffering=0) as file:
        try:
            journal = _Journal(journal_of(path))
        except BlockingIOError:
            raise UsageError(f"{path} is being changed by another process. Wait until it is done.") from None
        with closing(journal):
            if (left := journal.told()) is not None:
                journal.is_settled = False
                _settle(path, file.fileno(), left)
                journal.is_settled = True
            yield journal, file.fileno()


def _held(journal: Path) -> int:
    while True:
        handle = locked(journal)
        with suppress(FileNotFoundError):
            if WINDOWS or os.path.samestat(os.fstat(handle), journal.stat()):
                return handle
        unclaim(handle)  # its holder removed it a moment ago


def _settle(path: Path, file: int, change: Change) -> None:
    size, pointer = os.fstat(file).st_size, _read(file, change.link, len(change.turned))
    known = size >= change.end and _is_ours(_read(file, change.end, len(change.head)), change.head)
    both = zip(pointer, change.without, change.turned, strict=False)
    known &= all(byte in (without, turned) for byte, without, turned in both)
    if not known or (pointer == change.turned and size < change.size):
        raise UsageError(
            f"{path} was being changed when that was cut short, and somebody else has changed it since. "
            f"Compare it with a copy, then remove {journal_of(path).name} beside it."
        )
    if pointer != change.turned:
        _take_back(file, change)


def _take_back(file: int, change: Change) -> None:
    write_all(file, change.link, change.without)
    os.fsync(file)  # before the end goes, nothing points there
    os.ftruncate(file, change.end)
    os.fsync(file)


def _is_ours(found: bytes, head: bytes) -> bool:
    """Tell whether bytes are a beginning of what was written; what a power cut kept back reads as zeros."""
    both = zip(found, head, strict=False)
    return found == head[: len(found)] or all(byte in (0, wanted) for byte, wanted in both)


def _read(file: int, at: int, count: int) -> bytes:
    os.lseek(file, at, os.SEEK_SET)
    return os.read(file, count)


def write_all(file: int, at: int, data: bytes) -> None:
    """Write all of `data` at a place of an open file."""
    view = memoryview(data)
    os.lseek(file, at, os.SEEK_SET)
    while view:
        view = view[os.write(file, view) :]


def _in_words(change: Change) -> bytes:
    told = {name: getattr(change, name) for name in ("end", "size", "link")}
    texts = {"without": change.without, "turned": change.turned, "head": change.head[:_MOST_HEAD]}
    told |= {name: base64.b64encode(data).decode() for name, data in texts.items()}
    return json.dumps({"form": _FORM, **told}).encode()


def _from_words(words: bytes) -> Change:
    told = json.loads(words)
    if told["form"] != _FORM or not 0 < told["link"] < told["end"] < told["size"]:
        raise ValueError("not a journal of ours")
    texts = {name: base64.b64decode(told[name], validate=True) for name in ("without", "turned", "head")}
    if len(texts["without"]) != len(texts["turned"]) or not texts["head"]:
        raise ValueError("not a journal of ours")
    return Change(told["end"], told["size"], told["link"], **texts)
