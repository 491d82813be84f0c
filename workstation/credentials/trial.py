"""Has a credential read in a process of its own first, which may die or be ended: see tried.py.

The library bounds how deep boxes lie, but not how often they refer to each other: ten megabytes were seen to
take all memory of a machine, and empty boxes to keep it busy for minutes. What is small can do no such harm
and is spared the trial; what passed it takes no longer the second time.
"""

from __future__ import annotations

import atexit
import json
import subprocess
import sys
import threading
from io import BytesIO
from pathlib import Path
from typing import IO, Any, BinaryIO

from workstation.credentials import engine
from workstation.portable import without_a_window

HARMLESS = 96 * 1024
"""A credential of that many bytes was never seen to take more than 0.2 s and 150 MB, whatever is in it."""
MOST_MEMORY = 350_000_000
"""What the library may take for a credential; of a file that holds one it takes up to two copies besides."""
MOST_SECONDS, SECONDS_A_BYTE = 3.0, 1 / 50_000_000
"""Of the processor's time; by the clock four times as much, as others may need it too."""


class Trial:
    """One process that reads what others shall read later; it is started when it is first needed."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def passes(self, kind: str, file: BinaryIO, credential: bytes | None = None) -> bool:
        """Tell whether the library can read this within bounds of time and memory."""
        held, size = _bytes_of(file), _size(file) + len(credential or b"")
        if size <= HARMLESS:
            return True
        told = {
            "kind": kind,
            "path": None if held is not None else file.name,
            "data": len(held or b""),
            "credential": len(credential or b""),
            "memory": MOST_MEMORY + (2 * size if held is None else 0),
            "seconds": MOST_SECONDS + size * SECONDS_A_BYTE,
            "settings": engine.settings(""),
        }
        with self._lock:
            return self._ask(told, held or b"", credential or b"")

    def end(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
        self._process = None

    def _ask(self, told: dict[str, Any], data: bytes, credential: bytes) -> bool:
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        timer = threading.Timer(4 * told["seconds"], process.kill)
        timer.start()
        try:
            process.stdin.write(json.dumps(told).encode() + b"\n")
            for part in (data, credential):
                process.stdin.write(part)
            process.stdin.flush()
            answer = process.stdout.readline()
        except (BrokenPipeError, OSError):
            answer = b""
        finally:
            timer.cancel()
        if answer != b"read\n":
            self.end()
        return answer == b"read\n"

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.end()
            script = str(Path(__file__).with_name("tried.py"))
            self._process = subprocess.Popen(
                [sys.executable, "-P", script],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                **without_a_window(),
            )
        return self._process


def _bytes_of(file: IO[bytes]) -> bytes | None:
    return file.getvalue() if isinstance(file, BytesIO) else None


def _size(file: IO[bytes]) -> int:
    held = _bytes_of(file)
    return len(held) if held is not None else Path(file.name).stat().st_size


TRIAL = Trial()
atexit.register(TRIAL.end)
