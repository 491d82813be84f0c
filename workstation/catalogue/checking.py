"""What may go into the catalogue: each function returns the value, or raises UsageError in one sentence."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workstation.catalogue.facts import Transform
from workstation.errors import UsageError

LONGEST = 100_000
"""Characters of a text, such as a note."""
LARGEST_MM = 1_000_000.0
LARGEST_JSON = 4 << 20
"""Characters of one record or one step's parameters."""


def text(value: str, what: str, longest: int = LONGEST) -> str:
    """Return a text that can be stored: readable, without control signs, not too long."""
    if not isinstance(value, str):
        raise UsageError(f"The {what} must be a text.")
    if len(value) > longest:
        raise UsageError(f"The {what} has {len(value)} characters; at most {longest} can be kept.")
    if not value.isascii() and re.search("[\ud800-\udfff]", value):
        raise UsageError(f"The {what} holds signs that are no readable text. Rename or retype it.")
    return re.sub("[\x00-\x08\x0b-\x1f\x7f]", " ", value)


def name(value: str, what: str) -> str:
    """Return a text of one line that is not empty."""
    line = " ".join(text(value, what, 1000).split())
    if not line:
        raise UsageError(f"The {what} is empty.")
    return line


def path(value: Path) -> Path:
    """Return an absolute path whose name can be stored and found again."""
    absolute = value.absolute()
    if text(str(absolute), "path of the file", 10_000) != str(absolute):
        raise UsageError("The path of the file holds signs that are no readable text. Rename it.")
    return absolute


def positive(value: float | None, what: str, largest: float = LARGEST_MM) -> float | None:
    """Return a number above 0, or None where it is not known."""
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value <= largest:
        raise UsageError(f"The {what} must be a number above 0 and at most {largest:g}, not {value}.")
    return float(value)


def opacity(value: float) -> float:
    """Return a number from 0 to 1."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
        raise UsageError(f"The opacity must be a number from 0 to 1, not {value}.")
    return float(value)


def transform(values: Sequence[float]) -> Transform:
    """Return nine finite numbers that map the scan onto an area and not onto a line or a point."""
    wrong = UsageError("A transform is nine finite numbers, row by row, that can be inverted.")
    try:
        a, b, c, d, e, f, g, h, i = (float(value) for value in values)
    except (TypeError, ValueError, OverflowError):
        raise wrong from None
    determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    if not math.isfinite(determinant) or determinant == 0:
        raise wrong
    return (a, b, c, d, e, f, g, h, i)


def sha256(value: str, what: str) -> str:
    """Return a SHA-256 as 64 small hex digits."""
    if not isinstance(value, str) or not re.fullmatch("[0-9a-f]{64}", value):
        raise UsageError(f"The SHA-256 of the {what} must be 64 hex digits.")
    return value


def as_json(value: Any, what: str) -> str:
    """Return plain values as canonical JSON: the same values give the same text."""
    try:
        written = json.dumps(
            value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
        )
    except (TypeError, ValueError, RecursionError):
        raise UsageError(f"The {what} must consist of plain JSON values, without NaN or infinity.") from None
    if len(written) > LARGEST_JSON:
        raise UsageError(f"The {what} is longer than {LARGEST_JSON >> 20} MiB.")
    if re.search("[\ud800-\udfff]", written):
        raise UsageError(f"The {what} holds signs that are no readable text.")
    return written
