"""The SQLite file behind the catalogue: opened, checked, upgraded, and changed one transaction at a time.

Each thread has a connection of its own. Readers never wait (write-ahead log); writers wait for each other,
in this process and in others, and each change is either wholly there or not at all.
"""

from __future__ import annotations

import sqlite3
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from workstation.catalogue import schema
from workstation.errors import CatalogueError, WriteError
from workstation.files import replacing, writing

if TYPE_CHECKING:
    import sqlite_utils

PATIENCE = 20.0
"""Seconds to wait for another programme that is writing."""
SMALLEST = 512
"""Bytes of the smallest database that there can be."""
CHECKED = 256 << 20
"""Bytes of a file that is still checked page by page when it is opened (about 0.2 s)."""


class Database:
    """One catalogue file; safe to use from many threads and processes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._own = threading.local()
        self._closers: list[weakref.finalize[[], sqlite_utils.Database]] = []
        self._lock = threading.Lock()
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._telling():
            self._prepare()
            self._watch = self._connect()

    @contextmanager
    def reading(self) -> Iterator[sqlite_utils.Database]:
        """Yield the thread's connection for queries that all see the same state."""
        database = self._mine()
        if database.conn.in_transaction:
            yield database
            return
        with self._telling():
            database.conn.execute("BEGIN")
            try:
                yield database
            finally:
                _abandon(database.conn)

    @contextmanager
    def changing(self) -> Iterator[sqlite_utils.Database]:
        """Yield the thread's connection for one change: all of it is committed, or on an error nothing.

        Inside another change it becomes part of that one.
        """
        database = self._mine()
        if getattr(self._own, "changes", False):
            yield database
            return
        with self._telling():
            database.conn.execute("BEGIN IMMEDIATE")
            self._own.changes = True
            try:
                yield database
                database.conn.execute("COMMIT")
            finally:
                self._own.changes = False
                _abandon(database.conn)

    def data_version(self) -> int:
        """Return a number that is another one after every change, whoever made it."""
        with self._lock, self._telling():
            return int(self._watch.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        """Close the connections of all threads; nobody may use the catalogue any more."""
        for closer in self._closers:
            closer()
        self._watch.close()

    def _mine(self) -> sqlite_utils.Database:
        held: sqlite_utils.Database | None = getattr(self._own, "database", None)
        if held is None:
            import sqlite_utils

            with self._telling():
                connection = self._connect()
            held = sqlite_utils.Database(connection, execute_plugins=False)
            self._own.database = held  # goes with its thread; the connection is closed then
            with self._lock:
                self._closers = [closer for closer in self._closers if closer.alive]
                self._closers.append(weakref.finalize(held, connection.close))
        return held

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=PATIENCE, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = FULL")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _prepare(self) -> None:
        self._check_not_lost()
        connection = self._connect()
        try:
            self._check(connection)
            if 0 < schema.version(connection) < schema.NEWEST:
                self._keep_old(connection)
            _turn_on_log(connection)
            if schema.version(connection) < schema.NEWEST:
                connection.execute("BEGIN IMMEDIATE")
                schema.upgrade(connection)  # another programme may have done it while we waited: then nothing
                connection.execute("COMMIT")
        finally:
            connection.close()

    def _check_not_lost(self) -> None:
        """Refuse what SQLite would overwrite: a file that hardly began, and a log without its file.

        Only by asking for sizes: to open and close the file here would drop the locks that SQLite holds on
        it for this process, and another programme could then throw the log away under our feet.
        """
        log = self.path.with_name(self.path.name + "-wal")
        left_over = log.exists() and log.stat().st_size > 0
        size = self.path.stat().st_size if self.path.exists() else 0
        if left_over and not size:
            raise CatalogueError(
                f"The catalogue {self.path} is gone, but its log {log.name} is still there. "
                "Put the catalogue back from a copy; nothing was changed."
            )
        if 0 < size < SMALLEST:
            raise CatalogueError(_damaged(self.path))

    def _check(self, connection: sqlite3.Connection) -> None:
        if schema.is_foreign(connection):
            raise CatalogueError(f"{self.path} is a database of another programme. Choose another folder.")
        version = schema.version(connection)
        if version > schema.NEWEST:
            raise CatalogueError(
                f"The catalogue {self.path} was written by a newer workstation (format {version}; this one "
                f"knows up to {schema.NEWEST}). Update this programme; nothing was changed."
            )
        if self.path.stat().st_size <= CHECKED:
            (answer,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            if answer != "ok":
                raise CatalogueError(_damaged(self.path))

    def _keep_old(self, connection: sqlite3.Connection) -> None:
        version = schema.version(connection)
        kept = self.path.with_name(f"{self.path.stem}-format-{version}{self.path.suffix}")
        if kept.exists():
            return
        with replacing(kept) as temporary:
            copy = sqlite3.connect(temporary)
            try:
                connection.backup(copy)
            finally:
                copy.close()

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Turn what SQLite says about the file into one sentence; anything else is a bug and stays one."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            sentence = _sentence(self.path, getattr(error, "sqlite_errorcode", 0) & 0xFF)
            if not sentence:
                raise
            raise sentence from error


def _sentence(path: Path, code: int) -> CatalogueError | WriteError | None:
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return CatalogueError(_damaged(path))
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return CatalogueError(
            f"The catalogue {path} was busy for {PATIENCE:.0f} s: another programme is writing to it. "
            "Try again; nothing was changed."
        )
    reasons = {
        sqlite3.SQLITE_FULL: "the disk is full",
        sqlite3.SQLITE_READONLY: "you may not write there",
        sqlite3.SQLITE_CANTOPEN: "you may not write there, or a folder has that name",
        sqlite3.SQLITE_PERM: "you may not write there",
        sqlite3.SQLITE_IOERR: "the disk cannot be read or written",
    }
    if code in reasons:
        return WriteError(f"Cannot write the catalogue {path}: {reasons[code]}. Nothing was changed.")
    return None


def _damaged(path: Path) -> str:
    return (
        f"The catalogue {path} is damaged and was left as it is. Put back a copy, "
        "or move the file away to begin a new catalogue."
    )


def _turn_on_log(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead log; SQLite does not wait by itself when two programmes do this at once."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _abandon(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        with suppress(sqlite3.Error):  # the error that brought us here is the one to tell
            connection.execute("ROLLBACK")
