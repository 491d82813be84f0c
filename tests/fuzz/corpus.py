"""The corpus: small files, made by fuzzing our own seeds, each of which reaches code that no other reaches.

    python -m tests.fuzz.corpus add FILE…

They lie in one archive beside this module, and `test_corpus.py` replays them.
"""

from __future__ import annotations

import hashlib
import sys
import zipfile
from pathlib import Path

ARCHIVE = Path(__file__).with_name("corpus.zip")
_MOMENT = (2026, 1, 1, 0, 0, 0)


def corpus() -> dict[str, bytes]:
    """Return the files of the corpus by name."""
    if not ARCHIVE.exists():
        return {}
    with zipfile.ZipFile(ARCHIVE) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write(files: dict[str, bytes]) -> None:
    """Write the archive anew; the same files give the same bytes."""
    with zipfile.ZipFile(ARCHIVE, "w") as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, _MOMENT), files[name], zipfile.ZIP_DEFLATED, 9)


def add(paths: list[Path]) -> None:
    """Take files into the corpus, each named by its own bytes."""
    new = {hashlib.sha256(data).hexdigest()[:16]: data for data in (path.read_bytes() for path in paths)}
    write(corpus() | new)


if __name__ == "__main__":
    if sys.argv[1:2] != ["add"]:
        sys.exit(__doc__)
    add([Path(name) for name in sys.argv[2:]])
