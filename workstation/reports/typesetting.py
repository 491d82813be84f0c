"""Setting a report with typst: our template and plain data go in, PDF/A comes out; nothing is fetched.

The user's words reach the template as JSON strings and are set as text, never read as typst's own language.
The template sees only the temporary folder that is made for it here.
"""

from __future__ import annotations

import json
import tempfile
import unicodedata
from collections.abc import Callable
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from workstation.errors import WorkstationError

LONGEST_TEXT = 4000


def typeset(template: str, contents: dict[str, Any], pictures: dict[str, bytes], created: datetime) -> bytes:
    """Return the PDF that a template of resources/reports makes of plain values and pictures.

    It is PDF/A-2a: made for keeping, with tags for those who do not see it.

    An archive may hold no sign that its fonts cannot show. Where a first try meets one, further tries spell
    out the signs of rare scripts, and at last all but the plain Latin ones, as U+ and their number.
    """
    import typst

    tries: tuple[Callable[[str], bool], ...] = (lambda sign: True, lambda sign: sign < "\u0530", str.isascii)
    failure: typst.TypstError | None = None
    for allowed in tries:
        try:
            return _compiled(template, _shown(contents, allowed), pictures, created)
        except typst.TypstError as error:
            failure = error
            if "could not be displayed" not in str(error):
                break
    reason = str(failure).splitlines()[0]
    raise WorkstationError(f"The report could not be set: {reason}.") from failure


def _compiled(template: str, contents: Any, pictures: dict[str, bytes], created: datetime) -> bytes:
    import typst

    with tempfile.TemporaryDirectory(prefix="report-") as name:
        folder = Path(name)
        source = folder / template
        source.write_bytes(files("resources").joinpath("reports", template).read_bytes())
        (folder / "contents.json").write_text(json.dumps(contents), encoding="utf-8")
        for picture, data in pictures.items():
            (folder / picture).write_bytes(data)
        moment = int(created.timestamp())
        return typst.compile(source, root=folder, format="pdf", pdf_standards="a-2a", timestamp=moment)


def _shown(value: Any, allowed: Callable[[str], bool]) -> Any:
    """Return plain values whose texts hold only signs that can be set."""
    if isinstance(value, str):
        return _text(value, allowed)
    if isinstance(value, list | tuple):
        return [_shown(entry, allowed) for entry in value]
    if isinstance(value, dict):
        return {key: _shown(entry, allowed) for key, entry in value.items()}
    return value


def _text(text: str, allowed: Callable[[str], bool]) -> str:
    cut = text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + " …"
    signs = []
    for sign in unicodedata.normalize("NFC", cut):
        if sign in "\n\t":
            signs.append(" ")
        elif unicodedata.category(sign) in ("Cc", "Cf", "Co", "Cs", "Cn"):
            continue  # steers or means nothing on paper, and may turn a line round
        else:
            signs.append(sign if allowed(sign) else f"[U+{ord(sign):04X}]")
    return "".join(signs)
