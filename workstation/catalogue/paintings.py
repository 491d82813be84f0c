"""Paintings and what was noted about them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from workstation.catalogue import checking
from workstation.catalogue.facts import Note, Painting
from workstation.catalogue.shelf import Row, Shelf, now, put, row_of, rows_of
from workstation.errors import CatalogueError, UsageError

COLUMNS = ("id", "title", "artist", "accession", "height_mm", "width_mm", "note")


class Paintings(Shelf):
    """The part of the catalogue that knows the physical objects."""

    def add_painting(
        self,
        title: str,
        *,
        artist: str = "",
        accession: str = "",
        height_mm: float | None = None,
        width_mm: float | None = None,
        note: str = "",
    ) -> Painting:
        """Enter a painting and return it with its number."""
        sizes = {"height_mm": height_mm, "width_mm": width_mm}
        values = checked_fields(
            {"title": title, "artist": artist, "accession": accession, "note": note, **sizes}
        )
        with self.database.changing() as database:
            number = put(database, "paintings", {**values, "uid": uuid.uuid4().hex, "created": now()})
            return self.painting(number)

    def change_painting(self, painting_id: int, **changes: Any) -> Painting:
        """Change what is known of a painting; the fields not named stay."""
        unknown = sorted(set(changes) - set(COLUMNS[1:]))
        if unknown:
            raise UsageError(f"A painting has no field {unknown[0]!r}. It has: {', '.join(COLUMNS[1:])}.")
        values = checked_fields(changes)
        with self.database.changing() as database:
            self.painting(painting_id)
            database.table("paintings").update(painting_id, values)
            return self.painting(painting_id)

    def painting(self, painting_id: int) -> Painting:
        """Return one painting; CatalogueError where there is none of that number."""
        with self.database.reading() as database:
            row = row_of(database, "paintings", "painting", painting_id)
        if row["removed"]:
            raise CatalogueError(
                f"Painting {painting_id} was removed. "
                f"Bring it back by: workstation catalogue restore {painting_id}"
            )
        return painting_from(row)

    def paintings(self) -> tuple[Painting, ...]:
        """Return all paintings that were not removed."""
        with self.database.reading() as database:
            return tuple(map(painting_from, rows_of(database, "paintings", "removed IS NULL", [])))

    def paintings_named(self, accession: str) -> tuple[Painting, ...]:
        """Return the paintings of an accession number."""
        where = "removed IS NULL AND accession = ?"
        with self.database.reading() as database:
            return tuple(map(painting_from, rows_of(database, "paintings", where, [accession])))

    def remove_painting(self, painting_id: int) -> Painting:
        """Take a painting out of lists and searches; nothing is deleted, `restore_painting` undoes it."""
        with self.database.changing() as database:
            painting = self.painting(painting_id)
            database.table("paintings").update(painting_id, {"removed": now()})
            return painting

    def restore_painting(self, painting_id: int) -> Painting:
        """Bring a removed painting back as it was."""
        with self.database.changing() as database:
            row_of(database, "paintings", "painting", painting_id)
            database.table("paintings").update(painting_id, {"removed": None})
            return self.painting(painting_id)

    def add_note(self, painting_id: int, text: str, author: str = "") -> Note:
        """Keep what somebody wrote about a painting."""
        written, who = checking.text(text, "note"), checking.text(author, "author", 1000)
        if not written.strip():
            raise UsageError("The note is empty.")
        with self.database.changing() as database:
            self.painting(painting_id)
            row = {"painting_id": painting_id, "text": written, "author": who, "created": now()}
            return note_from({**row, "id": put(database, "notes", row)})

    def notes(self, painting_id: int) -> tuple[Note, ...]:
        """Return what was written about a painting, oldest first."""
        with self.database.reading() as database:
            return tuple(map(note_from, rows_of(database, "notes", "painting_id = ?", [painting_id])))


def painting_from(row: Row) -> Painting:
    """Read a row of the table of paintings."""
    return Painting(**{column: row[column] for column in COLUMNS})


def note_from(row: Row) -> Note:
    """Read a row of the table of notes."""
    return Note(**{**row, "created": datetime.fromisoformat(row["created"])})


def checked_fields(given: Row) -> Row:
    """Check those of a painting's fields that are given."""
    values: Row = {}
    for field in COLUMNS[1:]:
        if field not in given:
            continue
        if field == "title":
            values[field] = checking.name(given[field], "title")
        elif field.endswith("_mm"):
            values[field] = checking.positive(given[field], field.replace("_mm", " in mm"))
        else:
            values[field] = checking.text(given[field], field)
    return values
