"""What a credential says of a file that is signed as it is."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from workstation.credentials.content import Action, Content, Ingredient
from workstation.errors import ScanError
from workstation.scans.opening import open_scan
from workstation.scans.thumbnail import thumbnail


def content_as_it_is(path: Path, title: str | None = None) -> Content:
    """Say that a file was opened and nothing else was done; pictures have a thumbnail."""
    preview = None
    with suppress(ScanError), open_scan(path, to_look=True) as picture:
        preview = thumbnail(picture)
    opened = Action("c2pa.opened", description=f"Opened {path.name}")
    return Content(title or path.name, (opened,), (Ingredient(path, path.name),), thumbnail=preview)
