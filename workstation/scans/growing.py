"""A file that several threads append to; whoever comes next writes where the last one ended."""

from __future__ import annotations

import threading
from pathlib import Path

from workstation.portable import PositionedWriter
from workstation.scans.tables import HEADER


class GrowingFile:
    """A TIFF, new or kept up to a place: room for the header, then what is appended; `begin` makes it one."""

    def __init__(self, path: Path, keep: int = 0) -> None:
        self._file = PositionedWriter(path, keep)
        self._lock = threading.Lock()
        self.end = max(keep, HEADER)

    def append(self, data: bytes) -> int:
        """Write `data` at an even place at the end and return that place."""
        with self._lock:
            offset = self.end
            self.end += len(data) + (len(data) & 1)
        self._file.write_at(offset, data)
        return offset

    def begin(self, header: bytes) -> None:
        """Write the header: from now on the file is a picture."""
        self._file.write_at(0, header)

    def sync(self) -> None:
        """Return once the bytes are on the disk."""
        self._file.sync()

    def close(self) -> None:
        """Give the file back to the system."""
        self._file.close()
