"""Reading plain JSON that a stranger may have written: each field of the right kind, or one sentence."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from workstation.errors import CatalogueError, UsageError

Value = TypeVar("Value")
MOST_ENTRIES = 200_000
LARGEST_WHOLE = 1 << 62


class Fields:
    """One JSON object; `what` names it in the sentence that refuses it."""

    def __init__(self, found: Any, what: str) -> None:
        if not isinstance(found, dict):
            raise refused(f"{what} is no object")
        self._found = found
        self._what = what

    def text(self, key: str, longest: int = 100_000) -> str:
        """Return a text."""
        value = self._found.get(key)
        if not isinstance(value, str) or len(value) > longest:
            raise self._wrong(key)
        return value

    def whole(self, key: str, least: int = 0) -> int:
        """Return a whole number of at least `least`."""
        value = self._found.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value < LARGEST_WHOLE:
            raise self._wrong(key)
        return value

    def number(self, key: str) -> float | None:
        """Return a number, or None where it is not known."""
        value = self._found.get(key)
        if value is None:
            return None
        if not isinstance(value, int | float) or isinstance(value, bool) or abs(value) > 1e300:
            raise self._wrong(key)
        return float(value)

    def flag(self, key: str) -> bool:
        """Return yes or no."""
        value = self._found.get(key)
        if not isinstance(value, bool):
            raise self._wrong(key)
        return value

    def sha256(self, key: str) -> str:
        """Return 64 hex digits."""
        value = self.text(key, 64)
        if not re.fullmatch("[0-9a-f]{64}", value):
            raise self._wrong(key)
        return value

    def moment(self, key: str) -> str:
        """Return a date and time as it is written."""
        value = self.text(key, 64)
        try:
            aware = datetime.fromisoformat(value).tzinfo is not None
        except ValueError:
            aware = False
        if not aware:
            raise self._wrong(key)
        return value

    def mapping(self, key: str) -> dict[str, Any]:
        """Return an object of plain values."""
        value = self._found.get(key)
        if not isinstance(value, dict):
            raise self._wrong(key)
        return value

    def entries(self, key: str, read: Callable[[Fields], Value], what: str) -> tuple[Value, ...]:
        """Return a list, each of its entries read by `read`."""
        value = self._found.get(key)
        if not isinstance(value, list) or len(value) > MOST_ENTRIES:
            raise self._wrong(key)
        return tuple(read(Fields(entry, f"{what} {place}")) for place, entry in enumerate(value))

    def numbers(self, key: str) -> list[Any]:
        """Return a short list whose values are checked elsewhere."""
        value = self._found.get(key)
        if not isinstance(value, list) or len(value) > 64:
            raise self._wrong(key)
        return value

    def known(self, key: str, count: int) -> int | None:
        """Return a place in a list of `count` entries, or None."""
        value = self._found.get(key)
        if value is None:
            return None
        place = self.whole(key)
        if place >= count:
            raise self._wrong(key)
        return place

    def maybe(self, key: str, read: Callable[[str], Value]) -> Value | None:
        """Return None where the field is null, else what `read` makes of it."""
        return None if self._found.get(key) is None else read(key)

    def _wrong(self, key: str) -> CatalogueError:
        return refused(f"{self._what} has no proper {key!r}")


def parse(data: bytes, what: str) -> Fields:
    """Read JSON text into its outermost object."""
    try:
        found = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        raise refused(f"{what} is no JSON") from None
    return Fields(found, what)


def refused(reason: str) -> CatalogueError:
    """Return the one sentence with which a dossier is turned away."""
    return CatalogueError(f"This dossier cannot be imported: {reason}. Nothing was changed.")


def keeping(check: Callable[[], Value]) -> Value:
    """Run a check of checking.py on a dossier's value; what it says becomes the reason of the refusal."""
    try:
        return check()
    except UsageError as error:
        raise refused(str(error).rstrip(".")) from error
