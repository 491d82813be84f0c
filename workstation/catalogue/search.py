"""Full-text search over everything that the catalogue holds; any text is a question, none is an error."""

from __future__ import annotations

from workstation.catalogue.facts import Hit
from workstation.catalogue.schema import SUBJECTS
from workstation.catalogue.shelf import Shelf

MOST_WORDS = 16
LONGEST_WORD = 100

FIND = """SELECT words.rowid AS place, painting, snippet(words, 1, '«', '»', '…', 12) AS words
    FROM words LEFT JOIN paintings ON paintings.id = words.painting
    WHERE words MATCH ? AND paintings.removed IS NULL ORDER BY rank LIMIT ?"""


class Search(Shelf):
    """The part of the catalogue that finds things again."""

    def search(self, text: str, most: int = 100) -> tuple[Hit, ...]:
        """Return what holds every word of `text`, or a word that begins so; the best finding first."""
        question = _question(text)
        if not question:
            return ()
        with self.database.reading() as database:
            rows = list(database.query(FIND, [question, max(1, min(most, 10_000))]))
        return tuple(
            Hit(SUBJECTS[row["place"] % 8], row["place"] // 8, row["painting"], row["words"]) for row in rows
        )


def _question(text: str) -> str:
    """Quote each word, so that nothing in it is read as FTS5's own language."""
    readable = text.encode(errors="replace").decode().replace("\0", " ")
    words = [word[:LONGEST_WORD].replace('"', " ") for word in readable.split()]
    words = [word for word in words if any(sign.isalnum() for sign in word)]
    return " ".join(f'"{word}"*' for word in words[:MOST_WORDS])
