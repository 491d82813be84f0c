"""Run every benchmark, or those named, under a heading of machine and commit.

python -m tests.benchmarks [scans restoration …]
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

FOLDER = Path(__file__).parent


def main(names: list[str]) -> int:
    """Print the tables of the named benchmarks, or of all; 2 for an unknown name."""
    known = sorted(path.stem.removeprefix("bench_") for path in FOLDER.glob("bench_*.py"))
    unknown = set(names) - set(known)
    if unknown:
        sys.stderr.write(f"There is no benchmark {unknown.pop()!r}. There are: {', '.join(known)}.\n")
        return 2
    print(heading())
    for name in names or known:
        started = time.monotonic()
        print(f"\n== {name}", flush=True)
        import_module(f"tests.benchmarks.bench_{name}").main()
        print(f"({time.monotonic() - started:.0f} s)", flush=True)
    return 0


def heading() -> str:
    """Say when, where and of which commit the figures are."""
    commit = _commit()
    when = datetime.now(UTC).isoformat(timespec="minutes")
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {_processor()}"
    return f"{when} · {machine} · Python {platform.python_version()} · commit {commit or 'unknown'}"


def _commit() -> str:
    if shutil.which("git") is None:
        return ""
    words = ["git", "describe", "--always", "--dirty"]
    return subprocess.run(words, cwd=FOLDER, capture_output=True, text=True, check=False).stdout.strip()


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if not information.exists():
        return platform.processor()
    lines = information.read_text(encoding="utf-8").splitlines()
    return next(
        (line.partition(": ")[2] for line in lines if line.startswith("model name")), "unknown processor"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
