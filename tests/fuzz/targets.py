"""What the fuzzer does with bytes: open them as a TIFF and look. Any exception but ours is a finding."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from workstation.commands.command import one_object
from workstation.errors import ScanError
from workstation.jobs import finish
from workstation.scans.checking import check_file
from workstation.scans.opening import describe, open_scan

_SIDE, _PAGES, _CHECKED = 64, 3, 1 << 22


def headers(path: Path) -> None:
    """Read all that a file says of itself: directories, tables, words, profiles."""
    one_object({"pages": [asdict(page) for page in describe(path).pages]})


def pixels(path: Path) -> None:
    """Read both ends of every level of some pages, and check the file where that is little work."""
    pages, work = describe(path).pages[:_PAGES], 0
    for page in pages:
        with open_scan(path, page.index) as scan:
            for index, level in enumerate(scan.levels):
                height, width = min(level.height, _SIDE), min(level.width, _SIDE)
                for y, x in {(0, 0), (level.height - height, level.width - width)}:
                    block = scan.read(index, y, y + height, x, x + width)
                    assert block.shape == (height, width, level.channels)
                    assert block.dtype == level.dtype
            work += sum(scan.levels[level].height * scan.levels[level].width for level in scan.stored)
            assert all(_is_plain(damage.reason) for damage in scan.damaged)
    if work < _CHECKED:
        assert all(_is_plain(damage.reason) for damage in finish(check_file(path)))


TARGETS: dict[str, Callable[[Path], None]] = {"headers": headers, "pixels": pixels}


def look(target: Callable[[Path], None], data: bytes) -> str | None:
    """Run a target on bytes; return the sentence where they are refused."""
    handle, name = tempfile.mkstemp(suffix=".tif")
    try:
        os.write(handle, data)
        os.close(handle)
        target(Path(name))
    except ScanError as error:
        text = str(error)
        assert _is_plain(text)
        assert text.endswith(".")
        return text
    finally:
        Path(name).unlink()
    return None


def _is_plain(text: str) -> bool:
    """Tell whether a text is one line that a person would read to its end."""
    return bool(text) and "\n" not in text and len(text) < 500
