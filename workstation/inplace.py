"""Changes a file where it lies, by bytes at its end and one pointer to them, so that a crash harms nothing.

A journal beside the file is on the disk before the file is touched, and is removed last. What a killed
process left is settled by the next command that uses the file: it becomes the old file again, unless the
pointer was turned already, which happens only once all that it points to is on the disk.
"""

from __future__ import annotations

import base64
import errno
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
_FORM = "workstation in place 2"
_MOST_HEAD, _MOST_JOURNAL = 64 * 1024, 256 * 1024
_PIECES, _PIECE = 17, 64 * 1024
"""By so much of a file it is known again."""
_LARGEST = 1 << 62
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP)


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
        journal.begin(change, file)
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
        journal.begin(change, file)
        _take_back(file, change)
        journal.is_settled = True


def mend(path: Path) -> bool:
    """Settle what a killed process left of a change; tell whether there was anything.

    Raises UsageError where somebody works on the file now or has changed it since, WriteError where it cannot
    be written.
    """
    if not os.path.lexists(journal_of(path.resolve())):
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


def at_rest(path: Path) -> Callable[[], bool]:
    """Return what tells whether nobody has been at a file from now on, neither we nor somebody else."""
    path = path.resolve()

    def seen() -> tuple[int, int, bool]:
        facts = path.stat()
        return facts.st_size, facts.st_mtime_ns, os.path.lexists(journal_of(path))

    before = seen()
    return lambda: not before[2] and seen() == before


@dataclass(frozen=True, slots=True)
class _Left:
    """What a killed process left."""

    change: Change
    sample: str
    """By which the file is known again that it was at work on."""


class _Journal:
    """The journal of a file, locked as long as somebody is at the file."""

    def __init__(self, path: Path) -> None:
        self.path, self.is_settled = path, True
        self._handle = _held(path)

    def told(self) -> _Left | None:
        """Return what a killed process was about to do; None where it had not begun.

        Raises UsageError where that cannot be understood.
        """
        os.lseek(self._handle, 0, os.SEEK_SET)
        words, _, digest = os.read(self._handle, _MOST_JOURNAL).rpartition(b"\n")
        if hashlib.sha256(words).hexdigest().encode() != digest:
            return None  # it was cut short itself: then the file has not been touched
        try:
            return _from_words(words)
        except (ValueError, KeyError, TypeError, RecursionError):
            raise UsageError(
                f"{self.path} tells of a change that was cut short, in a way that is not understood here. "
                "Compare the file that it is about with a copy, then remove it."
            ) from None

    def begin(self, change: Change, file: int) -> None:
        """Have it on the disk what is about to be done to an open file."""
        words = _in_words(change, _sample(file, change))
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
            journal.is_settled = False
            if (left := journal.told()) is not None:
                _settle(path, file.fileno(), left)
            journal.is_settled = True
            yield journal, file.fileno()


def _held(journal: Path) -> int:
    if os.path.lexists(journal) and (journal.is_symlink() or not journal.is_file()):
        raise UsageError(f"{journal} is a link or no file, so that nothing is written there. Remove it.")
    while True:
        try:
            handle = locked(journal)
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
            if journal.stat().st_size == 0:  # it came about by asking for the lock
                journal.unlink()
            raise WriteError(
                f"{journal.parent} lies on a file system without locks, where no file is changed in place. "
                "Work on a copy of it."
            ) from None
        with suppress(FileNotFoundError):
            if WINDOWS or os.path.samestat(os.fstat(handle), journal.stat()):
                return handle
        unclaim(handle)  # its holder removed it a moment ago


def _settle(path: Path, file: int, left: _Left) -> None:
    """Make a file the old one or the new one; UsageError where it is neither of the two nor on the way."""
    change = left.change
    size, pointer = os.fstat(file).st_size, _read(file, change.link, len(change.turned))
    known = size >= change.end and _is_ours(_read(file, change.end, len(change.head)), change.head)
    if known and pointer == change.turned and size >= change.size:
        return
    both = zip(pointer, change.without, change.turned, strict=False)
    known &= all(byte in (without, turned) for byte, without, turned in both)
    known &= size <= change.size and pointer != change.turned
    if not known or _sample(file, change) != left.sample:
        raise UsageError(
            f"{path} was being changed when that was cut short, and somebody else has changed it since. "
            f"Compare it with a copy, then remove {journal_of(path).name} beside it."
        )
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


def _sample(file: int, change: Change) -> str:
    """Return a hash of pieces from all over a file as it is without a change, but for the pointer."""
    digest, last = hashlib.sha256(), max(change.end - _PIECE, 0)
    for at in (last * number // (_PIECES - 1) for number in range(_PIECES)):
        piece = bytearray(_read(file, at, min(_PIECE, change.end - at)))
        for place in range(max(change.link - at, 0), min(change.link - at + len(change.turned), len(piece))):
            piece[place] = 0
        digest.update(piece)
    return digest.hexdigest()


def _read(file: int, at: int, count: int) -> bytes:
    os.lseek(file, at, os.SEEK_SET)
    return os.read(file, count)


def write_all(file: int, at: int, data: bytes) -> None:
    """Write all of `data` at a place of an open file."""
    view = memoryview(data)
    os.lseek(file, at, os.SEEK_SET)
    while view:
        view = view[os.write(file, view) :]


def _in_words(change: Change, sample: str) -> bytes:
    told = {name: getattr(change, name) for name in ("end", "size", "link")}
    texts = {"without": change.without, "turned": change.turned, "head": change.head[:_MOST_HEAD]}
    told |= {name: base64.b64encode(data).decode() for name, data in texts.items()}
    return json.dumps({"form": _FORM, "sample": sample, **told}).encode()


def _from_words(words: bytes) -> _Left:
    told = json.loads(words)
    end, size, link = (told[name] for name in ("end", "size", "link"))
    texts = {name: base64.b64decode(told[name], validate=True) for name in ("without", "turned", "head")}
    is_whole = told["form"] == _FORM and all(type(number) is int for number in (end, size, link))
    pointer = len(texts["turned"])
    if not is_whole or not 0 < link < link + pointer <= end < size < _LARGEST:
        raise ValueError("not a journal of ours")
    if len(texts["without"]) != pointer or not texts["head"]:
        raise ValueError("not a journal of ours")
    return _Left(Change(end, size, link, **texts), str(told["sample"]))
