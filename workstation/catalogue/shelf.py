"""What all parts of the catalogue share: the folder, the database, and how a row is found or put."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workstation.catalogue.database import Database
from workstation.errors import CatalogueError

if TYPE_CHECKING:
    import sqlite_utils

Row = dict[str, Any]


class Shelf:
    """The base of each part of the catalogue."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.folder = folder
        self.database = database


def row_of(database: sqlite_utils.Database, table: str, what: str, number: int) -> Row:
    """Return one row; CatalogueError where the catalogue has none of that number."""
    # an id outside SQLite's 64 bits cannot even be asked for
    rows = rows_of(database, table, "id = ?", [number]) if abs(number) < 1 << 63 else []
    if not rows:
        raise CatalogueError(f"The catalogue has no {what} {number}. See: workstation catalogue list")
    return rows[0]


def rows_of(database: sqlite_utils.Database, table: str, where: str, values: list[Any]) -> list[Row]:
    """Return the rows of a table in the order they came."""
    return list(database.query(f"SELECT * FROM {table} WHERE {where} ORDER BY id", values))


def put(database: sqlite_utils.Database, table: str, row: Row) -> int:
    """Add a row and return its number."""
    return int(database.table(table).insert(row).last_rowid or 0)


def now() -> str:
    """Return this moment as the catalogue keeps it."""
    return datetime.now(UTC).isoformat(timespec="microseconds")
