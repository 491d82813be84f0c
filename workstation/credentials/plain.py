"""What a credential says of a file that is signed as it is."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from workstation.credentials.content import Action, Content, Ingredient
from workstation.errors import ScanError
from workstation.scans.opening import open_scan
from workstation.scans.thumbnail import is_quick, thumbnail


def content_as_it_is(path: Path, title: str | None = None) -> Content:
    """Say that a file was opened and nothing else was done.

    Pictures have a thumbnail, but not those of which all pixels would have to be decoded for it for long.
    """
    preview = None
    with suppress(ScanError), open_scan(path, to_look=True) as picture:
        preview = thumbnail(picture) if is_quick(picture) else None
    opened = Action("c2pa.opened", description=f"Opened {path.name}")
    return Content(title or path.name, (opened,), (Ingredient(path, path.name),), thumbnail=preview)
