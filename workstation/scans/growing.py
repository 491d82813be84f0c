"""A file that several threads append to; whoever comes next writes where the last one ended."""

from __future__ import annotations

import threading
from pathlib import Path

from workstation.portable import PositionedWriter
from workstation.scans.tables import HEADER


class GrowingFile:
    """A new TIFF: room for the header, then whatever is appended; nothing opens it until `begin`."""

    def __init__(self, path: Path) -> None:
        self._file = PositionedWriter(path)
        self._lock = threading.Lock()
        self.end = HEADER

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

    def close(self) -> None:
        """Give the file back to the system."""
        self._file.close()
