"""The real paintings that some benchmarks measure on; they are no part of the project."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "paintings"


def paintings() -> list[Path]:
    """Return all of them in the order of their names; an empty list, and a word about it, without them."""
    found = sorted(FOLDER.glob("*.jpg"))
    if not found:
        print("the folder of real paintings is not here")
    return found
