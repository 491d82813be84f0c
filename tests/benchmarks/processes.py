"""A process of its own for each measurement, so that its time and memory are its own."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Run:
    """What one process took."""

    wall: float
    cpu: float
    megabytes: float


def run(words: Sequence[object]) -> Run:
    """Run a command to its end; raise SystemExit where it fails."""
    started = time.perf_counter()
    process = subprocess.Popen([str(word) for word in words])
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{words[0]} failed")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
