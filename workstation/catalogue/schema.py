"""The tables, as numbered steps: a file of any earlier version becomes today's by the steps it lacks.

A step that has been released is never edited; what changes later is a further step. The number of steps
taken stands in the file itself (PRAGMA user_version).
"""

from __future__ import annotations

import sqlite3

APPLICATION = 0x43575331
"""Marks the file as a catalogue of ours (PRAGMA application_id)."""


def _indexed(table: str, code: int, painting: str, words: str) -> tuple[str, ...]:
    """Return the triggers that keep the full-text index in step with a table."""
    row = f"SELECT new.id * 8 + {code}, {painting}, {words}"
    insert = f"INSERT INTO words (rowid, painting, text) {row};"
    delete = f"DELETE FROM words WHERE rowid = old.id * 8 + {code};"
    return (
        f"CREATE TRIGGER {table}_found AFTER INSERT ON {table} BEGIN {insert} END",
        f"CREATE TRIGGER {table}_refound AFTER UPDATE ON {table} BEGIN {delete} {insert} END",
        f"CREATE TRIGGER {table}_lost AFTER DELETE ON {table} BEGIN {delete} END",
    )


def _of_layer(column: str) -> str:
    return f"(SELECT painting_id FROM layers WHERE id = new.{column})"


SUBJECTS = ("painting", "scan", "layer", "step", "record", "export", "note")
"""What a row of the full-text index stands for: its rowid is id × 8 + the place in this list."""

FIRST = (
    """CREATE TABLE paintings (
        id INTEGER PRIMARY KEY, uid TEXT NOT NULL UNIQUE, title TEXT NOT NULL, artist TEXT NOT NULL,
        accession TEXT NOT NULL, height_mm REAL, width_mm REAL, note TEXT NOT NULL, created TEXT NOT NULL
    )""",
    """CREATE TABLE scans (
        id INTEGER PRIMARY KEY, painting_id INTEGER REFERENCES paintings(id), path TEXT NOT NULL,
        page INTEGER NOT NULL, sha256 TEXT NOT NULL, size_bytes INTEGER NOT NULL, kind TEXT NOT NULL,
        pixels_per_mm REAL, width_px INTEGER NOT NULL, height_px INTEGER NOT NULL, UNIQUE (sha256, page)
    )""",
    """CREATE TABLE layers (
        id INTEGER PRIMARY KEY, painting_id INTEGER NOT NULL REFERENCES paintings(id),
        scan_id INTEGER NOT NULL REFERENCES scans(id), name TEXT NOT NULL, transform TEXT NOT NULL,
        visible INTEGER NOT NULL, opacity REAL NOT NULL, "order" INTEGER NOT NULL,
        cursor INTEGER REFERENCES steps(id), tip INTEGER REFERENCES steps(id)
    )""",
    """CREATE TABLE steps (
        id INTEGER PRIMARY KEY, layer_id INTEGER NOT NULL REFERENCES layers(id),
        parent_id INTEGER REFERENCES steps(id), operation TEXT NOT NULL, version INTEGER NOT NULL,
        parameters TEXT NOT NULL, mask_sha256 TEXT, created TEXT NOT NULL, author TEXT NOT NULL
    )""",
    """CREATE TABLE records (
        id INTEGER PRIMARY KEY, layer_id INTEGER NOT NULL REFERENCES layers(id),
        step_id INTEGER REFERENCES steps(id), record TEXT NOT NULL, sha256 TEXT NOT NULL,
        input_sha256 TEXT, output_sha256 TEXT, created TEXT NOT NULL
    )""",
    """CREATE TABLE exports (
        id INTEGER PRIMARY KEY, layer_id INTEGER REFERENCES layers(id), path TEXT NOT NULL,
        kind TEXT NOT NULL, sha256 TEXT NOT NULL, credential_path TEXT, created TEXT NOT NULL
    )""",
    "CREATE INDEX scans_of_painting ON scans (painting_id)",
    "CREATE INDEX layers_of_painting ON layers (painting_id)",
    "CREATE INDEX layers_of_scan ON layers (scan_id)",
    "CREATE INDEX steps_of_layer ON steps (layer_id)",
    "CREATE INDEX steps_of_parent ON steps (parent_id)",
    "CREATE INDEX records_of_layer ON records (layer_id)",
    "CREATE INDEX records_by_output ON records (output_sha256)",
    "CREATE INDEX exports_of_layer ON exports (layer_id)",
    "CREATE INDEX exports_by_hash ON exports (sha256)",
    """CREATE VIRTUAL TABLE words USING fts5
        (painting UNINDEXED, text, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3')""",
    """CREATE TRIGGER steps_stay BEFORE UPDATE ON steps
        BEGIN SELECT raise(ABORT, 'the history is append-only'); END""",
    """CREATE TRIGGER steps_remain BEFORE DELETE ON steps
        BEGIN SELECT raise(ABORT, 'the history is append-only'); END""",
    *_indexed(
        "paintings",
        0,
        "new.id",
        "new.title || ' ' || new.artist || ' ' || new.accession || ' ' || new.note",
    ),
    *_indexed("scans", 1, "new.painting_id", "new.path || ' ' || new.kind || ' ' || new.sha256"),
    *_indexed("layers", 2, "new.painting_id", "new.name"),
    *_indexed(
        "steps", 3, _of_layer("layer_id"), "new.operation || ' ' || new.parameters || ' ' || new.author"
    ),
    *_indexed("records", 4, _of_layer("layer_id"), "new.record"),
    *_indexed("exports", 5, _of_layer("layer_id"), "new.path || ' ' || new.kind || ' ' || new.sha256"),
)

SECOND = (
    "ALTER TABLE paintings ADD COLUMN removed TEXT",
    """CREATE TABLE notes (
        id INTEGER PRIMARY KEY, painting_id INTEGER NOT NULL REFERENCES paintings(id),
        text TEXT NOT NULL, author TEXT NOT NULL, created TEXT NOT NULL
    )""",
    "CREATE INDEX notes_of_painting ON notes (painting_id)",
    *_indexed("notes", 6, "new.painting_id", "new.text || ' ' || new.author"),
)

STEPS = (FIRST, SECOND)
NEWEST = len(STEPS)


def version(connection: sqlite3.Connection) -> int:
    """Return how many of the steps the file has taken; 0 for a new one."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def is_foreign(connection: sqlite3.Connection) -> bool:
    """Tell whether the file is a database of another programme."""
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    return bool(application != APPLICATION and tables)


def upgrade(connection: sqlite3.Connection) -> None:
    """Take the steps that are lacking; the caller holds the write lock and commits."""
    for step in STEPS[version(connection) :]:
        for statement in step:
            connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.execute(f"PRAGMA user_version = {NEWEST}")
