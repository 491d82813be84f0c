"""Finds the scan that a credential names: by its SHA-256, where it is given, known, or beside the result."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from workstation.credentials.before import hash_before
from workstation.credentials.judging import plain_line
from workstation.errors import ScanError
from workstation.jobs import Job
from workstation.scans.identity import Witness, hashing, witness

LONGEST_NAME = 255
"""Bytes; no file system takes a longer one."""


class ScanMissingError(ScanError):
    """The scan of a result is not where it was looked for."""


def check_scan(path: Path, sha256: str, result: Path) -> Job[Witness]:
    """Raise ScanError unless this is the file of that hash; return its witness from before it was read.

    A TIFF that was signed since is the same scan: it is known by the hash that it had before.
    """
    unchanged = witness(path)
    found = yield from hashing(path)
    if found == sha256 or (yield from hash_before(path)) == sha256:
        return unchanged
    told = f"its SHA-256 is {found[:16]}…, recorded is {sha256[:16]}…"
    raise ScanError(f"{path} is not the scan that {result.name} was made from: {told}.")


def find_scan(result: Path, title: str, sha256: str, known: Iterable[Path]) -> Job[tuple[Path, Witness]]:
    """Return the file of that hash among the `known` ones or under its `title` beside the result.

    Raises ScanMissingError where it is none of them.
    """
    beside = [result.parent / title] if _is_name(title) else []
    for path in dict.fromkeys([*known, *beside]):
        if path.is_file():
            with suppress(ScanError):
                return path, (yield from check_scan(path, sha256, result))
    raise ScanMissingError(
        f"The scan of {result.name} ({plain_line(title) or 'unnamed'}, SHA-256 {sha256[:16]}…) lies neither "
        "beside it nor where the catalogue knows it. Name its file (on the command line: --scan)."
    )


def _is_name(title: str) -> bool:
    """Tell whether a title from a credential is a plain file name: nothing else is looked for."""
    is_short = len(title.encode(errors="replace")) <= LONGEST_NAME
    return is_short and title == Path(title).name != "" and title.isprintable() and "\\" not in title
